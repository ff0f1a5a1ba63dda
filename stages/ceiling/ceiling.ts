import type { Ceiling } from "../../schemas/ceilings.ts"
import type { Document } from "../../schemas/documents.ts"
import type { Split } from "../../schemas/splits.ts"
import { extractor } from "../shared/language/extraction.ts"
import { relationsOf, renderDocuments } from "../shared/language/rendering.ts"
import { inverted } from "../shared/language/template.ts"
import { countByLabel, ratiosOf, sumOfCounts } from "../shared/measures/counts.ts"
import type { Measured, Measurer, Prediction } from "../shared/measures/measured.ts"
import type { Measure } from "../shared/measures/measures.ts"
import type { Described } from "./channel.ts"
import type { CeilingProtocol } from "./protocol.ts"
import { type Step, steps, write } from "./writing.ts"

/** Documents that a model is to write about, and what its texts are held to. */
export interface Task {
  readonly corpus: string
  readonly model: string
  readonly described: Described
  readonly documents: ReadonlyArray<Document>
  /** Of the documents that are tested, in their order. */
  readonly splits: ReadonlyArray<Split>
  readonly maxSourceTokens: number
  readonly maxTargetTokens: number
}

/** What is read after each step, one prediction for each document. */
const predictionsOf = (
  { described, documents, splits, ...limits }: Task,
  { template, extraction, reading, rendering, endOfSequence, decoding, prompt, sharedTokens, measure }: CeilingProtocol,
): ReadonlyArray<ReadonlyArray<Prediction>> => {
  const extract = extractor({ template: inverted(template), extraction, reading })
  const byId = new Map(documents.map((document) => [document.id, document] as const))
  const variants = measure.by === "strict" ? measure.matching.variants : "one"
  const rules = { template, rendering, decoding, prompt, variants }
  const channel = { ...limits, sharedTokens, endOfSequence }
  const after: ReadonlyArray<Array<Prediction>> = steps.map(() => [])
  for (const example of renderDocuments(documents, splits, template, rendering)) {
    const document = byId.get(example.document)
    if (document === undefined) continue
    const stated = relationsOf(document, template, rendering).stated
    const { texts, sourceTruncated } = write(described, { ...example, answers: stated }, rules, channel)
    for (const [index, predictions] of after.entries()) {
      const extracted = extract(texts[index] ?? "")
      predictions.push({
        document,
        answers: example.answers,
        extraction: { document: document.id, ...extracted, finished: true, sourceTruncated },
      })
    }
  }
  return after
}

const measured = (measurer: Measurer, predictions: ReadonlyArray<Prediction>): ReadonlyArray<Measured> =>
  measurer(predictions.map(({ document }) => document))(predictions)

/** How many of its relations are found in each document, for each of the evaluations that a measure is. */
const foundBy = (
  measure: Measure,
  measurer: Measurer,
  predictions: ReadonlyArray<Prediction>,
): ReadonlyArray<ReadonlyArray<number>> => {
  if (measure.by === "official") {
    return measured(measurer, predictions).map(({ documents }) =>
      documents.map(({ byLabel }) => sumOfCounts(byLabel).found)
    )
  }
  // However often a relation counts, it is lost or found once.
  const matching = { ...measure.matching, variants: "one" } as const
  return [
    predictions.map(({ answers, extraction: { relations } }) =>
      sumOfCounts(countByLabel([{ answers, relations }], matching)).found
    ),
  ]
}

/**
 * How many relations each step loses, from how many there are and how many are found after each step. A later step may
 * bring back what one before it lost, so a relation is lost where it is last seen.
 */
export const lossesOf = (gold: number, found: ReadonlyArray<number>): ReadonlyArray<number> => {
  const kept = found.map((_, index) => Math.min(gold, Math.max(...found.slice(index))))
  return kept.map((count, index) => (kept[index - 1] ?? gold) - count)
}

const lossesOfAll = (
  documents: Measured["documents"],
  found: ReadonlyArray<ReadonlyArray<number>>,
): Readonly<Record<`lostTo${Step}`, number>> => {
  const lost = { Template: 0, Tokenizer: 0, TargetLength: 0, SourceLength: 0, Decoding: 0, Surroundings: 0 }
  for (const [place, { byLabel }] of documents.entries()) {
    const { gold } = sumOfCounts(byLabel)
    const losses = lossesOf(gold, found.map((step) => step[place] ?? 0))
    for (const [index, step] of steps.entries()) lost[step] += losses[index] ?? 0
  }
  return {
    lostToTemplate: lost.Template,
    lostToTokenizer: lost.Tokenizer,
    lostToTargetLength: lost.TargetLength,
    lostToSourceLength: lost.SourceLength,
    lostToDecoding: lost.Decoding,
    lostToSurroundings: lost.Surroundings,
  }
}

/** A ceiling as it is worked out, whatever the data are. */
export type Counted = Omit<Ceiling, "flags">

/** The ceilings of a task under a protocol: a row for each of the evaluations that its measure is. */
export const ceilingsOf = (
  task: Task,
  protocol: string,
  rules: CeilingProtocol,
  measurer: Measurer,
): ReadonlyArray<Counted> => {
  const after = predictionsOf(task, rules)
  const found = after.map((predictions) => foundBy(rules.measure, measurer, predictions))
  return measured(measurer, after.at(-1) ?? []).map(({ measure, documents }, place) => {
    const counts = sumOfCounts(documents.flatMap(({ byLabel }) => byLabel))
    return {
      corpus: task.corpus,
      model: task.model,
      protocol,
      measure,
      ...counts,
      ...ratiosOf(counts),
      ...lossesOfAll(documents, found.map((step) => step[place] ?? [])),
    }
  })
}
