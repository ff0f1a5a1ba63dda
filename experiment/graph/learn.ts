import type { Builder, Ref } from "redag"
import type { Example } from "../../schemas/examples.ts"
import type { Shot } from "../../schemas/shots.ts"
import { finetune } from "../../stages/finetune/stage.ts"
import { sample } from "../../stages/sample/stage.ts"
import type { Corpus } from "../corpora.ts"
import { sharedTokensOf } from "./models.ts"
import { readingOf, type Run, runName, type Selection, selectionName } from "./run.ts"

/** Chooses what models learn from. */
export const chooseShots = (dag: Builder, corpus: Corpus, selection: Selection, examples: Ref<Example>): Ref<Shot> => {
  const { setting: { shots }, seed } = selection
  return dag.add(sample, {
    name: selectionName(corpus, selection),
    params: { choice: shots === "full" || seed === null ? { shots: "full", seed: null } : { shots, seed } },
    inputs: { examples },
    ...(shots === "full" ? {} : { expected: { rows: shots } }),
  }).shots
}

/** Finetunes a model on the shots of a run; one that learns from everything keeps the weights of its best epoch. */
export const finetuneOn = (dag: Builder, run: Run, shots: Ref<Shot>) => {
  const { task: { protocol }, model, setting, seed } = run
  const { matching, counters, decoding, endOfSequence } = protocol
  const { fromEpoch, maxNewTokens, generationBatch: batchSize } = model
  return dag.add(finetune, {
    name: runName(run),
    params: {
      ...model.kind,
      ...model.training,
      sharedTokens: sharedTokensOf(model, protocol),
      start: { from: "pretrained" },
      duration: model.duration(setting),
      validation: setting.shots === "full"
        ? {
          fromEpoch,
          ...readingOf(run),
          matching,
          counters,
          batchSize,
          maxNewTokens,
          decoding,
          patience: null,
        }
        : null,
      // A model with an encoder always ends its text.
      endOfSequence: model.encoder || endOfSequence,
      seed: seed ?? 0,
    },
    inputs: { model: model.checkpoint, shots: [shots] },
    resources: { memory: model.memory.finetune },
  })
}
