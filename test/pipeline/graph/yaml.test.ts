import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { InputError } from "../../../pipeline/base/errors.ts"
import { originOf, parseYaml, readYaml } from "../../../pipeline/graph/yaml.ts"

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

const failure = (call: () => unknown): InputError => {
  try {
    call()
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  return assert.fail("nothing was thrown")
}

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

describe("a YAML file that is wrong", () => {
  const wrong: ReadonlyArray<readonly [what: string, text: string, line: number, field: string | undefined]> = [
    ["a value of another type", yaml.replace("- second", "- 2"), 9, "relation.order[1]"],
    ["a name too many", yaml.replace("title: A title", "title: A title\nsubtitle: B"), 3, "subtitle"],
    ["a name too few", yaml.replace("title: A title", "# no title"), 1, "title"],
    ["no YAML", yaml.replace("A title", "\"A title"), 2, undefined],
    ["a name twice", `${yaml}\ntitle: Again`, 10, undefined],
  ]
  it.each(wrong)("%s", (_, text, line, field) => {
    const error = failure(() => parseYaml(text, "words.yaml", Words))
    assert.strictEqual(error.file, "words.yaml")
    // A quotation that never ends is noticed at the end of the file at the latest.
    if (field === undefined) assert.isAtLeast(error.line ?? 0, line)
    else assert.deepStrictEqual([error.line, error.field], [line, field])
    assert.isNotEmpty(error.help)
  })

  it("that is not there is named", () => {
    const error = failure(() => readYaml(import.meta.dirname, "nowhere.yaml", Words))
    assert.strictEqual(error.file, "nowhere.yaml")
    assert.match(error.message, /cannot be read/u)
  })
})
