import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { parseYaml } from "../../../../pipeline/graph/yaml.ts"
import { clauseParts, joinList, splitList } from "../../../../stages/shared/language/clause.ts"
import { clauseFinder } from "../../../../stages/shared/language/extraction.ts"
import { Language } from "../../../../stages/shared/language/language.ts"
import { inverted } from "../../../../stages/shared/language/template.ts"
import { assertInputError } from "../../support.ts"

const yaml = (name: string): string =>
  readFileSync(new URL(`../../../../stages/template/${name}.yaml`, import.meta.url), "utf8")
const cdr = yaml("cdr")
const lineOf = (text: string, words: string): number => text.slice(0, text.indexOf(words)).split("\n").length

describe("template files", () => {
  it("all parse, and extraction takes only what it inverts", () => {
    for (const name of ["cdr", "chemprot", "ddi", "dce", "dce.authors"]) {
      const { template } = parseYaml(yaml(name), `${name}.yaml`, Language)
      assert.notProperty(inverted(template), "source")
      assert.strictEqual(inverted(template).clause, template.clause)
    }
  })

  it("a clause is cut into words and slots, and its pattern keeps the words literal", () => {
    assert.deepStrictEqual(clauseParts("{head} (and) {tail}"), [
      { _tag: "Slot", name: "head" },
      { _tag: "Words", text: " (and) " },
      { _tag: "Slot", name: "tail" },
    ])
    const find = clauseFinder("{head} (and/or) {tail}.", { head: ".*", tail: "\\w+" })
    assert.deepStrictEqual(find("a (and/or) b."), { head: "a", tail: "b" })
    assert.isUndefined(find("a and b."))
  })

  it("lists join and split", () => {
    const joins = { pair: " and ", between: ", ", last: ", and " }
    for (const [items, text] of [[["A"], "A"], [["A", "B"], "A and B"], [["A", "B", "C"], "A, B, and C"]] as const) {
      assert.strictEqual(joinList(items, joins), text)
      assert.deepStrictEqual(splitList(text, joins, "dropped"), items)
    }
    assert.strictEqual(joinList([], joins), "")
  })

  const file = "my.yaml"
  const bad: ReadonlyArray<readonly [string, string, string, string, RegExp]> = [
    ["{text}", "{txt}", "template.source", "source:", /0 times/u],
    ["{head}", "{kopf}", "template.clause", "clause:", /\{kopf\}/u],
    ["{head}", "a chemical", "template.clause", "clause:", /\{head\} 0 times/u],
    ["{head} and", "{head} and {head} and", "template.clause", "clause:", /2 times/u],
    [`CID: ""`, `CID: "", B: b`, "template.clause", "clause:", /2 labels/u],
    [`{ CID: "" }`, "{}", "template.labels", "labels:", /empty/u],
    [`separator: "; "`, `separator: ""`, "template.separator", "separator:", /""$/u],
    ["tail: ", "tali: ", "extraction.slots", "slots:", /\{tail\}/u],
    [`head: ".*"`, `head: "(.*"`, "extraction.slots.head", "slots:", /group/u],
    [`head: ".*"`, `head: "(?!a).*"`, "extraction.slots.head", "slots:", /cannot be matched in linear time/u],
  ]
  for (const [from, to, field, place, message] of bad) {
    it(`refuses "${to}" for "${from}", naming line and field`, () => {
      const line = lineOf(cdr, `  ${place}`) + 0
      assertInputError(() => parseYaml(cdr.replace(from, to), file, Language), { file, line, field, message })
    })
  }

  it("refuses what is not YAML, two labels of one phrase, and wrong merges", () => {
    assertInputError(() => parseYaml(`template:\n  source: "x\n`, file, Language), {
      file,
      line: 3,
      message: /not YAML/u,
    })
    assertInputError(() => parseYaml("", file, Language), { file, line: 1, message: /found null/u })
    const dce = yaml("dce.authors")
    const refuse = (from: string, to: string, field: string, line: string, message: RegExp) =>
      assertInputError(() => parseYaml(dce.replace(from, to), file, Language), {
        file,
        line: lineOf(dce, line),
        field,
        message,
      })
    refuse("COMB: a  drug", "COMB: a positive drug", "template.labels.COMB", "    COMB:", /one phrase/u)
    refuse("NEG: COMB", "NEG: C", "template.merge.NEG", "  merge:", /merged into C/u)
    refuse("NEG: COMB", "POS: COMB", "template.merge.POS", "  merge:", /of its own/u)
    refuse("label: COMB", "label: C", "extraction.labels[1].label", "    - { label: COMB", /C has no phrase/u)
    refuse("drugs: ", "x: \".*\", drugs: ", "extraction.slots.x", "  slots:", /no slot \{x\}/u)
  })
})
