import { assert, describe, it } from "@effect/vitest"
import { countConceptPairs } from "../../../../../stages/shared/measures/official/biocreative-v-cdr.ts"
import { assertRows, assertSaid, documentOf, measureOfficial, predictionOf, total } from "./support.ts"

const marked = "{a Chemical D1|Aspirin} or {b Chemical D1|acetylsalicylic acid} caused {c Disease D2|ulcer}, "
  + "{d Disease D2|gastric  ulceration}, {e Disease D3+D4|ocular and auditory toxicity}, {f Disease|unease} and "
  + "{g Disease D3|ocular toxicity}; {h Chemical|compound 7} did not, and {i Chemical D5|lithium} was not given."
const document = documentOf("cdr", marked, "CID D1 D2; CID D1 D3")

describe("CDR's official evaluation", () => {
  it("counts each pair of MeSH ids of a document once", () => {
    assertRows(countConceptPairs, [
      ["a pair is found", "CID D1 D2", "CID D1 D2", "CID 1/1 1/1"],
      ["another disease", "CID D1 D2", "CID D1 D3", "CID 0/1 0/1"],
      ["another chemical", "CID D1 D2", "CID D4 D2", "CID 0/1 0/1"],
      ["the chemical comes first", "CID D1 D2", "CID D2 D1", "CID 0/1 0/1"],
      ["a pair said twice is one prediction", "CID D1 D2", "CID D1 D2; CID D1 D2", "CID 1/1 1/1"],
      ["a pair annotated twice is one", "CID D1 D2; CID D1 D2", "CID D1 D2", "CID 1/1 1/1"],
      ["one of two, and one more", "CID D1 D2; CID D1 D3", "CID D1 D3; CID D4 D3", "CID 1/2 1/2"],
      ["nothing is said", "CID D1 D2", "", "CID 0/0 0/1"],
      ["there is nothing to say", "", "CID D1 D2", "CID 0/1 0/0"],
      ["nothing, and nothing to say", "", "", ""],
    ])
  })

  it("traces strings by the names that the document gives", () => {
    assertSaid("cdr", "concept pairs", document, [
      ["a name of each", [["CID", "Aspirin", "ulcer"]], "CID 1/1 1/2"],
      ["another name of the chemical", [["CID", "acetylsalicylic acid", "ulcer"]], "CID 1/1 1/2"],
      [
        "two names of one pair are one prediction",
        [["CID", "Aspirin", "ulcer"], ["CID", "acetylsalicylic acid", "ulcer"]],
        "CID 1/1 1/2",
      ],
      ["letter case and white space do not matter", [["CID", "aspirin", "Gastric ulceration"]], "CID 1/1 1/2"],
      ["a name of two concepts claims both", [["CID", "Aspirin", "ocular and auditory toxicity"]], "CID 1/2 1/2"],
      [
        "and a name of one of them adds nothing",
        [["CID", "Aspirin", "ocular and auditory toxicity"], ["CID", "Aspirin", "ocular toxicity"]],
        "CID 1/2 1/2",
      ],
      [
        "both pairs, and the one claimed too much",
        [["CID", "Aspirin", "ocular and auditory toxicity"], ["CID", "Aspirin", "ulcer"]],
        "CID 2/3 2/2",
      ],
      ["a mention without an id", [["CID", "Aspirin", "unease"]], "CID 0/1 0/2"],
      ["a chemical without an id", [["CID", "compound 7", "ulcer"]], "CID 0/1 0/2"],
      ["a string that is no mention", [["CID", "Aspirin", "headache"]], "CID 0/1 0/2"],
      ["part of a name", [["CID", "Aspirin", "toxicity"]], "CID 0/1 0/2"],
      ["more than a name", [["CID", "Aspirin tablets", "ulcer"]], "CID 0/1 0/2"],
      ["a disease in the chemical's place", [["CID", "ulcer", "Aspirin"]], "CID 0/1 0/2"],
      ["two chemicals", [["CID", "Aspirin", "lithium"]], "CID 0/1 0/2"],
      ["a pair that is not annotated", [["CID", "lithium", "ulcer"]], "CID 0/1 0/2"],
      ["two that name nothing", [["CID", "Aspirin", "pain"], ["CID", "Aspirin", "ache"]], "CID 0/2 0/2"],
      ["one of them twice", [["CID", "Aspirin", "pain"], ["CID", "Aspirin", "pain"]], "CID 0/1 0/2"],
      ["one argument", [["CID", "Aspirin"]], "CID 0/1 0/2"],
      ["three arguments", [["CID", "Aspirin", "ulcer", "ulcer"]], "CID 0/1 0/2"],
    ])
  })

  it("adds documents up: the same pair in two documents is two", () => {
    const predictions = [
      predictionOf(document, [["CID", "Aspirin", "ulcer"]]),
      predictionOf(documentOf("cdr", marked, "CID D1 D2", "2"), [["CID", "Aspirin", "ulcer"]]),
    ]
    assert.deepStrictEqual(total("cdr", "concept pairs", predictions), { correct: 2, predicted: 2, found: 2, gold: 3 })
    assert.deepStrictEqual(
      measureOfficial("cdr", predictions).map((
        { measure, documents },
      ) => [measure, ...documents.map((one) => one.document)]),
      [["concept pairs", "1", "2"]],
    )
  })
})
