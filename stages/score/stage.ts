import { Effect, Schema } from "effect"
import { one, Progress, stage } from "../../pipeline/stage.ts"
import { Example } from "../../schemas/examples.ts"
import { Extraction } from "../../schemas/relations.ts"
import { Cell, Score } from "../../schemas/scores.ts"
import { attempt } from "../attempt.ts"
import { score as scoreExtractions, ScoreOptions } from "./score.ts"

/** Scores extracted relations strictly against the gold ones of the examples. */
export const score = stage({
  name: "score",
  params: Schema.Struct({ cell: Cell, options: ScoreOptions }),
  inputs: { examples: one(Example), relations: one(Extraction) },
  outputs: { scores: Score },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const examples = yield* inputs.examples.rows
    const relations = yield* inputs.relations.rows
    const scores = yield* attempt(() => scoreExtractions(examples, relations, params.cell, params.options))
    const [micro] = scores
    if (micro !== undefined) yield* progress.count("F1", Math.round(micro.f1 * 1000) / 10)
    return { scores }
  }),
})
