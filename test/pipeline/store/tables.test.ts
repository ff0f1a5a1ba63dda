import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { Store } from "../../../pipeline/store/store.ts"
import { validity } from "../../../pipeline/store/valid.ts"
import { inFolder, onStore } from "./support.ts"

const Text = Schema.Struct({ text: Schema.String }).annotate({ identifier: "texts" })

describe("a table of few rows", () => {
  it("is published with its record where it is small, and is in no memory but a file where its rows are large", () =>
    inFolder((folder) =>
      onStore(
        folder,
        Effect.gen(function*() {
          const store = yield* Store
          const rowsOf = (length: number) =>
            Array.from({ length: 8 }, () => ({ text: randomBytes(length / 2).toString("hex") }))
          const small = yield* store.prepareRows("op/small", Text, rowsOf(100))
          assert.isDefined(small.prepared.file)
          const rows = rowsOf(2 << 20)
          const { output, prepared } = yield* store.prepareRows("op/large", Text, rows)
          assert.isUndefined(prepared.file)
          assert.strictEqual(output.rows, rows.length)
          assert.deepStrictEqual(yield* store.readRows(Text, output.digest), rows)
        }),
      )
    ))
})

const Numbered = Schema.Struct({
  id: Schema.String,
  place: Schema.Natural,
  side: Schema.NullOr(Schema.Literals(["left", "right"])),
  parts: Schema.Array(Schema.Struct({ text: Schema.NonEmptyString, at: Schema.Array(Schema.Natural) })),
}).annotate({ identifier: "numbered" })
type Numbered = typeof Numbered.Type

const numbered = (count: number): ReadonlyArray<Numbered> =>
  Array.from({ length: count }, (_, place) => ({
    id: `row ${place}`,
    place,
    side: place % 2 === 0 ? null : "left",
    parts: [{ text: "a part", at: [place, place + 1] }],
  }))

describe("rows that actions share", () => {
  it("are read once, and nobody can change them", () =>
    inFolder((folder) =>
      onStore(
        folder,
        Effect.gen(function*() {
          const store = yield* Store
          const rows = numbered(3000)
          const { digest } = yield* store.writeRows("op/numbered", Numbered, rows)
          const first = yield* store.sharedRows(Numbered, digest)
          assert.deepStrictEqual(first, rows)
          const [row] = first as ReadonlyArray<{ parts: Array<{ text: string; at: Array<number> }> }>
          assert.throws(() => row?.parts.push({ text: "mine", at: [] }), TypeError)
          assert.throws(() => row?.parts[0]?.at.sort(), TypeError)
          assert.throws(() => Object.assign(row?.parts[0] ?? {}, { text: "mine" }), TypeError)
          rmSync(store.objectPath(digest))
          assert.deepStrictEqual(yield* store.sharedRows(Numbered, digest), rows)
          assert.strictEqual((yield* Effect.flip(store.readRows(Numbered, digest)))._tag, "StoreError")
        }),
      )
    ))

  it("are not those of a Schema that does not take them", () =>
    inFolder((folder) =>
      onStore(
        folder,
        Effect.gen(function*() {
          const store = yield* Store
          const Loose = Schema.Struct({ ...Numbered.fields, place: Schema.Int }).annotate({ identifier: "numbered" })
          const rows = numbered(3000).map((row) => ({ ...row, place: row.place - 5 }))
          const { digest } = yield* store.writeRows("op/loose", Loose, rows)
          assert.deepStrictEqual(yield* store.sharedRows(Loose, digest), rows)
          assert.include((yield* Effect.flip(store.sharedRows(Numbered, digest))).message, "is not the table")
        }),
      )
    ))

  it("of a Schema that transforms are made for each that reads them", () =>
    inFolder((folder) =>
      onStore(
        folder,
        Effect.gen(function*() {
          const store = yield* Store
          const Dated = Schema.Struct({ at: Schema.DateFromString, text: Schema.String })
            .annotate({ identifier: "dated" })
          const rows = Array.from({ length: 9000 }, (_, day) => ({ at: new Date(day * 86_400_000), text: "a day" }))
          const { digest } = yield* store.writeRows("op/dated", Dated, rows.map((row) => Schema.encodeSync(Dated)(row)))
          const [first, second] = [yield* store.sharedRows(Dated, digest), yield* store.sharedRows(Dated, digest)]
          assert.deepStrictEqual(first, rows)
          assert.deepStrictEqual(second, rows)
          assert.notStrictEqual(first[0], second[0])
        }),
      )
    ))
})

describe("what is valid as it stands", () => {
  const [valid] = numbered(1)
  const values: ReadonlyArray<readonly [string, unknown]> = [
    ["a row", valid],
    ["no object", null],
    ["a text too much", { ...valid, id: 1 }],
    ["below zero", { ...valid, place: -1 }],
    ["a fraction", { ...valid, place: 0.5 }],
    ["no number", { ...valid, place: Number.NaN }],
    ["another word", { ...valid, side: "up" }],
    ["one of the words", { ...valid, side: "right" }],
    ["no list", { ...valid, parts: {} }],
    ["an empty list", { ...valid, parts: [] }],
    ["an empty text in a list", { ...valid, parts: [{ text: "", at: [] }] }],
    ["a null in a list", { ...valid, parts: [{ text: "a", at: [null] }] }],
  ]
  it.each(values)("is what the Schema says: %s", (_, value) => {
    assert.strictEqual(validity(Numbered.ast)?.(value), Schema.is(Numbered)(value))
  })

  it("cannot be said of what transforms", () => {
    assert.isUndefined(validity(Schema.Struct({ at: Schema.DateFromString }).ast))
  })
})
