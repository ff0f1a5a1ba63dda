import { isAbsolute, join } from "node:path"
import { modelFilesIn } from "./models/hub/folder.ts"
import { type Builder, experiment, type Ref } from "./pipeline/index.ts"
import type { CheckpointFile } from "./schemas/checkpoints.ts"
import type { Document } from "./schemas/documents.ts"
import type { Example } from "./schemas/examples.ts"
import type { Score } from "./schemas/scores.ts"
import { fewShotEpochs, published, type PublishedModel } from "./stages/aggregate/published.ts"
import { aggregate } from "./stages/aggregate/stage.ts"
import { renderResults } from "./stages/aggregate/table.ts"
import { compose } from "./stages/compose/stage.ts"
import { extract } from "./stages/extract/stage.ts"
import { finetune } from "./stages/finetune/stage.ts"
import { generate } from "./stages/generate/stage.ts"
import {
  type CorpusFiles,
  type CorpusName,
  officialCorpora,
  type PortionFiles,
  sampleCorpora,
} from "./stages/ingest/official.ts"
import { ingest } from "./stages/ingest/stage.ts"
import { inverted, Language } from "./stages/language.ts"
import { pretrained } from "./stages/pretrained/stage.ts"
import { sample } from "./stages/sample/stage.ts"
import { score } from "./stages/score/stage.ts"
import type { SplitMethod } from "./stages/split/split.ts"
import { split } from "./stages/split/stage.ts"
import { template } from "./stages/template/stage.ts"

const corpora: ReadonlyArray<CorpusName> = ["cdr", "dce", "chemprot", "ddi"]

/** Corpora that the paper also learns from a few examples of. */
const fewShotCorpora: ReadonlySet<CorpusName> = new Set(["cdr", "dce"])

/** "16-shot", "64-shot", or everything there is. */
type Setting = "16" | "64" | "full"

/** How a model is finetuned, whatever the corpus. */
type Training = Omit<(typeof finetune.params)["Encoded"], "start" | "duration" | "seed" | "validation">

/** What the paper finetunes with, whatever the model: protocol of section 4 and its published code. */
const paperTraining: Training = {
  batchSize: 1,
  accumulation: 32,
  learningRate: 5e-5,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: "model",
  engine: "auto",
  maxSourceTokens: 512,
  maxTargetTokens: 512,
  threads: 2,
}

/** What the mini models are finetuned with: sizes and rates that suit 0.3 million parameters. */
const miniTraining: Training = {
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
}

/** Splits and renders documents of one corpus. */
const render = (
  dag: Builder,
  corpus: CorpusName,
  name: string,
  documents: ReadonlyArray<Ref<Document>>,
  method: (typeof SplitMethod)["Encoded"],
): Ref<Example> => {
  const { splits } = dag.add(split, {
    name: `${corpus}/${name}`,
    params: { method },
    inputs: { documents, ids: { title: "no ids", base: dag.root, names: [] } },
  })
  return dag.add(template, {
    name: `${corpus}/${name}`,
    params: { template: dag.yaml(`stages/template/${corpus}.yaml`, Language).template },
    inputs: { documents, splits },
  }).examples
}

/** Reads a corpus and renders what there is to learn from and what there is to be tested on. */
const readAndRender = (dag: Builder, corpus: CorpusName, { train, dev, test }: CorpusFiles) => {
  const documents = ({ portion, format, set }: PortionFiles) =>
    dag.add(ingest, { name: `${corpus}/${portion}`, params: { format, portion }, inputs: { corpus: set } }).documents
  return {
    // Where the publishers made no development set, a fifth of the training documents validates.
    learn: dev === undefined
      ? render(dag, corpus, "learn", [documents(train)], { method: "fraction", fraction: 0.2, seed: 0 })
      : render(dag, corpus, "learn", [documents(train), documents(dev)], { method: "official" }),
    test: render(dag, corpus, "test", [documents(test)], { method: "official" }),
  }
}

/** One model to finetune. */
interface Model {
  readonly name: string
  readonly checkpoint: Ref<CheckpointFile>
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

/** Finetunes, generates, extracts and scores every model on every corpus and setting. */
const grid = (dag: Builder, options: {
  readonly corpora: Readonly<Record<CorpusName, CorpusFiles>>
  readonly models: ReadonlyArray<Model>
  readonly seeds: ReadonlyArray<number>
  /** Sizes of models that the paper does not have, by name. */
  readonly parameters: Readonly<Record<string, string>>
}): void => {
  const scores: Array<Ref<Score>> = []
  for (const corpus of corpora) {
    const { learn, test } = readAndRender(dag, corpus, options.corpora[corpus])
    const language = dag.yaml(`stages/template/${corpus}.yaml`, Language)
    const reading = { template: inverted(language.template), extraction: language.extraction }
    const order = corpus === "dce" ? "set" : "ordered"
    const shots = (setting: Setting, seed: number | null) =>
      dag.add(sample, {
        name: [corpus, setting, ...(seed === null ? [] : [`seed${seed}`])].join("/"),
        params: {
          choice: setting === "full" || seed === null
            ? { shots: "full", seed: null }
            : { shots: Number(setting), seed },
        },
        inputs: { examples: learn },
      }).shots
    const settings: ReadonlyArray<Setting> = fewShotCorpora.has(corpus) ? ["16", "64", "full"] : ["full"]
    for (const setting of settings) {
      for (const seed of setting === "full" ? [null] : options.seeds) {
        const chosen = shots(setting, seed)
        for (const model of options.models.filter((each) => each.settings(corpus).includes(setting))) {
          const name = [model.name, corpus, setting, ...(seed === null ? [] : [`seed${seed}`])].join("/")
          const { training: { maxSourceTokens, engine, threads } } = model
          const { checkpoint } = dag.add(finetune, {
            name,
            params: {
              ...model.training,
              start: { from: "pretrained" },
              duration: model.duration(setting),
              validation: setting === "full"
                ? {
                  fromEpoch: model.fromEpoch,
                  ...reading,
                  arguments: order,
                  batchSize: model.generationBatch,
                  maxNewTokens: model.maxNewTokens,
                  patience: null,
                }
                : null,
              seed: seed ?? 0,
            },
            inputs: { model: model.checkpoint, shots: [chosen] },
            resources: { memory: model.memory.finetune },
          })
          const { generations } = dag.add(generate, {
            name,
            params: {
              partition: "test",
              batchSize: model.generationBatch,
              maxNewTokens: model.maxNewTokens,
              maxSourceTokens,
              engine,
              threads,
            },
            inputs: { checkpoint, examples: test },
            resources: { memory: model.memory.generate },
          })
          const { relations } = dag.add(extract, {
            name,
            params: reading,
            inputs: { generations },
          })
          scores.push(
            dag.add(score, {
              name,
              params: {
                cell: { model: model.name, corpus, setting, seed },
                options: { partition: "test", arguments: order },
              },
              inputs: { examples: test, relations },
            }).scores,
          )
        }
      }
    }
  }
  dag.add(aggregate, { name: "table1", params: { parameters: options.parameters }, inputs: { scores } })
}

/** A folder named by an environment variable, or a default, below the project where it is relative. */
const folder = (root: string, variable: string, otherwise: string): string => {
  const named = process.env[variable] ?? ""
  const path = named === "" ? otherwise : named
  return isAbsolute(path) ? path : join(root, path)
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20)

/** "350M" or "1.5B" as a number. */
const parametersOf = ({ parameters }: PublishedModel): number =>
  Number.parseFloat(parameters) * (parameters.endsWith("B") ? 1e9 : 1e6)

/** A model of the Hugging Face Hub, or of a folder below DAG_MODELS: "google/flan-t5-small" in "google--flan-t5-small". */
const pretrainedModel = (dag: Builder, model: PublishedModel): Ref<CheckpointFile> => {
  const { name, huggingFace: repository } = model
  const models = process.env["DAG_MODELS"] ?? ""
  if (models === "") {
    return dag.add(pretrained, {
      name,
      params: { source: { from: "hub", repository, revision: "main" } },
      inputs: { folder: { title: "no files", base: dag.root, names: [] } },
    }).checkpoint
  }
  const base = join(folder(dag.root, "DAG_MODELS", ""), repository.replace("/", "--"))
  return dag.add(pretrained, {
    name,
    params: { source: { from: "folder" } },
    inputs: {
      folder: {
        title: name,
        base,
        names: modelFilesIn(base) ?? ["config.json", "model.safetensors"],
        provenance: {
          where: `Hugging Face, ${repository}: with its tokenizer, and weights in any form`,
          licence: "see its model card",
          bytes: parametersOf(model) * 4,
        },
      },
    },
  }).checkpoint
}

const paperModel = (dag: Builder, model: PublishedModel): Model => {
  const epochs = model.family === null ? undefined : fewShotEpochs[model.family]
  return {
    name: model.name,
    checkpoint: pretrainedModel(dag, model),
    training: paperTraining,
    // What models/need.ts asks for at 512 + 256 tokens: a decoder-only model attends over both at once.
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
const minis = {
  "t5": { settings: ["16", "64", "full"], pretraining: { learningRate: 5e-3, steps: 3500 } },
  "bart": { settings: ["16", "64", "full"], pretraining: { learningRate: 3e-3, steps: 1500 } },
  "gpt2": { settings: ["full"], pretraining: { learningRate: 5e-3, steps: 1500 } },
  "gpt-neo": { settings: ["full"], pretraining: { learningRate: 5e-3, steps: 3000 } },
  "biogpt": { settings: ["full"], pretraining: { learningRate: 3e-3, steps: 1500 } },
} as const satisfies Readonly<
  Record<string, { readonly settings: ReadonlyArray<Setting>; readonly pretraining: object }>
>

/** A mini model's files below models/mini. */
const miniFiles = (dag: Builder, mini: string, names: ReadonlyArray<string>): Ref<CheckpointFile> =>
  dag.add(pretrained, {
    name: `${mini}-mini`,
    params: { source: { from: "folder" } },
    inputs: { folder: { title: `${mini}-mini`, base: join(dag.root, "models/mini", mini), names } },
  }).checkpoint

const miniModels = (dag: Builder): ReadonlyArray<Model> =>
  Object.entries(minis).map(([mini, { settings }]) => ({
    name: `${mini}-mini`,
    checkpoint: miniFiles(dag, mini, ["config.json", "tokenizer.json", "model.safetensors"]),
    training: miniTraining,
    memory: { finetune: 1024, generate: 1024 },
    duration: (setting) => ({ maxSteps: { "16": 30, "64": 120, "full": 400 }[setting] }),
    settings: () => settings,
    // 400 steps end in epoch 14.
    fromEpoch: 12,
    maxNewTokens: 128,
    generationBatch: 32,
  }))

/** Pretrains the mini models that the sample profile finetunes, on documents of other patterns than the sample's. */
const pretrainMinis = (dag: Builder): void => {
  const shots = corpora.map((corpus) => {
    const { documents } = dag.add(compose, { name: corpus, params: { corpus, documents: 4000, seed: 0 }, inputs: {} })
    const examples = render(dag, corpus, "learn", [documents], { method: "official" })
    return dag.add(sample, {
      name: corpus,
      params: { choice: { shots: "full", seed: null } },
      inputs: { examples },
    }).shots
  })
  for (const [mini, { pretraining: { learningRate, steps } }] of Object.entries(minis)) {
    dag.add(finetune, {
      name: `${mini}-mini`,
      params: {
        ...miniTraining,
        start: { from: "random", seed: 0 },
        duration: { maxSteps: steps },
        validation: null,
        batchSize: 32,
        learningRate,
        dropout: 0,
        seed: 0,
      },
      inputs: { model: miniFiles(dag, mini, ["config.json", "tokenizer.json"]), shots },
      resources: { memory: 2560 },
    })
  }
}

export default experiment({
  defaultProfile: "paper",
  profiles: {
    /** The paper: 19 models, four corpora, 16 and 64 shots with five seeds, everything. */
    paper: (dag) => {
      grid(dag, {
        corpora: officialCorpora(folder(dag.root, "DAG_CORPORA", "corpora")),
        models: published.map((model) => paperModel(dag, model)),
        seeds: [0, 1, 2, 3, 4],
        parameters: {},
      })
    },
    /** The same experiment in small: bundled corpora and a bundled model of each architecture. */
    sample: (dag) => {
      grid(dag, {
        corpora: sampleCorpora(join(dag.root, "stages/compose/corpora")),
        models: miniModels(dag),
        seeds: [0, 1],
        parameters: Object.fromEntries(Object.keys(minis).map((mini) => [`${mini}-mini`, "0.3M"])),
      })
    },
    mini: pretrainMinis,
  },
  checks: Object.fromEntries(
    (["onnxruntime", "onnxruntime-webgpu", "onnxruntime-cuda", "tensorflow"] as const).map((engine) => [engine, {
      required: engine === "onnxruntime",
      run: async () => (await import("./models/probe.ts")).probeEngine(engine),
    }]),
  ),
  results: { node: "aggregate/table1", output: "results", render: renderResults },
})
