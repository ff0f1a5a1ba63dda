import { join } from "node:path"
import { type Builder, experiment, type Ref } from "redag"
import { type DepartureName, departuresNamed, noDepartures, protocolName } from "./experiment/departures.ts"
import { type CorpusFiles, type CorpusName, officialCorpora, sampleCorpora } from "./experiment/files.ts"
import {
  ceilingProtocols,
  corpora,
  fewShotCorpora,
  readAndRender,
  render,
  type Setting,
  treat,
  type Treatment,
} from "./experiment/graph/corpora.ts"
import {
  folder,
  miniFiles,
  miniModels,
  minis,
  type Model,
  paperModel,
  pretrainedModel,
  tokenizerModels,
  type Tokenizing,
} from "./experiment/graph/models.ts"
import { type Pair, publishedPairs } from "./experiment/pairs.ts"
import { published } from "./experiment/published.ts"
import { renderCeilings } from "./experiment/results/ceilings.ts"
import { compareResults } from "./experiment/results/compare.ts"
import { reportFiles } from "./experiment/results/files.ts"
import { renderResults } from "./experiment/results/terminal.ts"
import { miniTraining, paperTraining } from "./experiment/training.ts"
import type { Example } from "./schemas/examples.ts"
import type { Outcome } from "./schemas/outcomes.ts"
import type { Score } from "./schemas/scores.ts"
import { aggregate } from "./stages/aggregate/stage.ts"
import { ceiling } from "./stages/ceiling/stage.ts"
import { compose } from "./stages/compose/stage.ts"
import { extract } from "./stages/extract/stage.ts"
import { finetune } from "./stages/finetune/stage.ts"
import { generate } from "./stages/generate/stage.ts"
import { sample } from "./stages/sample/stage.ts"
import { score } from "./stages/score/stage.ts"
import { inverted } from "./stages/shared/language/template.ts"

/** The seeds of the paper's few-shot selections. */
const publishedSeeds = [0, 1, 2, 3, 4]

/** No departure: what the paper says. */
const none: ReadonlySet<DepartureName> = new Set()

/** An experiment of one profile. */
interface Grid {
  readonly corpora: Readonly<Record<CorpusName, CorpusFiles>>
  readonly models: ReadonlyArray<Model>
  readonly seeds: ReadonlyArray<number>
  /** Sizes of models that the paper does not have, by name. */
  readonly parameters: Readonly<Record<string, string>>
  readonly pairs: ReadonlyArray<Pair>
  /** The models whose tokenizers and limits ceilings are worked out for. */
  readonly tokenizers: ReadonlyArray<Tokenizing>
  readonly departs: ReadonlySet<DepartureName>
}

/** Finetunes, generates, extracts and scores every model on every corpus and setting. */
const grid = (dag: Builder, { corpora: files, models, seeds, parameters, pairs, tokenizers, departs }: Grid): void => {
  const scores: Array<Ref<Score>> = []
  const outcomes: Array<Ref<Outcome>> = []
  const tests: Array<Ref<Example>> = []
  for (const corpus of corpora) {
    const { learn, test, annotated } = readAndRender(dag, corpus, files[corpus], departs)
    const { language, protocol } = treat(dag, corpus, departs)
    const { matching, decoding, endOfSequence, counters } = protocol
    tests.push(test.examples)
    const shots = (setting: Setting, seed: number | null) =>
      dag.add(sample, {
        name: [corpus, setting, ...(seed === null ? [] : [`seed${seed}`])].join("/"),
        params: {
          choice: setting === "full" || seed === null
            ? { shots: "full", seed: null }
            : { shots: Number(setting), seed },
        },
        inputs: { examples: learn.examples },
      }).shots
    const settings: ReadonlyArray<Setting> = fewShotCorpora.has(corpus) ? ["16", "64", "full"] : ["full"]
    for (const setting of settings) {
      for (const seed of setting === "full" ? [null] : seeds) {
        const chosen = shots(setting, seed)
        for (const model of models.filter((each) => each.settings(corpus).includes(setting))) {
          const reading = {
            template: inverted(language.template),
            extraction: language.extraction,
            prompt: model.encoder ? "dropped" as const : protocol.prompt,
          }
          const name = [model.name, corpus, setting, ...(seed === null ? [] : [`seed${seed}`])].join("/")
          const { training: { maxSourceTokens, engine, threads }, generationBatch: batchSize, maxNewTokens } = model
          const { checkpoint, evaluations } = dag.add(finetune, {
            name,
            params: {
              ...model.training,
              start: { from: "pretrained" },
              duration: model.duration(setting),
              validation: setting === "full"
                ? {
                  fromEpoch: model.fromEpoch,
                  ...reading,
                  matching,
                  counters,
                  batchSize,
                  maxNewTokens,
                  decoding,
                  patience: null,
                }
                : null,
              // A model with an encoder always ends its text, and its output has no prompt.
              endOfSequence: model.encoder || endOfSequence,
              seed: seed ?? 0,
            },
            inputs: { model: model.checkpoint, shots: [chosen] },
            resources: { memory: model.memory.finetune },
          })
          const { generations } = dag.add(generate, {
            name,
            params: { partition: "test", batchSize, maxNewTokens, maxSourceTokens, decoding, engine, threads },
            inputs: { checkpoint, examples: test.examples },
            resources: { memory: model.memory.generate },
          })
          const { relations } = dag.add(extract, { name, params: reading, inputs: { generations } })
          const cell = { model: model.name, corpus, setting, seed }
          const inputs = { examples: test.examples, relations }
          const strict = dag.add(score, {
            name,
            params: {
              cell,
              partition: "test",
              protocol: protocolName(departs),
              measure: { by: "strict", matching },
              others: "error",
            },
            inputs: {
              ...inputs,
              documents: test.documents,
              evaluations: counters === "pooled" && setting === "full" ? [evaluations] : [],
            },
          })
          const official = dag.add(score, {
            name: `official/${name}`,
            params: {
              cell,
              partition: "test",
              protocol: "official",
              measure: { by: "official", corpus },
              others: "left out",
            },
            inputs: { ...inputs, documents: annotated, evaluations: [] },
          })
          scores.push(strict.scores, official.scores)
          outcomes.push(strict.outcomes, official.outcomes)
        }
      }
    }
    for (const { name, checkpoint, training, maxNewTokens, encoder } of tokenizers) {
      const { maxSourceTokens, maxTargetTokens } = training
      dag.add(ceiling, {
        name: `${corpus}/${name}`,
        params: {
          corpus,
          model: name,
          partition: "test",
          maxSourceTokens,
          maxTargetTokens: Math.min(maxTargetTokens, maxNewTokens),
          protocols: ceilingProtocols(dag, corpus, encoder),
        },
        inputs: { documents: test.documents, splits: test.splits, model: checkpoint },
      })
    }
  }
  dag.add(aggregate, {
    name: "table1",
    params: {
      parameters,
      pairs,
      leaked: departs.has("leakage-compared") ? "compared" : "apart",
      seeds: publishedSeeds.length,
      resamples: 10_000,
      seed: 0,
    },
    inputs: { scores, outcomes, examples: tests },
  })
}

/** The minis were pretrained without a word for negative combinations, which they meet in the sample corpora first. */
const withoutNegatives = ({ template, extraction }: Treatment["language"]): Treatment["language"] => {
  const { NEG: _, ...labels } = template.labels
  return { template: { ...template, labels, merge: { NEG: "COMB" } }, extraction }
}

/** Pretrains the mini models that the sample profile finetunes, on documents of other patterns than the sample's. */
const pretrainMinis = (dag: Builder): void => {
  const shots = corpora.map((corpus) => {
    const { documents } = dag.add(compose, { name: corpus, params: { corpus, documents: 4000, seed: 0 }, inputs: {} })
    const treatment = treat(dag, corpus, none)
    const { examples } = render(dag, {
      language: corpus === "dce" ? withoutNegatives(treatment.language) : treatment.language,
      protocol: {
        ...treatment.protocol,
        rendering: { ...treatment.protocol.rendering, repeats: "merged", reach: "document" },
      },
      name: `${corpus}/learn`,
      documents: [documents],
      method: { method: "official" },
    })
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
        endOfSequence: true,
        seed: 0,
      },
      inputs: { model: miniFiles(dag, mini, ["config.json", "tokenizer.json"]), shots },
      resources: { memory: 2560 },
    })
  }
}

/** The paper: 19 models, four corpora, 16 and 64 shots with five seeds, everything. */
const paperGrid = (dag: Builder, departs: ReadonlySet<DepartureName>): void =>
  grid(dag, {
    corpora: officialCorpora(folder(dag.root, "DAG_CORPORA", "corpora")),
    models: published.map((model) => paperModel(dag, model)),
    seeds: publishedSeeds,
    parameters: {},
    pairs: publishedPairs,
    tokenizers: published.filter(({ name }) => tokenizerModels.has(name)).map((model) => ({
      name: model.name,
      checkpoint: pretrainedModel(dag, model, "tokenizer"),
      training: paperTraining,
      maxNewTokens: 512,
      encoder: model.family !== null,
    })),
    departs,
  })

/** The same experiment in small: bundled corpora and a bundled model of each architecture. */
const sampleGrid = (dag: Builder, departs: ReadonlySet<DepartureName>): void => {
  const models = miniModels(dag)
  grid(dag, {
    corpora: sampleCorpora(join(dag.root, "bundled/corpora")),
    models,
    seeds: [0, 1],
    parameters: Object.fromEntries(models.map(({ name }) => [name, "0.3M"])),
    // None of the minis is biomedical or knows instructions: these pairs only show what pairs look like.
    pairs: [
      { question: "domain", base: "gpt2-mini", other: "biogpt-mini" },
      { question: "domain", base: "t5-mini", other: "bart-mini" },
      { question: "instructions", base: "bart-mini", other: "t5-mini" },
    ],
    tokenizers: models,
    departs,
  })
}

export default experiment({
  defaultProfile: "paper",
  profiles: {
    /** What the paper says. */
    "paper": (dag) => paperGrid(dag, noDepartures(process.env["DAG_DEPARTURES"])),
    /** What its numbers were computed with. */
    "authors": (dag) => paperGrid(dag, departuresNamed(process.env["DAG_DEPARTURES"])),
    "sample": (dag) => sampleGrid(dag, noDepartures(process.env["DAG_DEPARTURES"])),
    "sample-authors": (dag) => sampleGrid(dag, departuresNamed(process.env["DAG_DEPARTURES"])),
    "mini": pretrainMinis,
  },
  checks: Object.fromEntries(
    (["onnxruntime", "onnxruntime-webgpu", "onnxruntime-cuda", "tensorflow"] as const).map((engine) => [engine, {
      required: engine === "onnxruntime",
      run: async () => (await import("./models/engines/probe.ts")).probeEngine(engine),
    }]),
  ),
  results: {
    node: "aggregate/table1",
    text: renderResults,
    files: reportFiles,
    page: "report.html",
    compare: compareResults,
    ceilings: { stage: "ceiling", output: "ceilings", text: renderCeilings },
  },
})
