import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { InputError } from "../../../pipeline/base/errors.ts"
import { parseYaml, readYaml } from "../../../pipeline/graph/yaml.ts"

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

/** Lists of ten times the list before, with twelve lines before the last alias. */
const bomb = [
  "title: A title",
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
  ..."bcdefghijk".split("").map((name, index) => {
    const before = "abcdefghij"[index] ?? ""
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`
  }),
  "relation: *k",
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

describe("a YAML file that is wrong", () => {
  const wrong: ReadonlyArray<readonly [what: string, text: string, line: number, field: string | undefined]> = [
    ["a value of another type", yaml.replace("- second", "- 2"), 9, "relation.order[1]"],
    ["a name too many", yaml.replace("title: A title", "title: A title\nsubtitle: B"), 3, "subtitle"],
    ["a name too few", yaml.replace("title: A title", "# no title"), 1, "title"],
    ["no YAML", yaml.replace("A title", "\"A title"), 2, undefined],
    ["a name twice", `${yaml}\ntitle: Again`, 10, undefined],
    ["an alias of nothing", yaml.replace("A title", "*nothing"), 2, undefined],
    [
      "an alias that is a part of what it repeats",
      yaml.replace("order:", "order: &all").replace("second", "*all"),
      9,
      undefined,
    ],
    ["aliases of aliases, larger than any memory", bomb, 13, undefined],
    ["a list that is nested past reason", "title: ".concat("[".repeat(20_000)), 1, undefined],
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
