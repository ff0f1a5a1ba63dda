import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { digestOf } from "../../pipeline/base/digest.ts"
import { Disk, layer as realDisk } from "../../pipeline/store/disk.ts"
import { copyIn } from "../../pipeline/store/remote/copy-in.ts"
import { folderRemote, localFiles } from "../../pipeline/store/remote/folder.ts"
import { names } from "../../pipeline/store/remote/names.ts"
import { makePartials } from "../../pipeline/store/remote/partials.ts"
import type { Remote } from "../../pipeline/store/remote/remote.ts"
import { makeSender } from "../../pipeline/store/remote/send.ts"
import { layer as storeIn, Store } from "../../pipeline/store/store.ts"
import { empty } from "../rig/places.ts"

const size = (9 << 20) + 1000
const content = randomBytes(size)
const ref = { digest: digestOf(content), size }
const ignore = () => undefined

/** Does something with a folder that is then removed. */
const inFolder = <A, E>(use: (folder: string) => Effect.Effect<A, E, Disk>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "redag-large-"))),
    use,
    (folder) => Effect.sync(() => empty(folder)),
  ).pipe(Effect.provide(realDisk))

/** A remote, of whose object other bytes come than it has, and how many were asked for. */
const counted = (remote: Remote["Service"], made: (bytes: Uint8Array, at: number) => Uint8Array = (bytes) => bytes) => {
  let read = 0
  return {
    read: () => read,
    remote: {
      ...remote,
      readFrom: (name: string, offset: number) => {
        let at = offset
        return Stream.map(remote.readFrom(name, offset), (bytes) => {
          const sent = made(bytes, at)
          at += bytes.length
          read += sent.length
          return sent
        })
      },
    } satisfies Remote["Service"],
  }
}

/** The partial objects of a new owner in the store of a folder. */
const partialsIn = (folder: string) =>
  Effect.gen(function*() {
    const disk = yield* Disk
    const { layout, processes, owner } = yield* Store
    return { layout, partials: makePartials(disk, layout, processes, owner) }
  }).pipe(Effect.provide(storeIn(join(folder, "store"))))

const remoteWith = (folder: string, bytes: Buffer = content): Remote["Service"] => {
  const path = join(folder, "remote", names.object(ref.digest))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return folderRemote(join(folder, "remote"))
}

describe("a large object", () => {
  it.effect("comes into the store behind what an earlier attempt left, which is hashed and not asked for again", () =>
    inFolder(Effect.fnUntraced(function*(folder) {
      const { layout, partials } = yield* partialsIn(folder)
      const { read, remote } = counted(remoteWith(folder))
      mkdirSync(layout.partial.folder, { recursive: true })
      writeFileSync(layout.partial.path(ref.digest), content.subarray(0, 5_000_000))
      const heard: Array<number> = []
      yield* partials.fetch(remote, ref, (here) => heard.push(here))
      assert.isTrue(readFileSync(layout.object(ref.digest)).equals(content))
      assert.strictEqual(read(), size - 5_000_000)
      assert.deepStrictEqual([heard[0], heard.at(-1)], [5_000_000, size])
      assert.deepStrictEqual(readdirSync(layout.partial.folder), [])
    })))

  it.effect("leaves what came before it failed, for the next attempt", () =>
    inFolder(Effect.fnUntraced(function*(folder) {
      const { layout, partials } = yield* partialsIn(folder)
      const whole = remoteWith(folder)
      const cut: Remote["Service"] = {
        ...whole,
        readFrom: (name, offset) =>
          Stream.concat(
            Stream.take(whole.readFrom(name, offset), 3),
            Stream.fromEffect(Effect.die("the power is gone")),
          ),
      }
      yield* Effect.exit(partials.fetch(cut, ref, ignore))
      const left = statSync(layout.partial.path(ref.digest)).size
      assert.isAbove(left, 0)
      assert.isFalse(existsSync(layout.object(ref.digest)))
      const { read, remote } = counted(whole)
      yield* partials.fetch(remote, ref, ignore)
      assert.strictEqual(read(), size - left)
      assert.isTrue(readFileSync(layout.object(ref.digest)).equals(content))
    })))

  it.effect("is brought once more from its beginning where what was left, or what came, is damaged", () =>
    inFolder(Effect.fnUntraced(function*(folder) {
      const { layout, partials } = yield* partialsIn(folder)
      mkdirSync(layout.partial.folder, { recursive: true })
      writeFileSync(layout.partial.path(ref.digest), Buffer.alloc(1000))
      const { read, remote } = counted(remoteWith(folder))
      yield* partials.fetch(remote, ref, ignore)
      assert.strictEqual(read(), 2 * size - 1000)
      assert.isTrue(readFileSync(layout.object(ref.digest)).equals(content))
    })))

  it.effect("is not kept where the remote has other bytes, or more of them; the error names the object", () =>
    inFolder(Effect.fnUntraced(function*(folder) {
      const { layout, partials } = yield* partialsIn(folder)
      for (const bytes of [Buffer.concat([content.subarray(1), Buffer.alloc(1)]), Buffer.concat([content, content])]) {
        const error = yield* Effect.flip(partials.fetch(remoteWith(folder, bytes), ref, ignore))
        assert.strictEqual(error.damaged, ref.digest)
        assert.match(error.message, /has other bytes at the remote/u)
        assert.isFalse(existsSync(layout.object(ref.digest)))
        assert.deepStrictEqual(readdirSync(layout.partial.folder), [])
      }
    })))

  it.effect("is copied to a remote behind what an earlier attempt left there, as far as that is equal", () =>
    inFolder(Effect.fnUntraced(function*(folder) {
      const [path, temporary] = [join(folder, "file"), join(folder, "temporary")]
      writeFileSync(path, content)
      const written: Array<number> = []
      const files = {
        ...localFiles,
        open: async (path: string, how: "read" | "new" | "more") => {
          const file = await localFiles.open(path, how)
          return {
            ...file,
            write: (bytes: Uint8Array, position: number) => {
              written.push(bytes.length)
              return file.write(bytes, position)
            },
          }
        },
      }
      // A megabyte is equal, then the remote's disk lost something.
      writeFileSync(temporary, Buffer.concat([content.subarray(0, 1 << 20), Buffer.alloc(1 << 20)]))
      const copied = yield* Effect.promise(() =>
        copyIn(files, { temporary, file: { path, ...ref }, progress: ignore, isStopped: () => false })
      )
      assert.strictEqual(copied, "whole")
      assert.isTrue(readFileSync(temporary).equals(content))
      assert.strictEqual(written.reduce((sum, length) => sum + length, 0), size - (1 << 20))
    })))

  it.effect("is not sent where it is damaged here, and is not asked to be sent twice", () =>
    inFolder(Effect.fnUntraced(function*(folder) {
      const disk = yield* Disk
      const path = join(folder, "file")
      writeFileSync(path, content)
      const root = join(folder, "remote")
      mkdirSync(root)
      const send = makeSender(disk, folderRemote(root))
      const object = { path, ...ref }
      const heard: Array<number> = []
      assert.isTrue(yield* send(object, (sent) => heard.push(sent)))
      assert.strictEqual(heard.at(-1), size)
      assert.isTrue(readFileSync(join(root, names.object(ref.digest))).equals(content))
      assert.deepStrictEqual(readdirSync(join(root, "tmp")), [])
      assert.isFalse(yield* send(object))
      const other = { ...object, digest: digestOf("other") }
      assert.strictEqual((yield* Effect.flip(send(other))).damaged, other.digest)
      const gone = { path: join(folder, "none"), digest: digestOf("gone"), size }
      assert.match((yield* Effect.flip(send(gone))).message, /is not in the store/u)
      const small = { path, digest: digestOf("small"), size: 5 }
      writeFileSync(join(folder, "small"), "small")
      assert.isTrue(yield* send({ ...small, path: join(folder, "small") }))
      writeFileSync(join(folder, "small"), "smalL")
      assert.strictEqual((yield* Effect.flip(send({ ...small, path: join(folder, "small") }))).damaged, small.digest)
      assert.isFalse(existsSync(join(root, names.object(other.digest))))
    })))
})
