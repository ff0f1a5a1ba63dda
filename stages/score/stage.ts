import { Effect, Schema } from "effect"
import { attempt, many, one, Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { Evaluation } from "../../schemas/evaluations.ts"
import { Example } from "../../schemas/examples.ts"
import { Outcome } from "../../schemas/outcomes.ts"
import { Extraction } from "../../schemas/relations.ts"
import { Cell, Score } from "../../schemas/scores.ts"
import { Partition } from "../../schemas/splits.ts"
import { Measure, measurerOf, usedBy } from "../shared/measures/measures.ts"
import { score as scoreExtractions } from "./score.ts"

/** Scores extracted relations against what is right, for the whole run and document by document. */
export const score = stage({
  name: "score",
  params: Schema.Struct({
    cell: Cell,
    partition: Partition,
    /** What the rows call it: "paper", "authors", "official". */
    protocol: Schema.String,
    measure: Measure,
    /** What becomes of examples whose documents are not wired: a corpus may be tested on more than it is evaluated on. */
    others: Schema.Literals(["error", "left out"]),
  }),
  inputs: {
    documents: many(Document),
    examples: one(Example),
    relations: one(Extraction),
    /** Validations whose counts are pooled with those of the test set, as by counters that are never reset. */
    evaluations: many(Evaluation),
  },
  outputs: { scores: Score, outcomes: Outcome },
  uses: ({ measure }) => usedBy([measure]),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const documents = (yield* Effect.forEach(inputs.documents, ({ rows }) => rows)).flat()
    const examples = yield* inputs.examples.rows
    const relations = yield* inputs.relations.rows
    const evaluations = (yield* Effect.forEach(inputs.evaluations, ({ rows }) => rows)).flat()
    const measurer = yield* measurerOf(params.measure)
    const { scores, outcomes } = yield* attempt(() =>
      scoreExtractions({ ...params, documents, examples, relations, evaluations }, measurer)
    )
    const [micro] = scores
    if (micro !== undefined) yield* progress.count("F1", Math.round(micro.f1 * 1000) / 10)
    return { scores, outcomes }
  }),
})
