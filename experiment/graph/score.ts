import type { Builder, Ref } from "redag"
import type { RunDetail } from "../../schemas/details.ts"
import type { Evaluation } from "../../schemas/evaluations.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Outcome } from "../../schemas/outcomes.ts"
import type { Extraction } from "../../schemas/relations.ts"
import type { Score } from "../../schemas/scores.ts"
import type { Shot } from "../../schemas/shots.ts"
import { score } from "../../stages/score/stage.ts"
import { protocolName } from "../departures.ts"
import type { TestPart } from "./read.ts"
import { type Run, runName } from "./run.ts"

/** The scores of a run, how each document was scored, and what the scores do not show. */
export interface Scored {
  readonly scores: Ref<Score>
  readonly outcomes: Ref<Outcome>
  readonly details: Ref<RunDetail>
}

/** Scores a run as the paper does, and as those who published the corpus do, if they defined an evaluation. */
export const scoreRun = (
  dag: Builder,
  run: Run,
  { relations, evaluations, test, shots, learnable }: {
    readonly relations: Ref<Extraction>
    readonly evaluations: Ref<Evaluation>
    readonly test: TestPart
    /** What the model learned from, and the examples among which that was chosen. */
    readonly shots: Ref<Shot>
    readonly learnable: Ref<Example>
  },
): ReadonlyArray<Scored> => {
  const { task: { corpus, departures, protocol: { matching, counters } }, model, setting, seed } = run
  const cell = { model: model.name, corpus: corpus.id, setting: setting.id, seed }
  const inputs = { examples: test.examples, relations, warnings: test.warnings }
  const strict = dag.add(score, {
    name: runName(run),
    params: {
      cell,
      partition: "test",
      protocol: protocolName(departures),
      measure: { by: "strict", matching },
      others: "error",
    },
    inputs: {
      ...inputs,
      documents: test.documents,
      evaluations: counters === "pooled" && setting.shots === "full" ? [evaluations] : [],
      shots: [shots],
      learnable: [learnable],
    },
  })
  if (corpus.evaluation === null) return [strict]
  const official = dag.add(score, {
    name: `official/${runName(run)}`,
    params: {
      cell,
      partition: "test",
      protocol: "official",
      measure: { by: "official", evaluation: corpus.evaluation },
      others: "left out",
    },
    inputs: { ...inputs, documents: test.annotated, evaluations: [], shots: [], learnable: [] },
  })
  return [strict, official]
}
