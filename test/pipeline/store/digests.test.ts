import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { findFiles } from "../../../pipeline/graph/files.ts"
import { Hashing } from "../../../pipeline/graph/hashing.ts"
import { calls } from "../../../pipeline/store/calls.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { often } from "../../rig/often.ts"
import { zipOf } from "../../rig/zip.ts"
import { inFolder, storeLayer } from "./support.ts"

const CHANGES = often(60, 200)

const MB = 1 << 20

/** What a file of a few megabytes holds: enough to be remembered. */
const large = (byte: number): Buffer => Buffer.alloc(5 * MB, byte)

/** Looks for a file as a process of its own would; gives its digest, and how many bytes were hashed. */
const look = async (
  folder: string,
  name = "model.bin",
  store: Layer.Layer<Store.Store | Disk.Disk> = storeLayer(join(folder, "store")),
  hears: (done: number) => void = () => {},
) => {
  let hashed = 0
  const hashing = (_: string, done: number) => {
    hashed = done
    hears(done)
  }
  const find = Effect.gen(function*() {
    const { digests } = yield* Store.Store
    return yield* findFiles({ title: "the model", base: folder, names: [name] }, digests)
  })
  const found = await Effect.runPromise(find.pipe(Effect.provideService(Hashing, hashing), Effect.provide(store)))
  const digest = found._tag === "Found" ? found.files[0]?.digest : undefined
  return { digest, hashed }
}

/** A folder with an empty store and these files. */
const withFiles = (
  files: Readonly<Record<string, Uint8Array>>,
  use: (folder: string) => Promise<void>,
): Promise<void> =>
  inFolder((folder) => {
    mkdirSync(join(folder, "store"))
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return use(folder)
  })

const index = (folder: string): string => join(folder, "store/index/digests.json")

/** Waits until a file that is written now has other times than any before. */
const tick = (folder: string): void => {
  const timeOf = () => {
    writeFileSync(join(folder, "clock"), "x")
    return statSync(join(folder, "clock"), { bigint: true }).ctimeNs
  }
  for (const start = timeOf(); timeOf() <= start + 20_000_000n;);
}

/** Looks until what is there is remembered. */
const remember = async (folder: string, name = "model.bin"): Promise<void> => {
  tick(folder)
  await look(folder, name)
  assert.strictEqual((await look(folder, name)).hashed, 0)
}

describe("the memory of digests", () => {
  it("hashes a file once, and gives the same without the memory", () =>
    withFiles({ "model.bin": large(1) }, async (folder) => {
      tick(folder)
      const digest = digestOf(large(1))
      assert.deepStrictEqual(await look(folder), { digest, hashed: 5 * MB })
      assert.deepStrictEqual(await look(folder), { digest, hashed: 0 })
      rmSync(join(folder, "store/index"), { recursive: true })
      assert.deepStrictEqual(await look(folder), { digest, hashed: 5 * MB })
    }))

  const changes: ReadonlyArray<readonly [what: string, change: (file: string) => void]> = [
    ["overwritten", (file) => writeFileSync(file, large(2))],
    ["replaced by a file that was made before", (file) => {
      writeFileSync(`${file}.new`, large(2))
      renameSync(`${file}.new`, file)
    }],
  ]
  for (const [what, change] of changes) {
    it(`sees a file that is ${what}, of the same size and with the same time`, () =>
      withFiles({ "model.bin": large(1) }, async (folder) => {
        const file = join(folder, "model.bin")
        utimesSync(file, 1_600_000_000, 1_600_000_000)
        await remember(folder)
        change(file)
        utimesSync(file, 1_600_000_000, 1_600_000_000)
        assert.strictEqual(statSync(file).mtimeMs, 1_600_000_000_000)
        assert.strictEqual((await look(folder)).digest, digestOf(large(2)))
      }))
  }

  it(`is right after each of ${CHANGES} changes of any kind`, () =>
    withFiles({ "model.bin": large(0), "other.bin": large(1) }, async (folder) => {
      const file = (name: string) => join(folder, name)
      const names = ["model.bin", "other.bin"] as const
      let [seed, hits] = [14, 0]
      /** Of each file, whether its times are over, and whether it was looked at since: then it is remembered. */
      const isOver = new Set<string>()
      const isKnown = new Set<string>()
      const changed = (...changed: ReadonlyArray<string>) => {
        for (const each of changed) {
          isOver.delete(each)
          isKnown.delete(each)
        }
      }
      const random = (below: number): number => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
        return Math.floor((seed / 2 ** 31) * below)
      }
      for (let step = 0; step < CHANGES; step++) {
        const name = names[random(2)] ?? "model.bin"
        const { atime, mtime } = statSync(file(name))
        switch (random(6)) {
          case 0:
            changed(name)
            writeFileSync(file(name), large(step))
            break
          case 1:
            changed(name)
            writeFileSync(file(name), large(step))
            utimesSync(file(name), atime, mtime)
            break
          case 2:
            changed(...names)
            renameSync(file("model.bin"), file("x"))
            renameSync(file("other.bin"), file("model.bin"))
            renameSync(file("x"), file("other.bin"))
            break
          case 3:
            changed(name)
            utimesSync(file(name), 1_600_000_000, 1_600_000_000)
            break
          case 4:
            tick(folder)
            for (const each of names) isOver.add(each)
            break
        }
        for (const each of names) {
          const { digest, hashed } = await look(folder, each)
          assert.strictEqual(digest, digestOf(readFileSync(file(each))), `step ${step}`)
          if (isKnown.has(each)) {
            assert.strictEqual(hashed, 0, `step ${step}`)
            hits++
          }
          if (isOver.has(each)) isKnown.add(each)
        }
      }
      assert.isAbove(hits, 20)
    }))

  it("does not believe a file whose times were not over when it was hashed", () =>
    withFiles({ "model.bin": large(1) }, async (folder) => {
      // A store whose clock stands still.
      const stat = (path: string) => {
        const stats = calls.stat(path)
        if (stats !== undefined) stats.mtimeMs = Math.min(stats.mtimeMs, 1_600_000_000_000)
        return stats
      }
      const slow = () => look(folder, "model.bin", storeLayer(join(folder, "store"), { ...calls, stat }))
      assert.strictEqual((await slow()).hashed, 5 * MB)
      assert.strictEqual((await slow()).hashed, 5 * MB)
      const future = new Date(Date.now() + 3_600_000)
      utimesSync(join(folder, "model.bin"), future, future)
      for (let time = 0; time < 2; time++) assert.strictEqual((await look(folder)).hashed, 5 * MB)
    }))

  it("does not remember a file that changed while it was hashed", () =>
    withFiles({ "model.bin": Buffer.alloc(20 * MB, 1) }, async (folder) => {
      tick(folder)
      const file = join(folder, "model.bin")
      const grow = (done: number) => {
        if (done < 20 * MB) appendFileSync(file, "more")
      }
      await look(folder, "model.bin", storeLayer(join(folder, "store")), grow)
      const { digest, hashed } = await look(folder)
      assert.strictEqual(digest, digestOf(readFileSync(file)))
      assert.strictEqual(hashed, statSync(file).size)
    }))

  it("is ignored where it is damaged in any way", () =>
    withFiles({ "model.bin": large(1) }, async (folder) => {
      await remember(folder)
      const sound = readFileSync(index(folder))
      const damaged = [
        Buffer.alloc(0),
        sound.subarray(0, sound.length - 10),
        Buffer.from("[]"),
        ...Array.from({ length: 40 }, (_, at) => {
          const flipped = Buffer.from(sound)
          const place = Math.floor((at / 40) * sound.length)
          flipped.writeUInt8((flipped[place] ?? 0) ^ 1, place)
          return flipped
        }),
      ]
      for (const bytes of damaged) {
        writeFileSync(index(folder), bytes)
        assert.deepStrictEqual(await look(folder), { digest: digestOf(large(1)), hashed: 5 * MB })
      }
      rmSync(index(folder))
      mkdirSync(index(folder))
      assert.strictEqual((await look(folder)).digest, digestOf(large(1)))
    }))

  it("is read from a store that cannot be written to, and nothing is written", () =>
    withFiles({ "model.bin": large(1), "other.bin": large(2) }, async (folder) => {
      await remember(folder)
      const before = readFileSync(index(folder))
      const store = Store.layer(join(folder, "store")).pipe(Layer.provideMerge(Disk.readOnly))
      assert.deepStrictEqual(await look(folder, "model.bin", store), { digest: digestOf(large(1)), hashed: 0 })
      assert.deepStrictEqual(await look(folder, "other.bin", store), { digest: digestOf(large(2)), hashed: 5 * MB })
      assert.deepStrictEqual(readFileSync(index(folder)), before)
    }))

  it("makes no store where there is none, unless very much was hashed", () =>
    withFiles({ "model.bin": large(1) }, async (folder) => {
      rmSync(join(folder, "store"), { recursive: true })
      await look(folder)
      assert.isFalse(existsSync(join(folder, "store")))
    }))

  it("keeps what two processes learn at once", () =>
    withFiles({ "model.bin": large(1), "other.bin": large(2) }, async (folder) => {
      tick(folder)
      await Promise.all([look(folder), look(folder, "other.bin")])
      assert.strictEqual((await look(folder)).digest, digestOf(large(1)))
      assert.strictEqual((await look(folder, "other.bin")).digest, digestOf(large(2)))
      await remember(folder)
      await remember(folder, "other.bin")
      assert.strictEqual((await look(folder)).hashed, 0)
    }))

  it("remembers a file in an archive as long as that is the same", () =>
    withFiles({ "a.zip": zipOf({ "a/x.bin": large(1), "a/y.bin": large(2) }) }, async (folder) => {
      await remember(folder, "a/x.bin")
      await remember(folder, "a/y.bin")
      const archive = join(folder, "a.zip")
      const { atime, mtime, size } = statSync(archive)
      writeFileSync(archive, zipOf({ "a/x.bin": large(2), "a/y.bin": large(1) }))
      utimesSync(archive, atime, mtime)
      assert.strictEqual(statSync(archive).size, size)
      assert.strictEqual((await look(folder, "a/x.bin")).digest, digestOf(large(2)))
      assert.strictEqual((await look(folder, "a/y.bin")).digest, digestOf(large(1)))
    }))

  it("tells a folder in an archive from an archive of its name", () =>
    withFiles({
      "a.zip": zipOf({ "b.zip": zipOf({ "x.bin": large(1) }), "b/x.bin": large(2), "b.zip/x.bin": large(3) }),
    }, async (folder) => {
      for (let time = 0; time < 2; time++) {
        assert.strictEqual((await look(folder, "a/b/x.bin")).digest, digestOf(large(2)))
        assert.strictEqual((await look(folder, "a/b.zip/x.bin")).digest, digestOf(large(3)))
        tick(folder)
      }
    }))
})
