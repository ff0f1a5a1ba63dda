import { Effect, Schema } from "effect"
import { attempt, available, stage } from "redag"
import { Comparison, Question } from "../../schemas/comparisons.ts"
import { Detail, RunDetail } from "../../schemas/details.ts"
import { ErrorCase, ErrorCount } from "../../schemas/errors.ts"
import { Example } from "../../schemas/examples.ts"
import { Outcome } from "../../schemas/outcomes.ts"
import { Result } from "../../schemas/results.ts"
import { Score } from "../../schemas/scores.ts"
import { SystemComparison } from "../../schemas/systems.ts"
import { Warning } from "../../schemas/warnings.ts"
import { aggregate as aggregateScores } from "./aggregate.ts"
import { Lists } from "./lists.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

/** Gathers the scores that there are into the results table with intervals, compares the models of pairs, and counts mistakes. */
export const aggregate = stage({
  name: "aggregate",
  params: Schema.Struct({
    lists: Lists,
    /** The models whose difference answers a question of the paper. */
    pairs: Schema.Array(Schema.Struct({ question: Question, base: Schema.String, other: Schema.String })),
    /** Whether a model is compared on corpora that it saw before the experiment. */
    leaked: Schema.Literals(["apart", "compared"]),
    /** Seeds that a cell of few shots should have. */
    seeds: Positive,
    /** Of documents, for intervals and tests. */
    resamples: Positive,
    seed: Schema.Natural,
  }),
  inputs: {
    scores: available(Score),
    outcomes: available(Outcome),
    details: available(RunDetail),
    examples: available(Example),
    warnings: available(Warning),
  },
  outputs: {
    results: Result,
    comparisons: Comparison,
    errors: ErrorCount,
    cases: ErrorCase,
    details: Detail,
    warnings: Warning,
    systems: SystemComparison,
  },
  // Seconds of computing over the outcomes of all runs, all in memory.
  isolation: "process",
  resources: () => ({ cpu: 1, memory: 1024, gpu: 0 }),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const scores = (yield* Effect.forEach(inputs.scores, ({ rows }) => rows)).flat()
    const outcomes = (yield* Effect.forEach(inputs.outcomes, ({ rows }) => rows)).flat()
    const details = (yield* Effect.forEach(inputs.details, ({ rows }) => rows)).flat()
    const examples = yield* Effect.forEach(inputs.examples, ({ rows }) => rows)
    const warnings = (yield* Effect.forEach(inputs.warnings, ({ rows }) => rows)).flat()
    return yield* attempt(() => aggregateScores({ scores, outcomes, details, examples, warnings, ...params }))
  }),
})
