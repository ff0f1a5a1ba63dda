import { Effect, Stream } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import type { InputError, StoreError } from "../../../../pipeline/base/errors.ts"
import { openRemote } from "../../../../pipeline/store/remote/open.ts"
import { always, onlyNew, type Remote, replacing } from "../../../../pipeline/store/remote/remote.ts"
import { empty, takePlace } from "../../../rig/places.ts"

type Service = Remote["Service"]

/** What a test does with a remote; each call opens another connection. */
export type Use = <A>(use: (remote: Service) => Effect.Effect<A, StoreError>) => Promise<A>

/** Opens the remote of an address for as long as something is done with it. */
export const using = (address: string): Use => (use) =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(openRemote(address), use)))

/** The failure of what is done with a remote, or of opening it. */
export const failing = (
  address: string,
  use: (remote: Service) => Effect.Effect<unknown, StoreError>,
): Promise<InputError | StoreError> =>
  Effect.runPromise(Effect.scoped(Effect.flip(Effect.flatMap(openRemote(address), use))))

export const text = (content: string): Buffer => Buffer.from(content)

export const collected = (stream: Stream.Stream<Uint8Array, StoreError>): Effect.Effect<Buffer, StoreError> =>
  Effect.map(Stream.runCollect(stream), (pieces) => Buffer.concat([...pieces]))

export const namesIn = (remote: Service, prefix: string, after?: string) =>
  Effect.map(Stream.runCollect(remote.list(prefix, after)), (entries) => entries.map(({ name }) => name))

/** What every remote does, whatever it is made of: an address of an empty one for each test. */
export const itKeepsTheContract = (newAddress: () => Promise<string>): void => {
  let address: string
  let remote: Use
  beforeEach(async () => {
    address = await newAddress()
    remote = using(address)
  })

  it("reads what was written, in another process too", async () => {
    const bytes = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, index) => index * 7))
    await remote((it) => it.write("objects/ab/cd", bytes, always))
    await remote((it) => it.write("empty", Buffer.alloc(0), always))
    expect(
      await remote((it) =>
        Effect.all([it.read("objects/ab/cd", 70_000), it.size("objects/ab/cd"), it.read("empty", 10), it.size("empty")])
      ),
    ).toMatchObject([{ bytes }, 70_000, { bytes: Buffer.alloc(0) }, 0])
  })

  it("makes what is there young, and changes nothing of it", async () => {
    await remote((it) => it.write("objects/ab/old", text("as it was"), always))
    const before = await remote((it) => it.read("objects/ab/old", 99))
    expect(await remote((it) => Effect.all([it.renew("objects/ab/old"), it.renew("no/thing")]))).toEqual([9, undefined])
    expect(await remote((it) => it.read("objects/ab/old", 99))).toEqual(before)
  })

  it("says that nothing is where nothing is", async () => {
    expect(
      await remote((it) =>
        Effect.all([it.read("no/thing", 9), it.size("no/thing"), it.remove("no/thing"), namesIn(it, "")])
      ),
    ).toEqual([undefined, undefined, false, []])
    expect(await failing(address, (it) => collected(it.readFrom("no/thing", 0)))).toMatchObject({ code: "gone" })
  })

  it("does not read as a whole what is larger than asked for", async () => {
    await remote((it) => it.write("large", Buffer.alloc(101), always))
    expect((await failing(address, (it) => it.read("large", 100))).message).toBe(
      "cannot be read: it has more than 100 bytes",
    )
    expect((await remote((it) => it.read("large", 101)))?.bytes.length).toBe(101)
  })

  it("writes where nothing stands, once", async () => {
    const [first, second] = await remote((it) =>
      Effect.all([it.write("a", text("one"), onlyNew), it.write("a", text("two"), onlyNew)])
    )
    expect(second).toBeUndefined()
    expect(await remote((it) => it.read("a", 9))).toEqual({ bytes: text("one"), version: first })
  })

  it("of twenty who write where nothing stands, lets one", async () => {
    const versions = await remote((it) =>
      Effect.forEach(
        Array.from({ length: 20 }, (_, index) => index),
        (index) => it.write("a", text(`from ${index}`), onlyNew),
        { concurrency: "unbounded" },
      )
    )
    const winners = versions.flatMap((version, index) => (version === undefined ? [] : [index]))
    expect(winners).toHaveLength(1)
    expect((await remote((it) => it.read("a", 99)))?.bytes.toString()).toBe(`from ${winners[0]}`)
  })

  it("replaces the version that was read, and no other", async () => {
    const versions = await remote((it) =>
      Effect.gen(function*() {
        const first = (yield* it.write("a", text("one"), onlyNew)) ?? ""
        const second = yield* it.write("a", text("two"), replacing(first))
        return [
          second,
          yield* it.write("a", text("three"), replacing(first)),
          yield* it.write("b", text("x"), replacing(first)),
        ]
      })
    )
    expect(versions).toEqual([expect.any(String), undefined, undefined])
    expect(await remote((it) => Effect.all([it.read("a", 9), it.read("b", 9)]))).toEqual([
      { bytes: text("two"), version: versions[0] },
      undefined,
    ])
  })

  it("counts right where ten count at once, each on a connection of its own", async () => {
    await remote((it) => it.write("count", text("0"), onlyNew))
    const countOnce = (it: Service): Effect.Effect<void, StoreError> =>
      Effect.gen(function*() {
        for (;;) {
          const found = yield* it.read("count", 99)
          if (found === undefined) return yield* Effect.die("it is gone")
          const next = text(String(Number(found.bytes.toString()) + 1))
          if ((yield* it.write("count", next, replacing(found.version))) !== undefined) return
        }
      })
    await Promise.all(Array.from({ length: 10 }, () => remote(countOnce)))
    expect((await remote((it) => it.read("count", 99)))?.bytes.toString()).toBe("10")
  })

  it("removes what stands at a name, once", async () => {
    const removed = await remote((it) =>
      Effect.andThen(it.write("a", text("one"), onlyNew), Effect.all([it.remove("a"), it.remove("a"), it.size("a")]))
    )
    expect(removed).toEqual([true, false, undefined])
  })

  it("removes what was last written when it is said to be, and not what became young since", async () => {
    const removed = await remote((it) =>
      Effect.gen(function*() {
        yield* it.write("folder/a", text("one"), always)
        const written = (yield* Stream.runCollect(it.list("folder/")))[0]?.written ?? 0
        return [
          yield* it.remove("folder/a", written - 60_000),
          yield* it.size("folder/a"),
          yield* it.remove("folder/a", written),
          yield* it.remove("folder/a", written),
          yield* it.size("folder/a"),
        ]
      })
    )
    expect(removed).toEqual([false, 3, true, false, undefined])
  })

  it("lists names in the order of their bytes, by prefix, behind another", async () => {
    const all = ["a-b/c", "a.d", "a/b/c", "a/b/d", "a/b-e", "aa", "b/c"]
    await remote((it) => Effect.forEach(all, (name) => it.write(name, text(name), always)))
    const inOrder = all.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    expect(
      await remote((it) =>
        Effect.all([
          namesIn(it, ""),
          namesIn(it, "a/"),
          namesIn(it, "a/b"),
          namesIn(it, "a", "a/b/c"),
          namesIn(it, "c"),
        ])
      ),
    ).toEqual([
      inOrder,
      ["a/b-e", "a/b/c", "a/b/d"],
      ["a/b-e", "a/b/c", "a/b/d"],
      ["a/b/d", "aa"],
      [],
    ])
    const entries = await remote((it) => Stream.runCollect(it.list("a.")))
    expect(entries.map(({ name, size }) => [name, size])).toEqual([["a.d", 3]])
  })

  it("reads something large from any byte on", async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 800_000 }, (_, index) => index).buffer)
    await remote((it) => it.write("large", bytes, always))
    for (const offset of [0, 1, 1_048_576, 3_199_999, 3_200_000]) {
      const read = await remote((it) => collected(it.readFrom("large", offset)))
      expect(read.equals(bytes.subarray(offset)), `from ${offset}`).toBe(true)
    }
  })

  itUploads(() => address)
}

const itUploads = (address: () => string): void => {
  let place: string
  beforeEach(() => {
    place = takePlace("contract")
  })
  afterEach(() => empty(place))

  it("uploads a file in parts, and leaves nothing beside it", async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 5_000_000 }, (_, index) => index).buffer)
    const file = { path: join(place, "file"), digest: digestOf(bytes), size: bytes.length }
    writeFileSync(file.path, bytes)
    const told: Array<number> = []
    await using(address())((it) => it.upload("objects/up/load", file, (sent) => told.push(sent)))
    expect(told.at(-1)).toBe(bytes.length)
    expect(digestOf(await using(address())((it) => collected(it.readFrom("objects/up/load", 0))))).toBe(file.digest)
    expect(await using(address())((it) => it.tidy(-60_000))).toBe(0)
    expect(await using(address())((it) => namesIn(it, ""))).toEqual(["objects/up/load"])
  })

  it("sends no file that is not what its name says", async () => {
    const file = { path: join(place, "file"), digest: digestOf("something else"), size: 20_000_000 }
    writeFileSync(file.path, Buffer.alloc(file.size))
    const outcome = await failing(address(), (it) => it.upload("objects/up/load", file, () => undefined))
    expect(outcome).toMatchObject({ damaged: file.digest })
    expect(await using(address())((it) => it.size("objects/up/load"))).toBeUndefined()
  })
}
