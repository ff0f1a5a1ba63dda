import { assert, describe, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import { reasonLines } from "../../../../pipeline/cli/text/reasons.ts"
import type { Reason } from "../../../../pipeline/status/reasons.ts"

const part = (name: string): Reason => ({ _tag: "PartChanged", part: `stages/a/b.ts: ${name}`, change: "changed" })

describe("reasons to run", () => {
  it("name the module and the declaration, and what became of it", () => {
    assert.deepStrictEqual(reasonLines([part("f"), { _tag: "PartChanged", part: "models/m.ts: g", change: "added" }]), [
      "code stages/a/b.ts: f changed",
      "code models/m.ts: g was added",
    ])
  })

  it("name the line that a param was written in", () => {
    const origin = { file: "stages/template/cdr.yaml", line: 5 }
    assert.deepStrictEqual(
      reasonLines([{ _tag: "ParamChanged", path: "template.clause", before: "exists", after: "holds", origin }]),
      [`param template.clause changed (stages/template/cdr.yaml:5): "exists" -> "holds"`],
    )
  })

  it("name the items of a long list that came, went or changed, not the whole list", () => {
    const item = (name: string, size = 1) => ({ name, size, title: "x".repeat(200) })
    const before = [item("a"), item("b"), item("c")]
    const lines = (after: ReadonlyArray<unknown>) =>
      reasonLines([{ _tag: "ParamChanged", path: "lists.models", before, after }]).join("\n")
    assert.strictEqual(
      stripVTControlCharacters(lines([item("a"), item("c", 2), item("d")])),
      "param lists.models changed\n- b\nc changed (--json has all of it)\n+ d",
    )
    assert.strictEqual(
      lines([item("b"), item("a"), item("c")]),
      "param lists.models changed: the same items in another order or number",
    )
  })

  it("are cut where there are many of one kind, and say how many more there are", () => {
    const names = Array.from({ length: 40 }, (_, index) => `f${index}`)
    const lines = reasonLines([...names.map(part), { _tag: "SchemaChanged", output: "rows" }])
    assert.deepStrictEqual(lines.slice(4), [
      "code stages/a/b.ts: f4 changed",
      "and 35 more declarations (--json lists all)",
      "the columns of output rows changed",
    ])
  })
})
