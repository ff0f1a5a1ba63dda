import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { randomBytes } from "node:crypto"
import { Store } from "../../../pipeline/store/store.ts"
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
