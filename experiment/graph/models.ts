import { isAbsolute, join } from "node:path"
import type { Builder, Ref } from "redag"
import { modelFilesIn } from "../../models/hub/folder.ts"
import type { CheckpointFile } from "../../schemas/checkpoints.ts"
import { pretrained } from "../../stages/pretrained/stage.ts"
import type { CorpusName } from "../files.ts"
import { fewShotEpochs, type PublishedModel } from "../published.ts"
import { miniTraining, paperTraining, type Training } from "../training.ts"
import type { Setting } from "./corpora.ts"

/** A model for each tokenizer of the paper's models. */
export const tokenizerModels: ReadonlySet<string> = new Set([
  "GPT-2-Medium",
  "BioGPT",
  "BioGPT-Large",
  "BioMedLM",
  "BART-Base",
  "T5-Small",
])

/** One model to finetune. */
export interface Model {
  readonly name: string
  readonly checkpoint: Ref<CheckpointFile>
  /** Whether it has an encoder. */
  readonly encoder: boolean
  readonly training: Training
  /** Peak memory, MiB. */
  readonly memory: { readonly finetune: number; readonly generate: number }
  readonly duration: (setting: Setting) => { readonly epochs: number } | { readonly maxSteps: number }
  readonly settings: (corpus: CorpusName) => ReadonlyArray<Setting>
  /** The first epoch that is evaluated on validation, where everything is learned from; few-shot training has none. */
  readonly fromEpoch: number
  readonly maxNewTokens: number
  /** Sources generated for side by side. */
  readonly generationBatch: number
}

/** A model as far as ceilings depend on it; its checkpoint need not have weights. */
export type Tokenizing = Pick<Model, "name" | "checkpoint" | "encoder" | "training" | "maxNewTokens">

/** A folder named by an environment variable, or a default, below the project where it is relative. */
export const folder = (root: string, variable: string, otherwise: string): string => {
  const named = process.env[variable] ?? ""
  const path = named === "" ? otherwise : named
  return isAbsolute(path) ? path : join(root, path)
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20)

/** "350M" or "1.5B" as a number. */
const parametersOf = ({ parameters }: PublishedModel): number =>
  Number.parseFloat(parameters) * (parameters.endsWith("B") ? 1e9 : 1e6)

/**
 * A model of the Hugging Face Hub, or of a folder below DAG_MODELS: "google/flan-t5-small" in "google--flan-t5-small";
 * whole, or without its weights.
 */
export const pretrainedModel = (
  dag: Builder,
  model: PublishedModel,
  parts: "all" | "tokenizer",
): Ref<CheckpointFile> => {
  const { huggingFace: repository } = model
  const name = parts === "all" ? model.name : `tokenizer/${model.name}`
  const models = process.env["DAG_MODELS"] ?? ""
  if (models === "") {
    return dag.add(pretrained, {
      name,
      params: { source: { from: "hub", repository, revision: "main" }, parts },
      inputs: { folder: { title: "no files", base: dag.root, names: [] } },
    }).checkpoint
  }
  const base = join(folder(dag.root, "DAG_MODELS", ""), repository.replace("/", "--"))
  const there = modelFilesIn(base, parts)
  return dag.add(pretrained, {
    name,
    params: { source: { from: "folder" }, parts },
    inputs: {
      folder: {
        title: name,
        base,
        names: there ?? ["config.json", ...(parts === "all" ? ["model.safetensors"] : ["tokenizer.json"])],
        provenance: {
          where: `Hugging Face, ${repository}: with its tokenizer${parts === "all" ? ", and weights in any form" : ""}`,
          licence: "see its model card",
          bytes: parts === "all" ? parametersOf(model) * 4 : 0,
        },
      },
    },
  }).checkpoint
}

export const paperModel = (dag: Builder, model: PublishedModel): Model => {
  const epochs = model.family === null ? undefined : fewShotEpochs[model.family]
  return {
    name: model.name,
    checkpoint: pretrainedModel(dag, model, "all"),
    encoder: epochs !== undefined,
    training: paperTraining,
    // What models/memory/requirements.ts asks for at 512 + 256 tokens: a decoder-only model attends over both at once.
    memory: {
      finetune: mebibytes(parametersOf(model) * (epochs === undefined ? 45 : 30)) + 1024,
      generate: mebibytes(parametersOf(model) * (epochs === undefined ? 22 : 14)) + 1024,
    },
    duration: (setting) => ({ epochs: setting === "full" || epochs === undefined ? 30 : epochs[setting] }),
    // Models without an encoder are finetuned on everything only.
    settings: () => (epochs === undefined ? ["full"] : ["16", "64", "full"]),
    fromEpoch: 10,
    maxNewTokens: 512,
    generationBatch: 8,
  }
}

/** The mini models, one of each architecture, with what they are pretrained with where that differs. */
export const minis = {
  "t5": { settings: ["16", "64", "full"], pretraining: { learningRate: 5e-3, steps: 3500 } },
  "bart": { settings: ["16", "64", "full"], pretraining: { learningRate: 3e-3, steps: 1500 } },
  "gpt2": { settings: ["full"], pretraining: { learningRate: 5e-3, steps: 1500 } },
  "gpt-neo": { settings: ["full"], pretraining: { learningRate: 5e-3, steps: 3000 } },
  "biogpt": { settings: ["full"], pretraining: { learningRate: 3e-3, steps: 1500 } },
} as const satisfies Readonly<
  Record<string, { readonly settings: ReadonlyArray<Setting>; readonly pretraining: object }>
>

/** A mini model's files below bundled/models. */
export const miniFiles = (dag: Builder, mini: string, names: ReadonlyArray<string>): Ref<CheckpointFile> =>
  dag.add(pretrained, {
    name: `${mini}-mini`,
    params: { source: { from: "folder" }, parts: "all" },
    inputs: { folder: { title: `${mini}-mini`, base: join(dag.root, "bundled/models", mini), names } },
  }).checkpoint

export const miniModels = (dag: Builder): ReadonlyArray<Model> =>
  Object.entries(minis).map(([mini, { settings }]) => ({
    name: `${mini}-mini`,
    checkpoint: miniFiles(dag, mini, ["config.json", "tokenizer.json", "model.safetensors"]),
    // As in the paper, models without an encoder learn from everything only.
    encoder: settings.length > 1,
    training: miniTraining,
    memory: { finetune: 1024, generate: 1024 },
    duration: (setting) => ({ maxSteps: { "16": 30, "64": 120, "full": 400 }[setting] }),
    settings: () => settings,
    // 400 steps end in epoch 14.
    fromEpoch: 12,
    maxNewTokens: 128,
    generationBatch: 32,
  }))
