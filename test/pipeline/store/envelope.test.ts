import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { envelop, openEnvelope } from "../../../pipeline/store/envelope.ts"

const content = JSON.stringify({ word: "Wörter \u{1f9ec} \uFFFD", list: [1, 2] }, null, 2)

describe("a JSON file of the store", () => {
  it("is JSON that holds its content, and opens to it", () =>
    fc.assert(fc.property(fc.json(), (json) => {
      const file = envelop(json)
      assert.deepStrictEqual(JSON.parse(file), {
        redag: 1,
        sha256: digestOf(json),
        content: JSON.parse(json) as unknown,
      })
      assert.deepStrictEqual(openEnvelope(Buffer.from(file)), { _tag: "Sound", text: json })
    })))

  it("row 4: is damaged with any one bit changed, and with any end cut off", () => {
    const file = Buffer.from(envelop(content))
    for (let bit = 0; bit < file.length * 8; bit++) {
      const changed = Buffer.from(file)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.strictEqual(openEnvelope(changed)._tag, "Damaged", `bit ${bit}: ${changed.toString()}`)
    }
    for (let length = 0; length < file.length; length++) {
      assert.strictEqual(openEnvelope(file.subarray(0, length))._tag, "Damaged", `${length} bytes`)
    }
    assert.strictEqual(openEnvelope(Buffer.concat([file, Buffer.from("\n")]))._tag, "Damaged")
  })

  it("is foreign where another program or another version wrote it", () => {
    for (
      const text of ["{}", "[1]", "{\"key\":\"a\"}\n", `{"redag":2,"sha256":"${"0".repeat(64)}","content":\n{}\n}\n`]
    ) {
      assert.strictEqual(openEnvelope(Buffer.from(text))._tag, "Foreign", text)
    }
  })
})
