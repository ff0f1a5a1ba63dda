import { assert, describe, it } from "@effect/vitest"
import { zstdCompressSync } from "node:zlib"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import {
  filesOf,
  lotsOf,
  merged,
  MOST_FILES,
  MOST_TEXT,
  MOST_UNPACKED,
  type Packed,
  packOf,
} from "../../../../pipeline/store/remote/pack.ts"

const recordOf = (index: number): Packed => ({
  kind: "record",
  name: `${index}`.padStart(64, "0"),
  text: JSON.stringify({
    node: `train/model-${index}/corpus`,
    digests: [`${index}`.repeat(8)],
    environment: "the same".repeat(80),
  }),
})

describe("a pack of records", () => {
  it("gives back what it was made of, whatever stands in the texts", async () => {
    const files: ReadonlyArray<Packed> = [
      recordOf(1),
      { kind: "code", name: "a", text: "two\nlines, \"quotes\", \u2028 and 𝄞" },
      { kind: "accepted", name: "b", text: "" },
    ]
    assert.deepStrictEqual(await filesOf(await packOf(files)), files)
  })

  it("is several times smaller than its records, which are much alike", async () => {
    const files = Array.from({ length: 244 }, (_, index) => recordOf(index))
    const alone = files.reduce((sum, { text }) => sum + text.length, 0)
    assert.isBelow((await packOf(files)).length, alone / 6)
  })

  it("is none where its bytes are cut, changed, something else, or far too many once unpacked", async () => {
    const pack = await packOf([recordOf(1), recordOf(2)])
    assert.isUndefined(await filesOf(pack.subarray(0, pack.length - 4)))
    assert.isUndefined(await filesOf(Buffer.from("no pack")))
    assert.isUndefined(await filesOf(zstdCompressSync("{\"not\":\"lines\"}\n")))
    assert.isUndefined(await filesOf(zstdCompressSync(Buffer.alloc(MOST_UNPACKED + 1))))
  })

  it("is none where a small one would become very many lines, or lines of something else", async () => {
    const line = `${JSON.stringify(["record", "a", ""])}\n`
    assert.lengthOf((await filesOf(zstdCompressSync(line.repeat(MOST_FILES)))) ?? [], MOST_FILES)
    assert.isUndefined(await filesOf(zstdCompressSync(line.repeat(MOST_FILES + 1))))
    const others = [
      "[0]",
      "",
      "null",
      "[[[[",
      "[\"record\",\"a\",[]]",
      "[\"record\",\"a\",\"x\",\"y\"]",
      "[\"record\",\"a\"]",
    ]
    for (const other of others) {
      assert.isUndefined(await filesOf(zstdCompressSync(`${line}${other}\n`)), other)
    }
    // What was wrong with one is nothing to the next.
    assert.lengthOf((await filesOf(zstdCompressSync(line))) ?? [], 1)
    const lots = lotsOf(Array.from({ length: MOST_FILES + 1 }, () => ({ kind: "record", name: "a", text: "" })))
    assert.deepStrictEqual(lots.map(({ length }) => length), [MOST_FILES, 1])
  })

  it("leaves out kinds of files that it does not know, as a later version may have", async () => {
    const lines = [JSON.stringify(["record", "a", "text"]), JSON.stringify(["wish", "b", "text"])]
    assert.deepStrictEqual(await filesOf(zstdCompressSync(`${lines.join("\n")}\n`)), [
      { kind: "record", name: "a", text: "text" },
    ])
  })

  it("leaves out what was taken back when it becomes one with others, and nothing else, in whatever order they come", () => {
    const [old, young]: ReadonlyArray<Packed> = [
      { kind: "accepted", name: "key", text: "said" },
      { kind: "accepted", name: "key", text: "said again" },
    ]
    const taken: Packed = { kind: "withdrawn", name: digestOf("said"), text: "" }
    if (old === undefined || young === undefined) throw new Error("unreachable")
    for (const files of [[old, young, taken], [young, old, taken], [taken, old, young], [taken, young, old]]) {
      assert.sameDeepMembers([...merged(files, () => false)], [young, taken])
    }
    assert.deepStrictEqual(merged([old, young], (text) => text === digestOf("said")), [young])
    assert.deepStrictEqual(merged([old, young, old], () => false), [old, young])
    assert.deepStrictEqual(merged([recordOf(1), recordOf(2), recordOf(1)], () => false), [recordOf(1), recordOf(2)])
  })

  it("holds so much text at most, but for a file that is larger by itself", () => {
    const file = (size: number): Packed => ({ kind: "record", name: "a", text: "x".repeat(size) })
    // So long a line is without its text.
    const around = `["record","a",""]\n`.length
    const most = MOST_TEXT - 2 * around
    const lots = lotsOf([file(most - 1), file(1), file(1), file(MOST_TEXT + 5), file(2)])
    assert.deepStrictEqual(lots.map((lot) => lot.map(({ text }) => text.length)), [
      [most - 1, 1],
      [1],
      [MOST_TEXT + 5],
      [2],
    ])
    // What JSON escapes counts as it is written.
    const escaped: Packed = { kind: "record", name: "a", text: "\u0001".repeat(MOST_TEXT / 6) }
    assert.deepStrictEqual(lotsOf([escaped, escaped]).length, 2)
    assert.deepStrictEqual(lotsOf([file(MOST_UNPACKED)]), [])
    assert.deepStrictEqual(lotsOf([]), [])
  })
})
