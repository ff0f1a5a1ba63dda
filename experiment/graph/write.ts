import type { Builder, Ref } from "redag"
import type { CheckpointFile } from "../../schemas/checkpoints.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Generation } from "../../schemas/generations.ts"
import type { Extraction } from "../../schemas/relations.ts"
import { extract } from "../../stages/extract/stage.ts"
import { generate } from "../../stages/generate/stage.ts"
import type { ConstraintParam } from "../../stages/shared/params/constraint.ts"
import { sharedTokensOf } from "./models.ts"
import { readingOf, type Run, runName } from "./run.ts"

/** Lets the finetuned model of a run write what it finds in the test documents, or only what a constraint allows. */
export const generateFor = (
  dag: Builder,
  run: Run,
  checkpoint: Ref<CheckpointFile>,
  examples: Ref<Example>,
  constraint?: (typeof ConstraintParam)["Encoded"],
): Ref<Generation> => {
  const { kind, training, generationBatch: batchSize, maxNewTokens, memory } = run.model
  const { maxSourceTokens, engine, threads } = training
  const { protocol } = run.task
  const { decoding } = protocol
  const sharedTokens = sharedTokensOf(run.model, protocol)
  return dag.add(generate, {
    name: runName(run),
    params: {
      ...kind,
      partition: "test",
      batchSize,
      maxNewTokens,
      maxSourceTokens,
      sharedTokens,
      decoding,
      ...(constraint === undefined ? {} : { constraint }),
      engine,
      threads,
    },
    inputs: { checkpoint, examples },
    resources: { memory: memory.generate },
  }).generations
}

/** Reads relations out of what the model of a run wrote. */
export const extractFrom = (dag: Builder, run: Run, generations: Ref<Generation>): Ref<Extraction> =>
  dag.add(extract, { name: runName(run), params: readingOf(run), inputs: { generations } }).relations
