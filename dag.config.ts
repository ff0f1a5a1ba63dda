import { isAbsolute, join } from "node:path"
import { type Builder, experiment, type FileSet, type Ref } from "./pipeline/index.ts"
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

/** What the paper finetunes with, whatever the model: protocol of section 4 and its published code. */
const paperTraining = {
  batchSize: 1,
  accumulation: 32,
  learningRate: 5e-5,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: 0.1,
  maxSourceTokens: 512,
  maxTargetTokens: 512,
  threads: 2,
}

/** What the mini model is finetuned with: sizes and rates that suit its 0.3 million parameters. */
const miniTraining = {
  batchSize: 8,
  accumulation: 1,
  learningRate: 2e-3,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: 0.1,
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
  readonly files: FileSet
  readonly training: typeof paperTraining
  /** Peak memory of finetuning, MiB. */
  readonly memory: number
  readonly duration: (setting: Setting) => { readonly epochs: number } | { readonly maxSteps: number }
  readonly settings: (corpus: CorpusName) => ReadonlyArray<Setting>
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
          const { training: { maxSourceTokens, threads } } = model
          const { checkpoint } = dag.add(finetune, {
            name,
            params: {
              ...model.training,
              start: { from: "pretrained" },
              duration: model.duration(setting),
              seed: seed ?? 0,
            },
            inputs: { model: model.files, shots: [chosen] },
            resources: { memory: model.memory },
          })
          const { generations } = dag.add(generate, {
            name,
            params: {
              partition: "test",
              batchSize: model.generationBatch,
              maxNewTokens: model.maxNewTokens,
              maxSourceTokens,
              threads,
            },
            inputs: { checkpoint, examples: test },
          })
          const { relations } = dag.add(extract, {
            name,
            params: { template: inverted(language.template), extraction: language.extraction },
            inputs: { generations },
          })
          scores.push(
            dag.add(score, {
              name,
              params: {
                cell: { model: model.name, corpus, setting, seed },
                options: { partition: "test", arguments: corpus === "dce" ? "set" : "ordered" },
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

/** A folder name of a model: "google/flan-t5-small" is kept in "google--flan-t5-small". */
const paperModel = (dag: Builder, model: PublishedModel): Model => {
  const parameters = Number.parseFloat(model.parameters) * (model.parameters.endsWith("B") ? 1e9 : 1e6)
  const isT5 = model.family?.startsWith("t5") === true
  const epochs = model.family === null ? undefined : fewShotEpochs[model.family]
  return {
    name: model.name,
    files: {
      title: `${model.name} (${model.parameters}${isT5 ? "" : "; of an architecture that redag does not have yet"})`,
      base: join(folder(dag.root, "DAG_MODELS", "models/pretrained"), model.huggingFace.replace("/", "--")),
      names: ["config.json", "tokenizer.json", "model.safetensors"],
      provenance: {
        where: `Hugging Face, ${model.huggingFace}`,
        licence: "see its model card",
        bytes: parameters * 4,
      },
    },
    training: paperTraining,
    // Weights, gradients and two moments of 4 bytes each, and room for what one example's layers keep.
    memory: Math.ceil(parameters * 16 / 2 ** 20) + 2048,
    duration: (setting) => ({ epochs: setting === "full" || epochs === undefined ? 30 : epochs[setting] }),
    // Models without an encoder are finetuned on everything only.
    settings: () => (epochs === undefined ? ["full"] : ["16", "64", "full"]),
    maxNewTokens: 512,
    generationBatch: 8,
  }
}

const miniModel = (dag: Builder): Model => ({
  name: "t5-mini",
  files: {
    title: "t5-mini",
    base: join(dag.root, "models/mini"),
    names: ["config.json", "tokenizer.json", "model.safetensors"],
  },
  training: miniTraining,
  memory: 1024,
  duration: (setting) => ({ maxSteps: { "16": 30, "64": 120, "full": 400 }[setting] }),
  settings: () => ["16", "64", "full"],
  maxNewTokens: 128,
  generationBatch: 32,
})

/** Pretrains the mini model that the sample profile finetunes, on documents of other patterns than the sample's. */
const pretrainMini = (dag: Builder): void => {
  const { files } = miniModel(dag)
  const shots = corpora.map((corpus) => {
    const { documents } = dag.add(compose, { name: corpus, params: { corpus, documents: 4000, seed: 0 }, inputs: {} })
    const examples = render(dag, corpus, "learn", [documents], { method: "official" })
    return dag.add(sample, {
      name: corpus,
      params: { choice: { shots: "full", seed: null } },
      inputs: { examples },
    }).shots
  })
  dag.add(finetune, {
    name: "t5-mini",
    params: {
      ...miniTraining,
      start: { from: "random", seed: 0 },
      duration: { maxSteps: 3500 },
      batchSize: 32,
      learningRate: 5e-3,
      dropout: 0,
      seed: 0,
    },
    inputs: { model: { ...files, names: ["config.json", "tokenizer.json"] }, shots },
  })
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
    /** The same experiment in small: bundled corpora and a bundled model. */
    sample: (dag) => {
      grid(dag, {
        corpora: sampleCorpora(join(dag.root, "stages/compose/corpora")),
        models: [miniModel(dag)],
        seeds: [0, 1],
        parameters: { "t5-mini": "0.3M" },
      })
    },
    mini: pretrainMini,
  },
  results: { node: "aggregate/table1", output: "results", render: renderResults },
})
