import type { ModelKind } from "../stages/shared/params/model.ts"
import type { Options } from "./options.ts"
import type { SettingId } from "./settings.ts"

/** A model that travels with the package, small enough to be finetuned in seconds on a CPU. */
export interface DemoModel {
  readonly name: string
  /** Its folder below bundled/models. */
  readonly folder: string
  readonly kind: ModelKind
  readonly parameters: string
  /** Whether it has an encoder; as in the paper, models without one learn from everything only. */
  readonly encoder: boolean
  /** What it was pretrained with, where that differs. */
  readonly pretraining: { readonly learningRate: number; readonly steps: number }
}

/** Whatever its architecture, the tokenizer of a bundled model is a Unigram model. */
const unigram = (architecture: ModelKind["architecture"]): ModelKind => ({ architecture, tokenizer: "unigram" })

/** The bundled models, one of each architecture, in the order of all tables. */
// dprint-ignore
export const demoModels: ReadonlyArray<DemoModel> = [
  { name: "bart-mini",    folder: "bart",    kind: unigram("bart"),    parameters: "0.3M", encoder: true,  pretraining: { learningRate: 3e-3, steps: 1500 } },
  { name: "biogpt-mini",  folder: "biogpt",  kind: unigram("biogpt"),  parameters: "0.3M", encoder: false, pretraining: { learningRate: 3e-3, steps: 1500 } },
  { name: "gpt-neo-mini", folder: "gpt-neo", kind: unigram("gpt-neo"), parameters: "0.3M", encoder: false, pretraining: { learningRate: 5e-3, steps: 3000 } },
  { name: "gpt2-mini",    folder: "gpt2",    kind: unigram("gpt2"),    parameters: "0.3M", encoder: false, pretraining: { learningRate: 5e-3, steps: 1500 } },
  { name: "t5-mini",      folder: "t5",      kind: unigram("t5"),      parameters: "0.3M", encoder: true,  pretraining: { learningRate: 5e-3, steps: 3500 } },
]

/** A bundled model, by its name. */
export const findDemoModel = (name: string): DemoModel | undefined => demoModels.find((model) => model.name === name)

/** What the demo does: sizes and rates that suit 0.3 million parameters. */
export const demoOptions: Options = {
  seeds: [0, 1],
  training: {
    batchSize: 8,
    accumulation: 1,
    learningRate: 2e-3,
    warmupRatio: 0.1,
    weightDecay: 0,
    clipNorm: 1,
    dropout: "model",
    engine: "onnxruntime",
    maxSourceTokens: 256,
    maxTargetTokens: 128,
    threads: 1,
  },
  // 400 steps end in epoch 14.
  fromEpoch: 12,
  maxNewTokens: 128,
  sharedTokens: 384,
  generationBatch: 32,
}

/** Steps of a finetuning, by setting. */
export const demoSteps: Readonly<Record<SettingId, number>> = { "16": 30, "64": 120, "full": 400 }
