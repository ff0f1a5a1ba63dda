import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { ActionRecord, plainRecord } from "../../../pipeline/store/record.ts"
import { recordOf } from "./support.ts"

const encode = Schema.encodeSync(ActionRecord)

/** The text of a record by its Schema; undefined where that refuses it. */
const encoded = (record: ActionRecord): string | undefined => {
  try {
    return JSON.stringify(encode(record))
  } catch {
    return undefined
  }
}

const number = fc.oneof(fc.nat(), fc.integer({ max: 2 }), fc.double())
const ref = fc.record({ digest: fc.string().map((text) => digestOf(text)), size: fc.nat() })

/** What may be of a record beside what its action made. */
const parts = fc.record({
  files: fc.array(fc.record({ role: fc.string(), name: fc.string(), path: fc.string(), size: fc.nat() })),
  blobs: fc.array(ref),
  counts: fc.dictionary(fc.string(), number),
  warnings: fc.option(fc.array(fc.string()), { nil: undefined }),
  log: fc.option(ref),
  milliseconds: number,
  peakMemory: fc.option(number),
})

describe("the text of a record", () => {
  it("is what its Schema says, field by field, or is left to that where a number is out of bounds", () => {
    fc.assert(
      fc.property(fc.jsonValue(), ref, number, parts, (param, made, rows, { files, warnings, ...rest }) => {
        const of = recordOf(param, { out: made })
        const record: ActionRecord = {
          // In memory its fields have another order.
          ...rest,
          ...(warnings === undefined ? {} : { warnings }),
          ...of,
          ...rest,
          files: files.map(({ size, ...file }) => ({ ...file, digest: made.digest, size })),
          outputs: Object.fromEntries(Object.entries(of.outputs).map(([name, output]) => [name, { ...output, rows }])),
        }
        const plain = plainRecord(record)
        assert.strictEqual(plain === undefined ? undefined : JSON.stringify(plain), encoded(record))
      }),
    )
  })
})
