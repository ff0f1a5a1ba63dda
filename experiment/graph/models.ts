import { join } from "node:path"
import type { Builder, Expected, Ref } from "redag"
import { isCached } from "../../models/hub/cached.ts"
import { modelFilesIn } from "../../models/hub/folder.ts"
import type { CheckpointFile } from "../../schemas/checkpoints.ts"
import { pretrained } from "../../stages/pretrained/stage.ts"
import type { ModelKind } from "../../stages/shared/params/model.ts"
import { type DemoModel, demoOptions, demoSteps } from "../demo.ts"
import { fewShotEpochs, type Model } from "../models.ts"
import type { Options } from "../options.ts"
import { paperEpochs, paperOptions } from "../paper.ts"
import type { Protocol } from "../protocol.ts"
import type { Setting, SettingId } from "../settings.ts"
import { modelsFolder } from "./folders.ts"

/** A model with all that its finetuning and generating need. */
export interface Learner extends Omit<Options, "seeds"> {
  readonly name: string
  readonly kind: ModelKind
  readonly checkpoint: Ref<CheckpointFile>
  /** Whether it has an encoder. Models without one learn from everything only. */
  readonly encoder: boolean
  /** Peak memory, MiB. */
  readonly memory: { readonly finetune: number; readonly generate: number }
  readonly duration: (setting: Setting) => { readonly epochs: number } | { readonly maxSteps: number }
}

/** A model as far as ceilings depend on it; its checkpoint need not have weights. */
export type Tokenizing = Pick<
  Learner,
  "name" | "kind" | "checkpoint" | "encoder" | "training" | "maxNewTokens" | "sharedTokens"
>

/** The tokens that prompt and output share; null where a model has an encoder, or a limit for each. */
export const sharedTokensOf = (
  { encoder, sharedTokens }: Pick<Learner, "encoder" | "sharedTokens">,
  { lengths }: Pick<Protocol, "lengths">,
): number | null => encoder || lengths === "apart" ? null : sharedTokens

/** Whether a model learns in a setting. */
export const learnsIn = ({ encoder }: Learner, { shots }: Setting): boolean => encoder || shots === "full"

/** A model as the paper finetunes it. */
export const paperLearner = (dag: Builder, model: Model): Learner => {
  const epochs: Partial<Readonly<Record<SettingId, number>>> = model.family === null ? {} : fewShotEpochs[model.family]
  const encoder = model.family !== null
  return {
    ...paperOptions,
    name: model.name,
    kind: model.kind,
    checkpoint: hubModel(dag, model, "all"),
    encoder,
    // What models/memory asks for at 512 + 256 tokens: a decoder-only model attends over both at once.
    memory: {
      finetune: mebibytes(parametersOf(model) * (encoder ? 30 : 45)) + 1024,
      generate: mebibytes(parametersOf(model) * (encoder ? 14 : 22)) + 1024,
    },
    duration: ({ id }) => ({ epochs: epochs[id] ?? paperEpochs }),
  }
}

/** A model of the paper without its weights, for ceilings. */
export const paperTokenizer = (dag: Builder, model: Model): Tokenizing => ({
  ...paperOptions,
  name: model.name,
  kind: model.kind,
  checkpoint: hubModel(dag, model, "tokenizer"),
  encoder: model.family !== null,
})

/** A bundled model as the demo finetunes it. */
export const demoLearner = (dag: Builder, model: DemoModel): Learner => ({
  ...demoOptions,
  name: model.name,
  kind: model.kind,
  checkpoint: bundledModel(dag, model, ["config.json", "tokenizer.json", "model.safetensors"]),
  encoder: model.encoder,
  memory: { finetune: 1024, generate: 1024 },
  duration: ({ id }) => ({ maxSteps: demoSteps[id] }),
})

/** Files of a bundled model. */
export const bundledModel = (
  dag: Builder,
  { name, folder, kind }: DemoModel,
  names: ReadonlyArray<string>,
): Ref<CheckpointFile> =>
  dag.add(pretrained, {
    name,
    params: { ...kind, source: { from: "folder" }, parts: "all" },
    inputs: { folder: { title: name, base: join(dag.root, "bundled/models", folder), names } },
  }).checkpoint

/**
 * A model of the Hugging Face Hub, or of a folder below DAG_MODELS: "google/flan-t5-small" in "google--flan-t5-small";
 * whole, or without its weights.
 */
const hubModel = (dag: Builder, model: Model, parts: "all" | "tokenizer"): Ref<CheckpointFile> => {
  const { huggingFace: repository } = model
  const name = parts === "all" ? model.name : `tokenizer/${model.name}`
  const models = modelsFolder(dag.root)
  if (models === undefined) {
    return dag.add(pretrained, {
      name,
      params: { ...model.kind, source: { from: "hub", repository, revision: "main" }, parts },
      inputs: { folder: { title: "no files", base: dag.root, names: [] } },
      expected: expectedOf(model, parts),
    }).checkpoint
  }
  const base = join(models, repository.replace("/", "--"))
  return dag.add(pretrained, {
    name,
    params: { ...model.kind, source: { from: "folder" }, parts },
    inputs: {
      folder: {
        title: name,
        base,
        names: modelFilesIn(base, parts)
          ?? ["config.json", parts === "all" ? "model.safetensors" : tokenizerFile(model)],
        provenance: {
          where: `Hugging Face, ${repository}: with its tokenizer${parts === "all" ? ", and weights in any form" : ""}`,
          licence: "see its model card",
          bytes: parts === "all" ? parametersOf(model) * 4 : 0,
        },
      },
    },
  }).checkpoint
}

/** What a model of the Hub comes to, and what is still to be downloaded of it. */
const expectedOf = (model: Model, parts: "all" | "tokenizer"): Expected => {
  const bytes = parts === "all" ? parametersOf(model) * 4 : tokenizerBytes
  return { bytes, download: isCached(model.huggingFace, "main", process.env) ? 0 : bytes }
}

/** About what the files of a tokenizer come to. */
const tokenizerBytes = 3e6

/** The file that a tokenizer is best read from; Moses' words have no tokenizer.json. */
const tokenizerFile = ({ kind }: Model): string => kind.tokenizer === "moses-bpe" ? "vocab.json" : "tokenizer.json"

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20)

/** "350M" or "1.5B" as a number. */
const parametersOf = ({ parameters }: Model): number =>
  Number.parseFloat(parameters) * (parameters.endsWith("B") ? 1e9 : 1e6)
