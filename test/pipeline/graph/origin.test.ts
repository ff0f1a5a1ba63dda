import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { originOf } from "../../../pipeline/graph/origin.ts"
import { parseYaml } from "../../../pipeline/graph/yaml.ts"

const Words = Schema.Struct({
  title: Schema.String,
  relation: Schema.Struct({ text: Schema.String, order: Schema.Array(Schema.String) }),
})

const yaml = [
  "# Words of a template.",
  "title: A title",
  "relation:",
  "  text: >",
  "    one line",
  "    and another",
  "  order:",
  "    - first",
  "    - second",
].join("\n")

describe("the place of a value in a YAML file", () => {
  const value = parseYaml(yaml, "words.yaml", Words)

  const places: ReadonlyArray<readonly [path: ReadonlyArray<string>, line: number | undefined]> = [
    [["title"], 2],
    [["relation"], 3],
    [["relation", "text"], 4],
    [["relation", "order"], 7],
    [["relation", "order", "0"], 8],
    [["relation", "order", "1"], 9],
    // Of what the file does not hold, the place of what should hold it.
    [["relation", "nothing"], 3],
    [["nothing"], undefined],
    [[], undefined],
  ]
  it.each(places)("%j", (path, line) => {
    assert.deepStrictEqual(originOf(value, path), line === undefined ? undefined : { file: "words.yaml", line })
  })

  it("is found by way of the params that the value went into", () => {
    const params = { seed: 1, template: value, inner: value.relation }
    assert.deepStrictEqual(originOf(params, ["template", "relation", "text"]), { file: "words.yaml", line: 4 })
    assert.deepStrictEqual(originOf(params, ["inner", "order", "1"]), { file: "words.yaml", line: 9 })
    assert.isUndefined(originOf(params, ["seed"]))
  })
})

describe("the place of a value that was copied out of what a file holds", () => {
  const Template = Schema.Struct({
    template: Schema.Struct({ clause: Schema.String, end: Schema.String, labels: Schema.Unknown }),
    limits: Schema.Struct({ tokens: Schema.Int, seed: Schema.Int }),
    repeated: Schema.Unknown,
  })
  const textOf = (clause: string, end: string) =>
    [
      "template:",
      `  clause: "${clause}"`,
      `  end: "${end}"`,
      "  labels: { CID: &phrase \"\" }",
      "limits:",
      "  tokens: 512",
      "  seed: 0",
      "repeated: { one: *phrase }",
    ].join("\n")
  const one = parseYaml(textOf("the relation between {head} and {tail} exists", "."), "one.yaml", Template)
  const other = parseYaml(textOf("{head} treats {tail}", "."), "other.yaml", Template)
  const { clause, end } = one.template
  const { tokens, seed } = one.limits

  it("is that of the field with its value whose path ends alike", () => {
    const params = { validation: { template: { clause, end, labels: one.template.labels } }, seed: 3 }
    assert.deepStrictEqual(originOf(params, ["validation", "template", "clause"]), { file: "one.yaml", line: 2 })
    // By the object, which was passed on as it was.
    assert.deepStrictEqual(originOf(params, ["validation", "template", "labels", "CID"]), { file: "one.yaml", line: 4 })
    assert.isUndefined(originOf(params, ["seed"]))
    assert.deepStrictEqual(originOf(params, ["validation", "template"]), { file: "one.yaml", line: 1 })
  })

  it("is told apart from an equal field of another file by the fields beside it", () => {
    assert.deepStrictEqual(originOf({ template: { clause, end } }, ["template", "end"]), { file: "one.yaml", line: 3 })
    const { clause: treats } = other.template
    assert.deepStrictEqual(
      originOf({ template: { clause: treats, end } }, ["template", "end"]),
      { file: "other.yaml", line: 3 },
    )
  })

  it("is not told where two fields agree equally well, or where a name and a value alone agree", () => {
    assert.isUndefined(originOf({ template: { end } }, ["template", "end"]))
    assert.isUndefined(originOf({ tokens, seed }, ["tokens"]))
    assert.isUndefined(originOf({ sampling: { seed: 0 } }, ["sampling", "seed"]))
  })

  it("is that of the file as it was last read", () => {
    const clause = "{head} worsens {tail}"
    parseYaml(`# A line more.\n${textOf(clause, "!")}`, "other.yaml", Template)
    assert.deepStrictEqual(originOf({ template: { clause } }, ["template", "clause"]), { file: "other.yaml", line: 3 })
    assert.isUndefined(originOf({ template: { clause: other.template.clause } }, ["template", "clause"]))
    assert.deepStrictEqual(originOf({ tokens, seed }, ["tokens"]), undefined)
  })
})
