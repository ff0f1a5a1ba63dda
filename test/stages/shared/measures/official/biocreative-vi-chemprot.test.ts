import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { ratiosOf, sumOfCounts } from "../../../../../stages/shared/measures/counts.ts"
import { countMentionPairs } from "../../../../../stages/shared/measures/official/biocreative-vi-chemprot.ts"
import { corporaMissing, corpusFile, readCorpus, skipReason } from "../../../support.ts"
import { assertRows, assertSaid, documentOf } from "./support.ts"

const document = documentOf(
  "chemprot",
  "{T1 CHEMICAL|Aspirin} inhibits {T2 GENE-Y|COX-1}. In rats, {T3 CHEMICAL|Aspirin} and {T4 GENE-Y|COX-1} were measured "
    + "with {T5 GENE-N|COX-2}. Later the level of {T6 GENE-Y|PLA2} rose.",
  "CPR:4 T1 T2; CPR:4 T3 T5",
)

describe("ChemProt's official evaluation", () => {
  it("counts each group, chemical and gene mention once", () => {
    assertRows(countMentionPairs, [
      ["found", "CPR:4 T1 T2", "CPR:4 T1 T2", "CPR:4 1/1 1/1"],
      ["another group", "CPR:4 T1 T2", "CPR:3 T1 T2", "CPR:3 0/1 0/0; CPR:4 0/0 0/1"],
      ["another mention of the same gene", "CPR:4 T1 T2", "CPR:4 T1 T3", "CPR:4 0/1 0/1"],
      ["the chemical is Arg1", "CPR:4 T1 T2", "CPR:4 T2 T1", "CPR:4 0/1 0/1"],
      ["said twice", "CPR:4 T1 T2", "CPR:4 T1 T2; CPR:4 T1 T2", "CPR:4 1/1 1/1"],
      ["two finer types of one group are one", "CPR:4 T1 T2; CPR:4 T1 T2", "CPR:4 T1 T2", "CPR:4 1/1 1/1"],
      ["a pair in two groups is two", "CPR:4 T1 T2; CPR:6 T1 T2", "CPR:6 T1 T2", "CPR:4 0/0 0/1; CPR:6 1/1 1/1"],
      ["both groups said, one right", "CPR:5 T1 T2", "CPR:5 T1 T2; CPR:6 T1 T2", "CPR:5 1/1 1/1; CPR:6 0/1 0/0"],
      ["a group that is not evaluated is not counted", "CPR:9 T1 T2", "CPR:2 T1 T2", "CPR:9 0/0 0/1"],
      ["nor looked for", "CPR:10 T1 T2", "CPR:9 T1 T2", "CPR:9 0/1 0/0"],
      ["nothing is said", "CPR:4 T1 T2", "", "CPR:4 0/0 0/1"],
      ["there is nothing to say", "", "CPR:4 T1 T2", "CPR:4 0/1 0/0"],
      ["neither", "", "", ""],
      [
        "one of two, and one more",
        "CPR:3 T1 T2; CPR:3 T1 T3",
        "CPR:3 T1 T3; CPR:3 T4 T3",
        "CPR:3 1/2 1/2",
      ],
    ])
  })

  it("official-duplicates: a prediction that is repeated counts once, right or wrong, evaluated or not", () => {
    assertRows(countMentionPairs, [
      [
        "each said twice, as the task's program counts four",
        "CPR:3 T1 T2; CPR:4 T1 T3",
        "CPR:3 T1 T2; CPR:3 T1 T2; CPR:9 T1 T2; CPR:9 T1 T2",
        "CPR:3 1/1 1/1; CPR:4 0/0 0/1; CPR:9 0/1 0/0",
      ],
    ])
  })

  it("traces strings to the nearest mentions of each sentence that has both", () => {
    assertSaid("chemprot", "mention pairs", document, [
      ["in two sentences, annotated in one", [["CPR:4", "Aspirin", "COX-1"]], "CPR:4 1/2 1/2"],
      ["in one", [["CPR:4", "Aspirin", "COX-2"]], "CPR:4 1/1 1/2"],
      ["in none together: the nearest of the document", [["CPR:4", "Aspirin", "PLA2"]], "CPR:4 0/1 0/2"],
      ["in lower case", [["CPR:4", "aspirin", "cox-2"]], "CPR:4 1/1 1/2"],
      [
        "in two cases, the same mentions",
        [["CPR:4", "aspirin", "cox-2"], ["CPR:4", "Aspirin", "COX-2"]],
        "CPR:4 1/1 1/2",
      ],
      ["the other way round", [["CPR:4", "COX-2", "Aspirin"]], "CPR:4 0/1 0/2"],
      ["no mention", [["CPR:4", "Aspirin", "COX-3"]], "CPR:4 0/1 0/2"],
      ["part of a name", [["CPR:4", "Aspirin", "COX"]], "CPR:4 0/1 0/2"],
      ["another group", [["CPR:3", "Aspirin", "COX-2"]], "CPR:3 0/1 0/0; CPR:4 0/0 0/2"],
      [
        "predicates that are none are one kind",
        [["?inhibition", "Aspirin", "COX-2"], ["?activation", "Aspirin", "PLA2"]],
        "? 0/2 0/0; CPR:4 0/0 0/2",
      ],
      ["one argument", [["CPR:4", "Aspirin"]], "CPR:4 0/1 0/2"],
      ["nothing", [], "CPR:4 0/0 0/2"],
    ])
  })

  it("takes the nearest of several mentions in a sentence, the first of equally near ones", () => {
    const sentence = "Donors of {T1 CHEMICAL|NO} and {T2 CHEMICAL|NO} itself reach {T3 GENE|iNOS}."
    assertSaid("chemprot", "mention pairs", documentOf("chemprot", sentence, "CPR:3 T1 T3; CPR:3 T2 T3"), [
      ["T2 is nearer", [["CPR:3", "NO", "iNOS"]], "CPR:3 1/1 1/2"],
    ])
    assertSaid(
      "chemprot",
      "mention pairs",
      documentOf("chemprot", "{T3 GENE|A} {T2 CHEMICAL|x} {T1 GENE|A}", "CPR:3 T2 T3"),
      [
        ["T3 comes first", [["CPR:3", "x", "A"]], "CPR:3 1/1 1/1"],
      ],
    )
  })

  it.skipIf(corporaMissing !== undefined)(`gives the published figures of the sample predictions${skipReason}`, () => {
    const file = (name: string) => corpusFile(`chemprot/chemprot_sample/chemprot_sample_${name}`)
    const sources = ["abstracts.tsv", "entities.tsv", "gold_standard.tsv"].map(file)
    const predictions = readFileSync(file("predictions.tsv").path, "utf8").trim().split("\n").map((line) => {
      const [id = "", label = "", head = "", tail = ""] = line.trim().split("\t")
      return { id, label, arguments: [head.replace("Arg1:", ""), tail.replace("Arg2:", "")] }
    })
    const published = new Map(
      readFileSync(file("predictions_eval.txt").path, "utf8").trim().split("\n").map((line) => {
        const [name = "", figure = ""] = line.split(":")
        return [name, Number(figure)] as const
      }),
    )
    const counts = [...readCorpus("chemprot", sources, "train")].map((one) =>
      countMentionPairs(one.relations, predictions.filter(({ id }) => id === one.id))
    )
    const sum = sumOfCounts(counts.flatMap((byLabel) => [...byLabel.values()]))
    assert.deepStrictEqual(
      [sum.gold, sum.predicted, sum.correct, sum.gold - sum.found, sum.predicted - sum.correct],
      ["Total annotations", "Total predictions", "TP", "FN", "FP"].map((name) => published.get(name)),
    )
    const { precision, recall, f1 } = ratiosOf(sum)
    assert.closeTo(precision, published.get("Precision") ?? 0, 1e-12)
    assert.closeTo(recall, published.get("Recall") ?? 0, 1e-12)
    assert.closeTo(f1, published.get("F-score") ?? 0, 1e-12)
    // The published file has no figures by group; these are the lines that the two files share, counted by `comm`.
    assert.deepStrictEqual(
      ["CPR:3", "CPR:4", "CPR:5", "CPR:6", "CPR:9"].map((group) => {
        const of = sumOfCounts(counts.flatMap((byLabel) => byLabel.get(group) ?? []))
        return [group, of.correct, of.predicted, of.gold]
      }),
      [["CPR:3", 48, 50, 78], ["CPR:4", 39, 42, 89], ["CPR:5", 4, 8, 13], ["CPR:6", 3, 3, 14], ["CPR:9", 27, 39, 45]],
    )
  })
})
