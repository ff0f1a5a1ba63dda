import { assert, describe, it } from "@effect/vitest"
import { countClassified, countDetected } from "../../../../../stages/shared/measures/official/semeval-2013-ddi.ts"
import { assertRows, assertSaid, documentOf, measureOfficial, predictionOf } from "./support.ts"

const document = documentOf(
  "ddi",
  "{a drug|Aspirin} may raise the level of {b drug|digoxin}. Do not give {c drug|digoxin} with {d drug|Aspirin} or with "
    + "{e brand|Lanoxin}. In dogs {f drug|warfarin} was safe. Other {g group|anticoagulants} were not studied.",
  "mechanism a b; advise c d; advise d e",
)

describe("DDI 2013's official evaluation", () => {
  it("detects pairs of mentions, whatever the type and the order", () => {
    assertRows(countDetected, [
      ["found", "effect a b", "effect a b", "interaction 1/1 1/1"],
      ["the other way round", "effect a b", "effect b a", "interaction 1/1 1/1"],
      ["another type", "effect a b", "int a b", "interaction 1/1 1/1"],
      ["an unknown type", "effect a b", "? a b", "? 0/1 0/0; interaction 0/0 0/1"],
      ["and a known one", "effect a b", "int a b; ? a b", "? 0/1 0/0; interaction 1/1 1/1"],
      ["two types of a pair are one prediction", "effect a b", "int a b; effect b a", "interaction 1/1 1/1"],
      ["another pair", "effect a b", "effect a c", "interaction 0/1 0/1"],
      ["a pair annotated both ways is one", "effect a b; effect b a", "effect a b", "interaction 1/1 1/1"],
      ["one of two, and one more", "effect a b; int a c", "int a b; int b c", "interaction 1/2 1/2"],
      ["nothing is said", "int a b", "", "interaction 0/0 0/1"],
      ["there is nothing to say", "", "int a b", "interaction 0/1 0/0"],
      ["neither", "", "", ""],
    ])
  })

  it("classifies them: the type must be right", () => {
    assertRows(countClassified, [
      ["found", "effect a b", "effect a b", "effect 1/1 1/1"],
      ["the other way round", "effect a b", "effect b a", "effect 1/1 1/1"],
      ["another type", "effect a b", "int a b", "effect 0/0 0/1; int 0/1 0/0"],
      ["an unknown type", "effect a b", "? a b", "? 0/1 0/0; effect 0/0 0/1"],
      ["two types of a pair are two", "effect a b", "int a b; effect b a", "effect 1/1 1/1; int 0/1 0/0"],
      ["said both ways is said once", "effect a b", "effect a b; effect b a", "effect 1/1 1/1"],
      ["each type by itself", "effect a b; int a c", "effect a b; int b c", "effect 1/1 1/1; int 0/1 0/1"],
    ])
  })

  it("traces strings to the nearest mentions of each sentence that has both, in either order", () => {
    assertSaid("ddi", "detection", document, [
      ["in two sentences, both annotated", [["mechanism", "Aspirin", "digoxin"]], "interaction 2/2 2/3"],
      ["the other way round", [["mechanism", "digoxin", "Aspirin"]], "interaction 2/2 2/3"],
      [
        "both ways are one",
        [["mechanism", "digoxin", "Aspirin"], ["mechanism", "Aspirin", "digoxin"]],
        "interaction 2/2 2/3",
      ],
      ["in one sentence", [["int", "Lanoxin", "aspirin"]], "interaction 1/1 1/3"],
      ["in none together", [["int", "warfarin", "anticoagulants"]], "interaction 0/1 0/3"],
      ["no mention", [["int", "Aspirin", "heparin"]], "interaction 0/1 0/3"],
      ["two of no mention", [["int", "Aspirin", "heparin"], ["int", "heparins", "Aspirin"]], "interaction 0/2 0/3"],
      ["a drug with itself where it stands once", [["int", "warfarin", "warfarin"]], "interaction 0/1 0/3"],
      ["a drug with itself where it stands twice", [["int", "Aspirin", "Aspirin"]], "interaction 0/1 0/3"],
    ])
    assertSaid("ddi", "classification", document, [
      [
        "right in one of the two sentences",
        [["mechanism", "Aspirin", "digoxin"]],
        "advise 0/0 0/2; mechanism 1/2 1/1",
      ],
      [
        "right in both, and as often wrong",
        [["mechanism", "Aspirin", "digoxin"], ["advise", "Aspirin", "digoxin"]],
        "advise 1/2 1/2; mechanism 1/2 1/1",
      ],
      ["an unknown type", [["?danger", "Lanoxin", "Aspirin"]], "? 0/1 0/0; advise 0/0 0/2; mechanism 0/0 0/1"],
    ])
  })

  it("relates a drug to another mention of the same name", () => {
    const twice = documentOf("ddi", "{a drug|Iron} and {b drug|iron} compete; {c drug|iron} wins.", "effect b c")
    assertSaid("ddi", "detection", twice, [
      ["those written exactly so", [["effect", "iron", "iron"]], "interaction 1/1 1/1"],
      ["where letters differ, all that differ only in them", [["effect", "IRON", "iron"]], "interaction 0/1 0/1"],
    ])
  })

  it("relates mentions that begin at the same word", () => {
    const { mentions, ...rest } = documentOf("ddi", "{a drug|oral steroids} and contraceptives interact.", "int a b")
    const b = {
      id: "b",
      type: "group",
      text: "oral contraceptives",
      spans: [{ start: 0, end: 4 }, { start: 17, end: 31 }],
      concepts: [],
      parts: [],
    }
    assertSaid("ddi", "detection", { ...rest, mentions: [...mentions, b] }, [
      ["as parts of one phrase do", [["int", "oral contraceptives", "oral steroids"]], "interaction 1/1 1/1"],
    ])
  })

  it("averages the four types as the task's evaluator does", () => {
    const measured = measureOfficial("ddi", [predictionOf(document, [])])
    assert.deepStrictEqual(
      measured.map(({ measure, labels, macro }) => ({ measure, labels, macro })),
      [
        { measure: "detection", labels: [], macro: "F1 of means" },
        { measure: "classification", labels: ["mechanism", "effect", "advise", "int"], macro: "F1 of means" },
      ],
    )
  })
})
