import { Effect, Schema } from "effect"
import { many, stage } from "../../pipeline/stage.ts"
import { Result } from "../../schemas/results.ts"
import { Score } from "../../schemas/scores.ts"
import { attempt } from "../attempt.ts"
import { aggregate as aggregateScores } from "./aggregate.ts"

/** Gathers scores into the results table: means over seeds, in the layout of the paper's Table 1. */
export const aggregate = stage({
  name: "aggregate",
  params: Schema.Struct({
    /** Sizes of models that the paper's table does not have, by name. */
    parameters: Schema.Record(Schema.String, Schema.String),
  }),
  inputs: { scores: many(Score) },
  outputs: { results: Result },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const scores = (yield* Effect.forEach(inputs.scores, ({ rows }) => rows)).flat()
    return { results: yield* attempt(() => aggregateScores(scores, params.parameters)) }
  }),
})
