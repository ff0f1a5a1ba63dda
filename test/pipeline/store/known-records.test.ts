import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import { envelop, openEnvelope } from "../../../pipeline/store/envelope.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, recordOf } from "./support.ts"

const count = 40

/** A store of records that were written before now, on the clock of its file system. */
const withRecords = (use: (folder: string, records: ReadonlyArray<ActionRecord>) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const records = await onStore(
      folder,
      Effect.gen(function*() {
        const store = yield* Store
        return yield* Effect.forEach(
          Array.from({ length: count }, (_, index) => index),
          (index) =>
            Effect.gen(function*() {
              const out = yield* store.putBlob(`made ${index}`)
              return (yield* store.publishRecord(recordOf(index, { out }))).record
            }),
        )
      }),
    )
    const last = Math.max(...records.map((record) => statSync(recordPath(folder, record)).ctimeMs))
    const clock = join(folder, "README.md")
    do writeFileSync(clock, "now")
    while (Math.floor(statSync(clock).mtimeMs) <= last)
    await use(folder, records)
  })

const recordPath = (folder: string, { key }: ActionRecord): string => layoutOf(folder).records.path(key)
const indexOf = (folder: string): string => layoutOf(folder).index.folder
const partsOf = (folder: string): ReadonlyArray<string> =>
  existsSync(indexOf(folder)) ? readdirSync(indexOf(folder)).map((name) => join(indexOf(folder), name)) : []

/** What a process finds of these records, each read to its end; it may write what it came to know. */
const looked = (folder: string, records: ReadonlyArray<ActionRecord>, remember = true, system?: Calls) =>
  onStore(
    folder,
    Effect.gen(function*() {
      const { known } = yield* Store
      if (remember) yield* known.remember
      const look = yield* known.look
      return records.map(({ key }) => look(key))
    }),
    system,
  )

/** The same without looking at what only the records hold, and how many record files were opened for it. */
const opened = async (folder: string, records: ReadonlyArray<ActionRecord>): Promise<number> => {
  let opens = 0
  const found = await looked(folder, records, false, {
    ...calls,
    open: (path, how) => {
      if (path.includes("/actions/")) opens++
      return calls.open(path, how)
    },
  })
  assert.deepStrictEqual(found.map((record) => record?.outputs), records.map(({ outputs }) => outputs))
  return opens
}

/** What is found of records where one of them is not as it was: that one is left to who reads it, the others are there. */
const allButFirst = (records: ReadonlyArray<ActionRecord>) => [undefined, ...records.slice(1)]

describe("what is remembered of records", () => {
  it("is what they hold, and none is opened again", () =>
    withRecords(async (folder, records) => {
      assert.deepStrictEqual(await looked(folder, records), [...records])
      assert.isAbove(partsOf(folder).length, 0)
      assert.strictEqual(await opened(folder, records), 0)
      // What is not in the index is read from the record: all of it is the same.
      assert.deepStrictEqual((await looked(folder, records)).map((record) => ({ ...record })), [...records])
    }))

  it("costs a look at each record and at each object, and no more files opened than it has parts", () =>
    withRecords(async (folder, records) => {
      await looked(folder, records)
      const counted = async (some: ReadonlyArray<ActionRecord>) => {
        const calledFor = { open: 0, stat: 0 }
        await looked(folder, some, false, {
          ...calls,
          open: (path, how) => {
            // A folder that a network's server is asked about is none of its files.
            if (how !== "folder") calledFor.open++
            return calls.open(path, how)
          },
          stat: (path) => {
            if (!path.startsWith(indexOf(folder))) calledFor.stat++
            return calls.stat(path)
          },
        })
        return calledFor
      }
      const [half, whole] = [await counted(records.slice(0, count / 2)), await counted(records)]
      assert.deepStrictEqual([half.stat, whole.stat], [count, 2 * count])
      assert.isAtMost(whole.open, partsOf(folder).length)
      // One node is no reason to read what is known of all.
      assert.deepStrictEqual(await counted(records.slice(0, 1)), { open: 1, stat: 2 })
    }))

  it("is not written by who only looks", () =>
    withRecords(async (folder, records) => {
      const before = readdirSync(folder)
      assert.deepStrictEqual(await looked(folder, records, false), [...records])
      assert.deepStrictEqual(readdirSync(folder), before)
    }))

  it("may be deleted, or damaged: the same is found by reading the records", () =>
    withRecords(async (folder, records) => {
      await looked(folder, records)
      const [part = ""] = partsOf(folder)
      for (const at of [0, 30, 200, statSync(part).size - 3]) {
        const bytes = readFileSync(part)
        bytes[at] = (bytes[at] ?? 0) ^ 1
        writeFileSync(part, bytes)
        assert.isAbove(await opened(folder, records), 0)
        bytes[at] = (bytes[at] ?? 0) ^ 1
        writeFileSync(part, bytes)
      }
      truncateSync(part, 100)
      assert.isAbove(await opened(folder, records), 0)
      rmSync(indexOf(folder), { recursive: true })
      assert.strictEqual(await opened(folder, records), count)
    }))

  it("counts for nothing where it is sound and its lines are of another kind or version", () =>
    withRecords(async (folder, records) => {
      await looked(folder, records)
      const [part = ""] = partsOf(folder)
      const whole = readFileSync(part)
      const sound = openEnvelope(whole)
      if (sound._tag !== "Sound") throw new Error("the index is damaged")
      const changes: ReadonlyArray<(text: string) => string> = [
        (text) => text.replace(/^("[0-9a-f]{64}":)\[/mu, "$1[["),
        (text) => text.replace(/^("[0-9a-f]{64}":).*/gmu, "$1{},"),
        (text) => text.replace(/^("[0-9a-f]{64}":\[)\d+,/gmu, "$1"),
        (text) => text.replaceAll("\"outputs\":{", "\"made\":{"),
        (text) => text.replaceAll("\"digest\":\"", "\"digest\":\"../"),
        (text) => text.replace("\"version\":", "\"version\":1"),
        (text) => text.replace("\"environments\":[", "\"environments\":["),
        (text) => text.replace("\"environments\":[", "\"environments\":[["),
        (text) => text.replace("\"version\"", "\"then\""),
      ]
      for (const change of changes) {
        const text = change(sound.text)
        writeFileSync(part, envelop(text))
        // Whoever looks finds the same, and reads records where the index says nothing.
        assert.strictEqual((await opened(folder, records)) > 0, text !== sound.text, text.slice(0, 200))
      }
    }))

  it("of another store counts for nothing", () =>
    withRecords((folder, records) =>
      inFolder(async (other) => {
        await looked(folder, records)
        cpSync(folder, other, { recursive: true, preserveTimestamps: true })
        assert.strictEqual(await opened(other, records), count)
      })
    ))

  it("counts for nothing where the record was written since, whatever its size and time of writing say", () =>
    withRecords(async (folder, records) => {
      await looked(folder, records)
      const [first] = records
      if (first === undefined) throw new Error("no records")
      const path = recordPath(folder, first)
      const { atime, mtime } = statSync(path)
      const bytes = readFileSync(path)
      bytes[300] = (bytes[300] ?? 0) ^ 1
      writeFileSync(path, bytes)
      utimesSync(path, atime, mtime)
      const found = await looked(folder, records)
      assert.deepStrictEqual(found.map((record) => record?.key), allButFirst(records).map((record) => record?.key))
      rmSync(path)
      assert.isUndefined((await looked(folder, records))[0])
    }))

  it("says nothing of objects: one that is gone, cut short or suspected is noticed", () =>
    withRecords(async (folder, records) => {
      await looked(folder, records)
      const [one, two, three, four] = records.map(({ outputs }) => outputs["out"])
      if (one === undefined || two === undefined || three === undefined || four === undefined) throw new Error("none")
      const { object, suspects } = layoutOf(folder)
      rmSync(object(one.digest))
      truncateSync(object(two.digest), 1)
      appendFileSync(object(three.digest), "more")
      await onStore(folder, Effect.flatMap(Store, (store) => store.suspects.add(four.digest)))
      assert.isTrue(existsSync(suspects.path(four.digest)))
      const found = await looked(folder, records)
      assert.deepStrictEqual(found.slice(0, 5).map((record) => record !== undefined), [
        false,
        false,
        false,
        false,
        true,
      ])
    }))

  it("is whole where two processes write it at once, and of records that are gone no longer there", () =>
    withRecords(async (folder, records) => {
      await Promise.all([looked(folder, records), looked(folder, records), looked(folder, records.slice(20))])
      assert.strictEqual(await opened(folder, records), 0)
      for (const record of records.slice(20)) rmSync(recordPath(folder, record))
      for (const record of records.slice(0, 20)) {
        const path = recordPath(folder, record)
        writeFileSync(path, readFileSync(path))
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
      await looked(folder, records.slice(0, 20))
      const text = partsOf(folder).map((part) => readFileSync(part, "utf8")).join("")
      const isIn = records.map(({ key }) => text.includes(key))
      assert.isTrue(isIn.slice(0, 20).every(Boolean))
      const parts = new Set(records.slice(0, 20).map(({ key }) => key[0]))
      for (const [index, { key }] of records.entries()) {
        if (index >= 20 && parts.has(key[0])) assert.isFalse(isIn[index], key)
      }
    }))
})
