import { assert } from "@effect/vitest"
import type { Document, GoldRelation, Mention } from "../../../../../schemas/documents.ts"
import type { Counts } from "../../../../../schemas/scores.ts"
import { sumOfCounts } from "../../../../../stages/shared/measures/counts.ts"
import type { Measured, Prediction } from "../../../../../stages/shared/measures/measured.ts"
import type { Annotation, Evaluator } from "../../../../../stages/shared/measures/official/annotations.ts"
import { measurerOf } from "../../../support.ts"

const evaluations = {
  cdr: "biocreative-v-cdr",
  chemprot: "biocreative-vi-chemprot",
  ddi: "semeval-2013-ddi",
  dce: "drug-combinations",
  biored: "biocreative-viii-biored",
} as const
export type OfficialCorpus = keyof typeof evaluations

/** Measures as the publishers of a corpus do. */
export const measureOfficial = (
  corpus: OfficialCorpus,
  predictions: ReadonlyArray<Prediction>,
): ReadonlyArray<Measured> => measurerOf({ by: "official", evaluation: evaluations[corpus] })([])(predictions)

/** Annotations as a table writes them: "CPR:4 T1 T2; CPR:3 T1 T5". */
export const annotations = (written: string): ReadonlyArray<Annotation> =>
  written.split(";").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const [label = "", ...ids] = part.split(" ")
    return { label, arguments: ids }
  })

const relation = (annotation: Annotation, corpus: OfficialCorpus): GoldRelation => ({
  ...annotation,
  level: corpus === "cdr" || corpus === "biored" ? "concept" : "mention",
})

/**
 * A document whose text marks its mentions: "{T1 CHEMICAL|aspirin} inhibits {T2 GENE-Y|COX-1}.", and "{T1 Disease
 * D3+D4|ocular and auditory toxicity}" where mentions have concepts.
 */
export const documentOf = (corpus: OfficialCorpus, marked: string, gold: string, id = "1"): Document => {
  const mentions: Array<Mention> = []
  let text = ""
  for (const part of marked.split(/(\{[^}]*\})/u)) {
    const [, name = "", type = "", concepts = "", written = ""] = /^\{(\S+) (\S+?)(?: (\S+?))?\|(.*)\}$/u.exec(part)
      ?? []
    if (name === "") {
      text += part
      continue
    }
    const spans = [{ start: text.length, end: text.length + written.length }]
    mentions.push({
      id: name,
      type,
      text: written,
      spans,
      concepts: concepts.split("+").filter((one) => one !== ""),
      parts: [],
    })
    text += written
  }
  const relations = annotations(gold).map((annotation) => relation(annotation, corpus))
  return { corpus, portion: "test", id, text, mentions, relations }
}

/** What a model said, a relation a list: its label, then its arguments. */
export type Said = ReadonlyArray<readonly [label: string, ...names: ReadonlyArray<string>]>

/** A document with what a model said of it. */
export const predictionOf = (document: Document, said: Said): Prediction => ({
  document,
  answers: [],
  extraction: {
    document: document.id,
    relations: said.map(([label, ...names]) => ({ label, arguments: names })),
    malformed: [],
    finished: true,
    sourceTruncated: false,
  },
})

/** Counts as a table writes them: "CPR:4 1/2 1/3", right of predicted and found of gold, in the order of labels. */
export const written = (byLabel: ReadonlyMap<string, Counts>): string =>
  [...byLabel].toSorted(([a], [b]) => a.localeCompare(b)).map(([label, { correct, predicted, found, gold }]) =>
    `${label} ${tidy(correct)}/${predicted} ${tidy(found)}/${gold}`
  ).join("; ")

const tidy = (value: number): string => String(Math.round(value * 1000) / 1000)

/** A row of a table for an evaluator of annotations. */
export type Row = readonly [why: string, gold: string, predicted: string, counts: string]

/** Asserts each row. */
export const assertRows = (evaluator: Evaluator, rows: ReadonlyArray<Row>): void => {
  for (const [why, gold, predicted, expected] of rows) {
    assert.strictEqual(written(evaluator(annotations(gold), annotations(predicted))), expected, why)
  }
}

/** A row of a table for what strings stand for. */
export type SaidRow = readonly [why: string, said: Said, counts: string]

/** Asserts what each prediction of a document counts, by one measure. */
export const assertSaid = (
  corpus: OfficialCorpus,
  measure: string,
  document: Document,
  rows: ReadonlyArray<SaidRow>,
): void => {
  for (const [why, said, expected] of rows) {
    const measured = measureOfficial(corpus, [predictionOf(document, said)]).find((one) => one.measure === measure)
    assert.strictEqual(written(new Map(measured?.documents[0]?.byLabel.map((own) => [own.label, own]))), expected, why)
  }
}

/** The counts of all documents and labels. */
export const total = (corpus: OfficialCorpus, measure: string, predictions: ReadonlyArray<Prediction>): Counts => {
  const measured = measureOfficial(corpus, predictions).find((one) => one.measure === measure)
  return sumOfCounts(measured?.documents.flatMap(({ byLabel }) => byLabel) ?? [])
}
