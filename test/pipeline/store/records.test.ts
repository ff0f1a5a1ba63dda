import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { copyFileSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import { envelop } from "../../../pipeline/store/envelope.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, recordOf, storeLayer } from "./support.ts"

/** Records that an action with this param made an object of this text. */
const publish = Effect.fnUntraced(function*(param: unknown, text: string, speed = "fast") {
  const store = yield* Store
  const [out, speeds] = [yield* store.putBlob(text), yield* store.putBlob(speed)]
  return yield* store.publishRecord(recordOf(param, { out, speeds: { ...speeds, varies: true } }))
})

const hit = (record: ActionRecord) => Effect.flatMap(Store, (store) => store.hit(record.key))

const conflicts = Effect.flatMap(Store, (store) => store.conflicts)

const pathOf = (folder: string, { key }: ActionRecord) => layoutOf(folder).records.path(key)

const publishIn = async (folder: string, text: string, calls?: Calls) =>
  (await onStore(folder, publish(1, text), calls)).record

/** Writes a record as another process does, while this one waits. */
const writeAtOnce = (folder: string, param: number, text: string): void => {
  const write = Effect.gen(function*() {
    const store = yield* Store
    const speeds = { ...yield* store.putBlob("fast"), varies: true }
    yield* store.preferRecord(recordOf(param, { out: yield* store.putBlob(text), speeds }))
  })
  Effect.runSync(write.pipe(Effect.provide(storeLayer(folder))))
}

/** The system's calls; just before the `at`-th record gets its name, `meanwhile` runs. */
const meanwhile = (at: number, act: () => void): Calls => {
  let count = 0
  return {
    ...calls,
    link: (from, to) => {
      if (to.includes("/actions/") && ++count === at) act()
      calls.link(from, to)
    },
  }
}

describe("a record", () => {
  it("stays as it was first written where the same outputs are made again", () =>
    inFolder(async (folder) => {
      const first = await onStore(folder, publish(1, "one"))
      assert.strictEqual(first._tag, "Recorded")
      const bytes = readFileSync(pathOf(folder, first.record))
      // What is declared to vary makes no difference.
      const again = await onStore(folder, publish(1, "one", "slow"))
      assert.deepStrictEqual(again, { _tag: "Same", record: first.record })
      assert.deepStrictEqual(readFileSync(pathOf(folder, first.record)), bytes)
      assert.deepStrictEqual(await onStore(folder, conflicts), [])
    }))

  it("of other outputs is a conflict, which is there once beside the first", () =>
    inFolder(async (folder) => {
      const { record } = await onStore(folder, publish(1, "one"))
      for (let times = 0; times < 2; times++) {
        assert.deepStrictEqual(await onStore(folder, publish(1, "other")), { _tag: "Conflict", record })
      }
      await onStore(folder, publish(1, "third"))
      assert.deepStrictEqual(await onStore(folder, hit(record)), { _tag: "Hit", record })
      const found = await onStore(folder, conflicts)
      assert.deepStrictEqual(found.map(({ found }) => found._tag), ["Sound", "Sound"])
      assert.isTrue(found.every(({ name }) => name.startsWith(`${record.key}.`)))
    }))

  it("that two processes write at the same moment is that of one of them, and the other's is a conflict", () =>
    inFolder(async (folder) => {
      const act = () => writeAtOnce(folder, 1, "other")
      const standing = await publishIn(folder, "mine", meanwhile(1, act))
      const [conflict, ...more] = await onStore(folder, conflicts)
      assert.lengthOf(more, 0)
      const mine = recordOf(
        1,
        await onStore(
          folder,
          Effect.gen(function*() {
            return { out: yield* (yield* Store).putBlob("mine") }
          }),
        ),
      )
      assert.isTrue(conflict?.found._tag === "Sound")
      assert.notStrictEqual(standing.outputs["out"]?.digest, mine.outputs["out"]?.digest)
      assert.strictEqual(
        conflict?.found._tag === "Sound" && conflict.found.value.outputs["out"]?.digest,
        mine.outputs["out"]?.digest,
      )
    }))

  it("that two processes write over a damaged one is that of one of them, and the other's is a conflict", () =>
    inFolder(async (folder) => {
      const first = await publishIn(folder, "first")
      writeFileSync(pathOf(folder, first), "torn")
      const act = () => writeAtOnce(folder, 1, "other")
      // The first name is found to be taken; before it is taken away, another process puts a sound record there.
      const rename = (from: string, to: string) => {
        if (from.includes("/actions/")) act()
        calls.rename(from, to)
      }
      const mine = await publishIn(folder, "mine", { ...calls, rename })
      const found = await onStore(folder, conflicts)
      assert.lengthOf(found, 1)
      const standing = await onStore(folder, hit(mine))
      assert.isTrue(standing._tag === "Hit")
      const digests = [standing, ...found.map(({ found }) => found)].map((each) =>
        each._tag === "Hit"
          ? each.record.outputs["out"]?.digest
          : each._tag === "Sound"
          ? each.value.outputs["out"]?.digest
          : ""
      )
      assert.lengthOf(new Set(digests), 2)
    }))

  it("that is damaged, or whose objects are gone, gives way", () =>
    inFolder(async (folder) => {
      const record = await publishIn(folder, "one")
      writeFileSync(pathOf(folder, record), "torn")
      assert.strictEqual((await onStore(folder, hit(record)))._tag, "Damaged")
      assert.strictEqual((await onStore(folder, publish(1, "one")))._tag, "Recorded")
      const digest = record.outputs["out"]?.digest ?? record.key
      rmSync(layoutOf(folder).object(digest))
      const incomplete = await onStore(folder, hit(record))
      assert.deepInclude(incomplete, { _tag: "Incomplete", digest, problem: "gone" })
      // With the object there again, so is what the first record says.
      assert.strictEqual((await onStore(folder, publish(1, "one")))._tag, "Same")
      assert.strictEqual((await onStore(folder, hit(record)))._tag, "Hit")
      assert.deepStrictEqual(await onStore(folder, conflicts), [])
    }))

  it("whose object is gone, and is now another, is a conflict", () =>
    inFolder(async (folder) => {
      const record = await publishIn(folder, "one")
      rmSync(layoutOf(folder).object(record.outputs["out"]?.digest ?? record.key))
      assert.strictEqual((await onStore(folder, publish(1, "other")))._tag, "Recorded")
      assert.lengthOf(await onStore(folder, conflicts), 1)
    }))

  it("row 4: proves its key by what the action was made of", () =>
    inFolder(async (folder) => {
      const record = await publishIn(folder, "one")
      const path = pathOf(folder, record)
      const other = recordOf(2, record.outputs)
      // Of another action, under this name.
      writeFileSync(path, envelop(JSON.stringify(other)))
      assert.deepInclude(await onStore(folder, hit(record)), { _tag: "Damaged", problem: `is that of ${other.key}` })
      // Of this name, and made of something else; whoever writes it can write a digest too.
      writeFileSync(path, envelop(JSON.stringify({ ...record, preImage: other.preImage })))
      assert.deepInclude(await onStore(folder, hit(record)), {
        _tag: "Damaged",
        problem: "is damaged: its key is not that of what the action was made of",
      })
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
      const absurd = [
        { ...record, outputs: { out: { ...record.outputs["out"], size: 1e300 } } },
        { ...record, outputs: { out: { ...record.outputs["out"], digest: "../../../../etc/passwd" } } },
        { ...record, milliseconds: -1 },
        [record],
        null,
      ].map((value) => envelop(JSON.stringify(value)))
      for (const text of [...absurd, envelop(deep), deep, "", "\u0000", envelop("{\"key\":")]) {
        writeFileSync(path, text)
        assert.notStrictEqual((await onStore(folder, hit(record)))._tag, "Hit", text.slice(0, 300))
      }
      assert.strictEqual((await onStore(folder, publish(1, "one")))._tag, "Recorded")
      assert.strictEqual((await onStore(folder, hit(record)))._tag, "Hit")
    }))

  it("that is a link is not read, and gives way", () =>
    inFolder(async (outer) => {
      const folder = join(outer, "store")
      const record = await publishIn(folder, "one")
      copyFileSync(pathOf(folder, record), join(outer, "kept"))
      rmSync(pathOf(folder, record))
      symlinkSync(join(outer, "kept"), pathOf(folder, record))
      const bytes = readFileSync(join(outer, "kept"))
      assert.strictEqual((await onStore(folder, hit(record)))._tag, "Damaged")
      assert.strictEqual((await onStore(folder, publish(1, "one")))._tag, "Recorded")
      assert.strictEqual((await onStore(folder, hit(record)))._tag, "Hit")
      assert.deepStrictEqual(readFileSync(join(outer, "kept")), bytes)
      assert.deepStrictEqual(readdirSync(join(folder, "tmp")), [])
    }))
})
