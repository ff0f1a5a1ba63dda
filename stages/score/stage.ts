import { Effect, Schema } from "effect"
import { attempt, many, one, Progress, stage } from "redag"
import { RunDetail } from "../../schemas/details.ts"
import { Document } from "../../schemas/documents.ts"
import { Evaluation } from "../../schemas/evaluations.ts"
import { Example } from "../../schemas/examples.ts"
import { HandedIn } from "../../schemas/handed-in.ts"
import { Outcome } from "../../schemas/outcomes.ts"
import { Extraction } from "../../schemas/relations.ts"
import { Cell, Score, type ScoreFlag } from "../../schemas/scores.ts"
import { Shot } from "../../schemas/shots.ts"
import { Partition } from "../../schemas/splits.ts"
import { kindsOf, Warning } from "../../schemas/warnings.ts"
import { detailerOf, Measure, measurerOf, usedBy } from "../shared/measures/measures.ts"
import { detailsOf } from "./details.ts"
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
    /** What the model learned from, and the examples among which that was chosen; only the strict measure looks at it. */
    shots: many(Shot),
    learnable: many(Example),
    /** About the documents that the run learned from and was tested on: its rows are flagged with them. */
    warnings: many(Warning),
    /** What a file of predictions has of each document; a run of the experiment has none. */
    handedIn: many(HandedIn),
  },
  outputs: { scores: Score, outcomes: Outcome, details: RunDetail },
  uses: ({ measure }) => usedBy([measure]),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const documents = (yield* Effect.forEach(inputs.documents, ({ rows }) => rows)).flat()
    const examples = yield* inputs.examples.rows
    const relations = yield* inputs.relations.rows
    const evaluations = (yield* Effect.forEach(inputs.evaluations, ({ rows }) => rows)).flat()
    const shots = (yield* Effect.forEach(inputs.shots, ({ rows }) => rows)).flat()
    const learnable = (yield* Effect.forEach(inputs.learnable, ({ rows }) => rows)).flat()
    const warnings = (yield* Effect.forEach(inputs.warnings, ({ rows }) => rows)).flat()
    const handedIn = (yield* Effect.forEach(inputs.handedIn, ({ rows }) => rows)).flat()
    const measurer = yield* measurerOf(params.measure)
    const detailer = yield* detailerOf(params.measure)
    const { scores, outcomes } = yield* attempt(() =>
      scoreExtractions({ ...params, documents, examples, relations, evaluations, handedIn }, measurer)
    )
    const details = yield* attempt(() =>
      detailer === undefined
        ? []
        : [detailsOf({ ...params, documents, examples, relations, shots, learnable }, detailer)]
    )
    const [micro] = scores
    if (micro !== undefined) yield* progress.count("F1", Math.round(micro.f1 * 1000) / 10)
    const flags: ReadonlyArray<ScoreFlag> = [
      ...kindsOf(warnings),
      ...(handedIn.some(({ given }) => !given) ? ["missing documents" as const] : []),
    ]
    return { scores: scores.map((row): Score => ({ ...row, flags })), outcomes, details }
  }),
})
