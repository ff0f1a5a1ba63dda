import type { Builder, Ref } from "redag"
import type { RunDetail } from "../../schemas/details.ts"
import type { Evaluation } from "../../schemas/evaluations.ts"
import type { Example } from "../../schemas/examples.ts"
import type { HandedIn } from "../../schemas/handed-in.ts"
import type { Outcome } from "../../schemas/outcomes.ts"
import type { Extraction } from "../../schemas/relations.ts"
import type { Cell, Score } from "../../schemas/scores.ts"
import type { Shot } from "../../schemas/shots.ts"
import { score } from "../../stages/score/stage.ts"
import { protocolName } from "../departures.ts"
import type { TestPart } from "./read.ts"
import { type Run, runName } from "./run.ts"
import type { Task } from "./task.ts"

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
  const { task, model, setting, seed } = run
  return scoreCell(dag, task, {
    name: runName(run),
    cell: { model: model.name, corpus: task.corpus.id, setting: setting.id, seed },
    relations,
    test,
    evaluations: task.protocol.counters === "pooled" && setting.shots === "full" ? [evaluations] : [],
    shots: [shots],
    learnable: [learnable],
  })
}

/** A cell of the results, and what it is scored by. */
interface CellToScore {
  /** Of its nodes. */
  readonly name: string
  readonly cell: Cell
  readonly relations: Ref<Extraction>
  readonly test: TestPart
  readonly evaluations?: ReadonlyArray<Ref<Evaluation>>
  readonly shots?: ReadonlyArray<Ref<Shot>>
  readonly learnable?: ReadonlyArray<Ref<Example>>
  /** Of a file of predictions. */
  readonly handedIn?: ReadonlyArray<Ref<HandedIn>>
}

/** Scores what was extracted for the test documents, whoever wrote it; by the measures of its corpus. */
export const scoreCell = (
  dag: Builder,
  { corpus, departures, protocol: { matching } }: Task,
  { name, cell, relations, test, evaluations = [], shots = [], learnable = [], handedIn = [] }: CellToScore,
): ReadonlyArray<Scored> => {
  const inputs = { examples: test.examples, relations, warnings: test.warnings, handedIn }
  const strict = dag.add(score, {
    name,
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
      evaluations,
      shots,
      learnable,
    },
  })
  if (corpus.evaluation === null) return [strict]
  const official = dag.add(score, {
    name: `official/${name}`,
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
