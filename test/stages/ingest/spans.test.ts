import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { codePointOffsets, codePoints } from "../../../stages/ingest/spans.ts"

describe("spans", () => {
  it("turns offsets in code points into those of a string, and keeps those past the end there", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const points = Array.from(text)
      const offsets = codePointOffsets(text)
      assert.strictEqual(codePoints(text), points.length)
      for (let at = 0; at <= points.length; at++) {
        assert.strictEqual(offsets(at), points.slice(0, at).join("").length)
      }
      assert.isAbove(offsets(points.length + 1), text.length)
    }))
  })
})
