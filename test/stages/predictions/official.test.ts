import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { officialExport } from "../../../experiment/results/official.ts"
import type { Document } from "../../../schemas/documents.ts"
import type { Example } from "../../../schemas/examples.ts"
import type { HandedIn } from "../../../schemas/handed-in.ts"
import type { Extraction, PredictedRelation } from "../../../schemas/relations.ts"
import { type Counted, score } from "../../../stages/score/score.ts"
import type { OfficialEvaluation } from "../../../stages/shared/measures/measures.ts"
import { corpusOf } from "../../experiment/corpus.ts"
import { treated } from "../../experiment/departures/support.ts"
import { repository } from "../../rig/project.ts"
import { measurerOf, readCorpus } from "../support.ts"
import { readPredictions } from "./support.ts"

const bundled = (folder: string, end: string) =>
  readdirSync(join(repository, "bundled/corpora", folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(end)).toSorted()
    .map((name) => ({ name, path: join(repository, "bundled/corpora", folder, name) }))

/** Bundled documents of each corpus whose official program reads predictions in a form of its own. */
const corpora: ReadonlyArray<readonly [id: string, documents: () => ReadonlyArray<Document>]> = [
  ["cdr", () => readCorpus("pubtator", bundled("cdr", "TestSet.PubTator.txt"), "test")],
  ["chemprot", () => readCorpus("chemprot", bundled("chemprot/chemprot_test_gs", ".tsv"), "test")],
  ["dce", () => readCorpus("dce", bundled("dce", "final_test_set.jsonl"), "test")],
  ["ddi", () => readCorpus("ddi-xml", bundled("ddi", ".xml"), "train")],
  [
    "biored",
    () =>
      readCorpus("pubtator", bundled("biored", "Test.PubTator"), "test", {
        corpus: "biored",
        labels: Object.keys(treated("biored", "paper").template.labels),
        conceptSeparator: ",",
        qualifier: "novel",
      }),
  ],
]

const noRows: ReadonlyArray<never> = []

/** Some right relations and some wrong ones of each document, by names that stand in it. */
const saidOf = (documents: ReadonlyArray<Document>, labels: ReadonlyArray<string>): ReadonlyArray<Extraction> =>
  documents.map(({ corpus, id, mentions, relations }, index) => {
    const nameOf = (argument: string): string =>
      mentions.find((mention) => mention.id === argument || mention.concepts.includes(argument))?.text ?? ""
    const right = relations.filter((_, place) => (place + index) % 3 !== 0).map((relation): PredictedRelation => ({
      label: relation.label,
      arguments: relation.arguments.map(nameOf),
    }))
    const wrong = relations.slice(0, 1).map((relation): PredictedRelation => ({
      label: labels[index % labels.length] ?? relation.label,
      arguments: (corpus === "ddi"
        // A pair of two sentences cannot be handed in.
        ? relation.arguments
        : [relation.arguments[0] ?? "", relations.at(-1)?.arguments.at(-1) ?? ""]).map(nameOf),
    }))
    return { document: id, relations: [...right, ...wrong], malformed: [], finished: true, sourceTruncated: false }
  })

describe("what dag export --official writes", () => {
  it.effect.each(corpora)(
    "of %s is read back, and scores the same to the digit",
    ([id, read]) =>
      Effect.gen(function*() {
        const documents = read()
        assert.isAbove(documents.length, 20)
        const { evaluation } = corpusOf(id)
        if (evaluation === null) return assert.fail(`${id} has no official evaluation`)
        const said = saidOf(documents, Object.keys(treated(id, "paper").template.labels))
        const { files } = yield* Effect.promise(() =>
          officialExport.files({
            node: `score/official/m/${id}/full`,
            params: {
              cell: { model: "m", corpus: id, setting: "full", seed: null },
              measure: { by: "official", evaluation },
            },
            inputs: { documents, relations: said },
            gold: undefined,
          })
        )
        const [content = ""] = Object.values(files)
        const again = yield* readPredictions(id, documents, content)
        assert.deepStrictEqual(again.handedIn.filter(({ given }) => !given), [])
        const [before, after] = [
          scoresOf(documents, evaluation, said, noRows),
          scoresOf(documents, evaluation, again.relations, again.handedIn),
        ]
        assert.isTrue(before.some(({ f1 }) => f1 > 0 && f1 < 1))
        assert.deepStrictEqual(after, before)
      }),
  )
})

const scoresOf = (
  documents: ReadonlyArray<Document>,
  evaluation: OfficialEvaluation,
  relations: ReadonlyArray<Extraction>,
  handedIn: ReadonlyArray<HandedIn>,
): ReadonlyArray<Counted> =>
  score({
    cell: { model: "m", corpus: "c", setting: "full", seed: null },
    protocol: "official",
    partition: "test",
    documents,
    examples: documents.map(({ id }): Example => ({
      document: id,
      partition: "test",
      source: "",
      target: "",
      answers: [],
    })),
    relations,
    evaluations: [],
    handedIn,
  }, measurerOf({ by: "official", evaluation })).scores
