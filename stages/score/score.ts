import { Schema } from "effect"
import { InputError } from "../../pipeline/errors.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Extraction } from "../../schemas/relations.ts"
import type { Cell, Score } from "../../schemas/scores.ts"
import { Partition } from "../../schemas/splits.ts"
import { ArgumentOrder, countByLabel, type Counts, type Judged, ratiosOf, sumOfCounts } from "../scoring.ts"

/** What is scored, and how arguments are compared. */
export const ScoreOptions = Schema.Struct({ partition: Partition, arguments: ArgumentOrder })
export type ScoreOptions = typeof ScoreOptions.Type

/** Pairs each example of the partition with what was extracted for it; a missing or a surplus one is an error. */
const pair = (
  examples: Iterable<Example>,
  extractions: Iterable<Extraction>,
  partition: Partition,
): ReadonlyArray<Judged> => {
  const byDocument = new Map<string, Extraction>()
  const fail = (message: string): InputError =>
    new InputError({ message, help: "generate for the same examples that are scored, each once", field: "document" })
  for (const extraction of extractions) {
    if (byDocument.has(extraction.document)) throw fail(`document ${extraction.document} was generated twice`)
    byDocument.set(extraction.document, extraction)
  }
  const pairs: Array<Judged> = []
  for (const { document, partition: own, answers } of examples) {
    if (own !== partition) continue
    const extraction = byDocument.get(document)
    if (extraction === undefined) throw fail(`nothing was generated for ${partition} document ${document}`)
    byDocument.delete(document)
    pairs.push({ answers, relations: extraction.relations })
  }
  const [surplus] = byDocument.keys()
  if (surplus !== undefined) throw fail(`document ${surplus} was generated and is not among the ${partition} examples`)
  return pairs
}

/** Scores predictions strictly: precision, recall and F1 over all labels ("micro") and for each label. */
export const score = (
  examples: Iterable<Example>,
  extractions: Iterable<Extraction>,
  cell: Cell,
  options: ScoreOptions,
): ReadonlyArray<Score> => {
  const counts = countByLabel(pair(examples, extractions, options.partition), options.arguments)
  const row = (label: string, own: Counts): Score => ({ ...cell, label, ...own, ...ratiosOf(own) })
  return [
    row("micro", sumOfCounts(counts.values())),
    ...[...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([label, own]) => row(label, own)),
  ]
}
