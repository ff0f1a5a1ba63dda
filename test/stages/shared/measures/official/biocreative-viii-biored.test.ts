import { assert, describe, it } from "@effect/vitest"
import { protocolOf } from "../../../../../experiment/protocol.ts"
import { renderDocument } from "../../../../../stages/shared/language/rendering.ts"
import { sumOfCounts } from "../../../../../stages/shared/measures/counts.ts"
import type { Measured } from "../../../../../stages/shared/measures/measured.ts"
import { countPairs } from "../../../../../stages/shared/measures/official/biocreative-viii-biored.ts"
import { corpusOf } from "../../../../experiment/corpus.ts"
import { language } from "../../../ceiling/support.ts"
import { measurerOf } from "../../../support.ts"
import { assertRows, documentOf, measureOfficial, predictionOf, type Said } from "./support.ts"

const document = documentOf(
  "biored",
  "{a Chemical C1|Aspirin} or {b Chemical C1|acetylsalicylic acid} with {c Chemical C2|heparin} caused "
    + "{d Disease D1|ulcer}, {e Disease D1|gastric  ulceration}, {f Disease D2+D3|ocular and auditory toxicity}, "
    + "{g Disease D3|auditory toxicity} and {h Disease|unease}; {i Gene G1|EGFR}, or {j Gene G1|ErbB1}, its "
    + "{k Variant V1|T790M}, {l Gene G3|p53} and {m Disease D4|p53}, {n Gene X1|VACV} of {o Species X1|vaccinia}.",
  "Positive_Correlation/Novel C1 D1; Association/No D2 G1; Bind/Novel G1 G1; Cotreatment/Novel C1 C2; "
    + "Association/Novel D1 X1",
)

const { rendering, matching } = protocolOf(corpusOf("biored"), new Set())
const { answers } = renderDocument(document, "test", language("biored").template, rendering)

/** What is right of what was said, by each way to count: "1/2" is one of two. Nothing is found twice. */
const scoresOf = (said: Said): ReadonlyArray<string> => {
  const prediction = { ...predictionOf(document, said), answers }
  const strict = measurerOf({ by: "strict", matching })([document])([prediction])
  return [...strict, ...measureOfficial("biored", [prediction])].map(({ documents }: Measured) => {
    const { correct, predicted, found, gold } = sumOfCounts(documents.flatMap(({ byLabel }) => byLabel))
    assert.deepStrictEqual([found, gold], [correct, 5])
    return `${correct}/${predicted}`
  })
}

const [novel, known] = ["Positive_Correlation/Novel", "Positive_Correlation/No"]
const all: Said = [
  [novel, "Aspirin", "ulcer"],
  ["Association/No", "ocular and auditory toxicity", "EGFR"],
  ["Bind/Novel", "EGFR", "EGFR"],
  ["Cotreatment/Novel", "Aspirin", "heparin"],
  ["Association/Novel", "VACV", "ulcer"],
]
const labelled = (label: string): Said => all.map(([, ...names]) => [label, ...names])
const otherNovelty: Said = all.map(([label, ...names]) => [
  label.endsWith("/No") ? label.replace("/No", "/Novel") : label.replace("/Novel", "/No"),
  ...names,
])

type Case = readonly [why: string, said: Said, strict: string, pair: string, type: string, novelty: string]

/** Scores counted by hand. */
const cases: ReadonlyArray<Case> = [
  ["nothing", [], "0/0", "0/0", "0/0", "0/0"],
  ["a relation", [[novel, "Aspirin", "ulcer"]], "1/1", "1/1", "1/1", "1/1"],
  ["its arguments exchanged", [[novel, "ulcer", "Aspirin"]], "1/1", "1/1", "1/1", "1/1"],
  ["another name of one", [[novel, "acetylsalicylic acid", "ulcer"]], "1/1", "1/1", "1/1", "1/1"],
  ["other names of both", [[novel, "acetylsalicylic acid", "gastric  ulceration"]], "1/1", "1/1", "1/1", "1/1"],
  ["other names exchanged", [[novel, "gastric  ulceration", "acetylsalicylic acid"]], "1/1", "1/1", "1/1", "1/1"],
  [
    "two names of one relation",
    [[novel, "Aspirin", "ulcer"], [novel, "acetylsalicylic acid", "ulcer"]],
    "1/2",
    "1/1",
    "1/1",
    "1/1",
  ],
  ["both orders of it", [[novel, "Aspirin", "ulcer"], [novel, "ulcer", "Aspirin"]], "1/1", "1/1", "1/1", "1/1"],
  ["it said twice", [[novel, "Aspirin", "ulcer"], [novel, "Aspirin", "ulcer"]], "1/1", "1/1", "1/1", "1/1"],
  ["other letter case", [[novel, "aspirin", "Ulcer"]], "0/1", "1/1", "1/1", "1/1"],
  ["other white space", [[novel, "Aspirin", "gastric ulceration"]], "0/1", "1/1", "1/1", "1/1"],
  ["the other novelty", [[known, "Aspirin", "ulcer"]], "0/1", "1/1", "1/1", "0/1"],
  ["another type", [["Association/Novel", "Aspirin", "ulcer"]], "0/1", "1/1", "0/1", "0/1"],
  ["another type and novelty", [["Bind/No", "Aspirin", "ulcer"]], "0/1", "1/1", "0/1", "0/1"],
  ["both novelties", [[novel, "Aspirin", "ulcer"], [known, "Aspirin", "ulcer"]], "1/2", "1/1", "1/1", "1/2"],
  [
    "two types",
    [[novel, "Aspirin", "ulcer"], ["Association/Novel", "Aspirin", "ulcer"]],
    "1/2",
    "1/1",
    "1/2",
    "1/2",
  ],
  [
    "the type in one, the novelty in the other",
    [[known, "Aspirin", "ulcer"], ["Association/Novel", "Aspirin", "ulcer"]],
    "0/2",
    "1/1",
    "1/2",
    "0/2",
  ],
  ["words that are no label", [["?a strange relation", "Aspirin", "ulcer"]], "0/1", "0/1", "0/1", "0/1"],
  [
    "a relation, and again in words that are no label",
    [[novel, "Aspirin", "ulcer"], ["?a strange relation", "Aspirin", "ulcer"]],
    "1/2",
    "1/2",
    "1/2",
    "1/2",
  ],
  ["a type without novelty", [["Positive_Correlation", "Aspirin", "ulcer"]], "0/1", "1/1", "1/1", "0/1"],
  ["a name of two concepts", [["Association/No", "ocular and auditory toxicity", "EGFR"]], "1/1", "1/2", "1/2", "1/2"],
  [
    "and a name of the wrong one",
    [["Association/No", "ocular and auditory toxicity", "EGFR"], ["Association/No", "auditory toxicity", "EGFR"]],
    "1/2",
    "1/2",
    "1/2",
    "1/2",
  ],
  ["the wrong one by itself", [["Association/No", "auditory toxicity", "EGFR"]], "0/1", "0/1", "0/1", "0/1"],
  ["a concept with itself", [["Bind/Novel", "EGFR", "EGFR"]], "1/1", "1/1", "1/1", "1/1"],
  ["with itself by another name", [["Bind/Novel", "ErbB1", "EGFR"]], "1/1", "1/1", "1/1", "1/1"],
  ["with itself, known", [["Bind/No", "EGFR", "EGFR"]], "0/1", "1/1", "1/1", "0/1"],
  ["another with itself", [["Bind/Novel", "heparin", "heparin"]], "0/1", "0/1", "0/1", "0/1"],
  ["one with itself in the place of two", [[novel, "Aspirin", "Aspirin"]], "0/1", "0/1", "0/1", "0/1"],
  ["two in the place of one with itself", [["Bind/Novel", "EGFR", "T790M"]], "0/1", "0/1", "0/1", "0/1"],
  ["two of one type", [["Cotreatment/Novel", "heparin", "Aspirin"]], "1/1", "1/1", "1/1", "1/1"],
  ["a concept of two types by one", [["Association/Novel", "VACV", "ulcer"]], "1/1", "1/1", "1/1", "1/1"],
  ["and by the other", [["Association/Novel", "ulcer", "vaccinia"]], "1/1", "1/1", "1/1", "1/1"],
  ["a name of two entities", [["Association/Novel", "p53", "ulcer"]], "0/1", "0/2", "0/2", "0/2"],
  ["a pair that is not annotated", [["Association/Novel", "heparin", "ulcer"]], "0/1", "0/1", "0/1", "0/1"],
  ["a variant in no relation", [["Association/No", "T790M", "ulcer"]], "0/1", "0/1", "0/1", "0/1"],
  ["a mention without an id", [[novel, "Aspirin", "unease"]], "0/1", "0/1", "0/1", "0/1"],
  ["no mention", [[novel, "Aspirin", "headache"]], "0/1", "0/1", "0/1", "0/1"],
  ["part of a name", [["Association/No", "toxicity", "EGFR"]], "0/1", "0/1", "0/1", "0/1"],
  ["more than a name", [[novel, "Aspirin tablets", "ulcer"]], "0/1", "0/1", "0/1", "0/1"],
  ["an empty name", [[novel, "", "ulcer"]], "0/1", "0/1", "0/1", "0/1"],
  ["two that name nothing", [[novel, "Aspirin", "pain"], [novel, "Aspirin", "ache"]], "0/2", "0/2", "0/2", "0/2"],
  ["three arguments", [[novel, "Aspirin", "ulcer", "EGFR"]], "0/1", "0/1", "0/1", "0/1"],
  ["all", all, "5/5", "5/6", "5/6", "5/6"],
  ["all and a wrong one", [...all, [novel, "heparin", "ulcer"]], "5/6", "5/7", "5/7", "5/7"],
  ["all with the other novelty", otherNovelty, "0/5", "5/6", "5/6", "0/6"],
  ["all as new associations", labelled("Association/Novel"), "1/5", "5/6", "2/6", "1/6"],
  ["all in words that are no label", labelled("?words"), "0/5", "0/6", "0/6", "0/6"],
]

describe("BioRED's scores", () => {
  it("are these on more than 40 cases by hand: strict, pair, pair + type, pair + type + novelty", () => {
    assert.isAtLeast(cases.length, 40)
    for (const [why, said, ...expected] of cases) assert.deepStrictEqual(scoresOf(said), expected, why)
  })

  it("count each pair of concepts of a document once, whichever comes first", () => {
    assertRows(countPairs(2), [
      ["a pair is found", "Bind/No A B", "Bind/No A B", "Bind/No 1/1 1/1"],
      ["in the other order", "Bind/No A B", "Bind/No B A", "Bind/No 1/1 1/1"],
      ["said in both", "Bind/No A B", "Bind/No A B; Bind/No B A", "Bind/No 1/1 1/1"],
      ["annotated in both", "Bind/No A B; Bind/No B A", "Bind/No A B", "Bind/No 1/1 1/1"],
      ["one with itself", "Bind/No A A", "Bind/No A B", "Bind/No 0/1 0/1"],
      ["the other novelty", "Bind/No A B", "Bind/Novel A B", "Bind/No 0/0 0/1; Bind/Novel 0/1 0/0"],
    ])
    assertRows(countPairs(0), [
      ["the other novelty", "Bind/No A B", "Bind/Novel A B", "pair 1/1 1/1"],
      ["two relations of a pair are one", "Bind/No A B; Association/No A B", "Bind/No B A", "pair 1/1 1/1"],
    ])
  })
})
