import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { randomBytes } from "node:crypto"
import { type Digest, digestOf } from "../../pipeline/base/digest.ts"
import type { Source } from "../../pipeline/store/disk.ts"
import { PART, partsAtOnce, partsOf } from "../../pipeline/store/remote/large.ts"
import { abortOld, uploadInParts } from "../../pipeline/store/remote/multipart.ts"
import { PartServer } from "./parts.ts"

const size = 3 * PART + 1000
const content = randomBytes(size)
const name = `objects/${digestOf(content)}`

/** A file in memory. */
const sourceOf = (bytes: Buffer): Source => ({
  size: bytes.length,
  read: (start, end, into = new Uint8Array(end - start)) => {
    const part = into.subarray(0, end - start)
    part.set(bytes.subarray(start, end))
    return part
  },
  close: () => undefined,
})

const upload = (
  server: PartServer,
  digest: Digest = digestOf(content),
  progress: (there: number) => void = () => undefined,
) => uploadInParts(server.calls, name, { path: "the/file", digest, size }, sourceOf(content), progress)

describe("a file in parts", () => {
  it("is cut into at most 10,000 parts of one length that hold all of it", () => {
    for (const size of [1, PART, PART + 1, 3 * 2 ** 30, 80 * 2 ** 30, 5 * 2 ** 40]) {
      const parts = [...partsOf(size)]
      assert.isAtMost(parts.length, 10_000)
      assert.strictEqual(parts[0]?.start, 0)
      assert.strictEqual(parts.at(-1)?.end, size)
      assert.isTrue(
        parts.every(({ start, number }, index) => number === index + 1 && start === (parts[index - 1]?.end ?? 0)),
      )
      assert.lengthOf(new Set(parts.slice(0, -1).map(({ start, end }) => end - start)), parts.length > 1 ? 1 : 0)
      assert.isAtLeast(partsAtOnce(size), 1)
    }
  })

  it.effect("is there whole after an upload, of which no upload is left, and never many parts at once in memory", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      const heard: Array<number> = []
      const { proved } = yield* upload(server, digestOf(content), (there) => heard.push(there))
      assert.isTrue(proved)
      assert.isTrue(server.objects.get(name)?.equals(content))
      assert.strictEqual(server.running.size, 0)
      assert.isAtMost(server.most, 4 * PART)
      assert.strictEqual(heard.at(-1), size)
      assert.deepStrictEqual(heard, heard.toSorted((one, other) => one - other))
    }))

  it.effect("goes on with the parts that the server has, also of another machine, and sends those that differ again", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      const reached = Promise.withResolvers<void>()
      server.before = (
        number,
      ) => (number <= 2 ? Effect.void : Effect.andThen(Effect.sync(reached.resolve), Effect.never))
      const first = yield* Effect.forkChild(upload(server))
      yield* Effect.promise(() => reached.promise)
      while (server.sent.length < 2) yield* Effect.yieldNow
      yield* Fiber.interrupt(first)
      assert.sameMembers(server.sent.splice(0), [1, 2])
      const [left] = [...server.running.values()]
      if (left === undefined) return assert.fail("nothing is left to go on with")
      // One part of it was damaged since, or is of another content.
      server.keep(left, 2, randomBytes(PART))
      server.before = () => Effect.void
      assert.isTrue((yield* upload(server)).proved)
      assert.sameMembers(server.sent, [2, 3, 4])
      assert.isTrue(server.objects.get(name)?.equals(content))
    }))

  it.effect("begins again where another gave the upload up, and is finished where another finished it", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      server.before = (number) =>
        Effect.sync(() => {
          if (number === 4 && server.sent.length < 4) server.running.clear()
        })
      assert.isTrue((yield* upload(server)).proved)
      assert.isTrue(server.objects.get(name)?.equals(content))
      const other = new PartServer()
      other.before = (number) =>
        Effect.sync(() => {
          if (number !== 4) return
          other.running.clear()
          other.objects.set(name, content)
        })
      assert.isFalse((yield* upload(other)).proved)
      assert.strictEqual(other.running.size, 0)
    }))

  it.effect("says so where the server forgets parts again and again", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      server.before = (number) => Effect.sync(() => void (number === 4 && server.running.clear()))
      const error = yield* Effect.flip(upload(server))
      assert.match(error.message, /forgets the parts of an upload/u)
    }))

  it.effect("sends a part again that did not arrive as it was sent", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      let isFirst = true
      server.receive = (number, bytes) => {
        if (number !== 2 || !isFirst) return bytes
        isFirst = false
        return Buffer.alloc(bytes.length)
      }
      assert.isTrue((yield* upload(server)).proved)
      assert.strictEqual(server.sent.filter((number) => number === 2).length, 2)
      assert.isTrue(server.objects.get(name)?.equals(content))
    }))

  it.effect("is not proved by a server whose ETags are no MD5s, nor where all of a part's copies differ", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      server.etag = () => "00112233445566778899aabbccddeeff"
      assert.isFalse((yield* upload(server)).proved)
      const other = new PartServer()
      other.receive = (number, bytes) => (number === 2 ? Buffer.alloc(bytes.length) : bytes)
      assert.isFalse((yield* upload(other)).proved)
    }))

  it.effect("is not kept where the file here has other bytes than its digest says", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      const error = yield* Effect.flip(upload(server, digestOf("something else")))
      assert.strictEqual(error.damaged, digestOf("something else"))
      assert.strictEqual(server.objects.size, 0)
      assert.strictEqual(server.running.size, 0)
    }))

  it.effect("is given up for all once its last part is old, by the server's clock", () =>
    Effect.gen(function*() {
      const server = new PartServer()
      const old = server.begin("objects/old")
      server.keep(old, 1, Buffer.from("old"))
      const slow = server.begin("objects/slow")
      server.begin("elsewhere/old")
      server.time += 1001
      server.keep(slow, 1, Buffer.from("young"))
      server.begin("objects/new")
      assert.strictEqual(yield* abortOld(server.calls, "objects/", 1000), 1)
      assert.sameMembers([...server.running.values()].map((upload) => upload.name), [
        "objects/slow",
        "elsewhere/old",
        "objects/new",
      ])
    }))
})
