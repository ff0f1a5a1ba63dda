import type { Builder, Ref } from "redag"
import type { CheckpointFile } from "../../schemas/checkpoints.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Shot } from "../../schemas/shots.ts"
import { inverted } from "../../stages/shared/language/template.ts"
import { constrainedName, type ConstrainedRows, hasConstrained } from "../constrained.ts"
import type { TestPart } from "./read.ts"
import { type Run, runName } from "./run.ts"
import { scoreCell, type Scored } from "./score.ts"
import { extractFrom, generateFor } from "./write.ts"

/** Lets the model of a run write again, only what the template says of names of each document, where rows ask for it. */
export const addConstrained = (
  dag: Builder,
  rows: ReadonlyArray<ConstrainedRows>,
  run: Run,
  { checkpoint, test, shots, learnable }: {
    readonly checkpoint: Ref<CheckpointFile>
    readonly test: TestPart
    /** What the checkpoint learned from, and the examples among which that was chosen. */
    readonly shots: Ref<Shot>
    readonly learnable: Ref<Example>
  },
): ReadonlyArray<Scored> => {
  const { task, setting, seed } = run
  const corpus = task.corpus.id
  if (!rows.some((row) => hasConstrained(row, { model: run.model.name, corpus, setting: setting.id }))) return []
  const constrained = { ...run, model: { ...run.model, name: constrainedName(run.model.name) } }
  const { template, extraction } = task.language
  const generations = generateFor(dag, constrained, checkpoint, test.examples, {
    template: { ...inverted(template), source: template.source },
    extraction,
  })
  return scoreCell(dag, task, {
    name: runName(constrained),
    cell: { model: constrained.model.name, corpus, setting: setting.id, seed },
    relations: extractFrom(dag, constrained, generations),
    test,
    shots: [shots],
    learnable: [learnable],
  })
}
