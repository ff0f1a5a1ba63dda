import { assert, describe, it } from "@effect/vitest"
import { renderResults } from "../../../experiment/results/terminal.ts"
import { demoTables, noTables, paperTables, resultRow } from "./fixture.ts"
import { complete } from "./provenance.ts"
import { suspiciousTables, tinyTables } from "./tiny.ts"

describe("the results on a terminal", () => {
  it("are Table 1, its legend, and the pairs", () => {
    assert.strictEqual(
      renderResults(tinyTables, complete),
      `model             params             CDR 16    CDR full
T5-Base             220M  30.0 ± 1.3 [30.3]ˢᵗ      42.0
*[a]_{b}|<i>&"c"      1M                  –        50.0
F1 in percent; mean ± standard deviation over seeds; the paper's number in brackets
ˢ few seeds, ᵗ truncated sources, – no run in this profile

by pretraining              CDR full
*[a]_{b}|<i>&"c" − T5-Base     +8.0*
figure 2: 1 test, 1 significant: 1 up, 0 down

Differences in F1; * where p < 0.05 after Holm's correction and the interval leaves out 0
These models are not the paper's: their pairs stand in for its pairs, to show the method.

What the numbers do not show: dag results --details
Intervals, official measures, single labels and mistakes: dag results --html FILE`,
    )
  })

  it("lead on to the same profile and filters, and break no command", () => {
    const flags = "--profile demo --models 't5-*'"
    assert.include(renderResults(tinyTables, { ...complete, flags }), `not show: dag results ${flags} --details\n`)
    assert.deepStrictEqual(renderResults(tinyTables, { ...complete, flags }, 80).split("\n").slice(-4), [
      "What the numbers do not show:",
      `  dag results ${flags} --details`,
      "Intervals, official measures, single labels and mistakes:",
      `  dag results ${flags} --html FILE`,
    ])
  })

  it("mark numbers of a suspicious corpus, and say what is suspicious", () => {
    const text = renderResults(suspiciousTables, complete)
    assert.match(text, /^T5-Base .* 42\.0ᵒᶠᵐˣᵈ/mu)
    assert.include(text, "ᵒ left out, ᶠ fewer documents, ᵐ more documents, ˣ other file, ᵈ test text in training")
    assert.include(text, "\nwarning ᵒ cdr train: 1 of 2 documents is left out, with 1 problem: <7>\n")
    assert.notInclude(text, "of another corpus")
  })

  it("say that a model in context wrote nothing, and not of one that wrote something else", () => {
    const result = resultRow({
      model: "small",
      corpus: "cdr",
      setting: "16",
      f1: 0,
      predicted: 0,
      source: "in-context",
    })
    const [detail = assert.fail("there are no details")] = paperTables().details
    const { model, corpus, setting, protocol } = result
    const textFor = (pieces: number) =>
      renderResults({
        ...noTables,
        results: [result],
        details: [{ ...detail, model, corpus, setting, protocol, malformed: { count: pieces, of: pieces } }],
      }, complete)
    assert.include(textFor(0), "\nⁱ in context: prompted with examples, not finetuned; small on CDR 16 wrote nothing\n")
    assert.match(textFor(3), /\nⁱ in context: prompted with examples, not finetuned$/mu)
  })

  it("say nothing of pairs where there are none", () => {
    const text = renderResults({ ...tinyTables, comparisons: [] }, complete)
    assert.notMatch(text, /figure|Differences|pairs/u)
    assert.match(text, /^F1 in percent/mu)
  })

  it("without any are a heading", () => {
    assert.deepStrictEqual(renderResults(noTables, complete).split("\n"), [
      "model  params  CDR 16  CDR 64  CDR full  DCE 16  DCE 64  DCE full  ChemProt  DDI",
      "F1 in percent",
    ])
  })

  it("mark a difference that is not tested, and say why", () => {
    const text = renderResults(paperTables(), complete)
    assert.match(text, /^In-BoXBART − BART-Base .*°.*°/mu)
    assert.include(text, "\n° not tested: a model knew the corpus before")
    assert.notInclude(text, "stand in")
    assert.match(text, /^GPT-2-Medium +350M +– /mu)
    assert.match(text, /^BioGPTᵇ /mu)
  })

  it.each([["the paper", paperTables()], ["a small profile", demoTables()]])(
    "of %s have comparisons within 100 columns, and no line that ends in spaces",
    (_, tables) => {
      const [table, ...rest] = renderResults(tables, complete).split("\n\n")
      for (const line of rest.join("\n").split("\n")) assert.isAtMost(Array.from(line).length, 100, line)
      for (const line of `${table}\n${rest.join("\n")}`.split("\n")) assert.notMatch(line, / $/u)
    },
  )

  it.each([60, 80, 100, 140])(
    "of the paper fit a terminal of %i columns, and hold the same numbers in whole",
    (width) => {
      for (const tables of [paperTables(), demoTables(), suspiciousTables]) {
        const wide = renderResults(tables, complete)
        const text = renderResults(tables, complete, width)
        for (const line of text.split("\n")) {
          assert.isAtMost(Array.from(line).length, width, line)
          assert.notMatch(line, / $/u)
        }
        const numbers = (all: string) => (all.match(/[+−]?\d+\.\d(?![BM])[*°]?( ± \d+\.\d)?/gu) ?? []).toSorted()
        assert.deepStrictEqual(numbers(text), numbers(wide))
        const tableOf = (all: string) => all.split("\n\n").filter((block) => block.startsWith("model "))
        // Corpora stand below each other, and each of them in one piece where it fits.
        if (width <= 80 && tables !== suspiciousTables) assert.isAbove(tableOf(text).length, 1)
        if (width === 80 && tables !== suspiciousTables) {
          assert.match(text, /^model +params +CDR 16 +CDR 64 +CDR full/mu)
        }
      }
    },
  )
})
