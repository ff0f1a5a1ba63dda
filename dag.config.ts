import { join } from "node:path"
import { type Builder, experiment, type Ref } from "redag"
import { corpora, type Corpus } from "./experiment/corpora.ts"
import { demoModels, demoSeeds } from "./experiment/demo.ts"
import { type Departures, departuresNamed, noDepartures } from "./experiment/departures.ts"
import { engineChecks } from "./experiment/engines.ts"
import { bundledFiles, type CorpusFiles, publishedFiles } from "./experiment/files.ts"
import { addCeilings } from "./experiment/graph/ceilings.ts"
import { corporaFolder } from "./experiment/graph/folders.ts"
import { chooseShots, finetuneOn } from "./experiment/graph/learn.ts"
import type { Listed } from "./experiment/graph/lists.ts"
import {
  demoLearner,
  type Learner,
  learnsIn,
  paperLearner,
  paperTokenizer,
  type Tokenizing,
} from "./experiment/graph/models.ts"
import { pretrainDemoModels } from "./experiment/graph/pretraining.ts"
import { readCorpus } from "./experiment/graph/read.ts"
import { selectionsOf } from "./experiment/graph/run.ts"
import { type Scored, scoreRun } from "./experiment/graph/score.ts"
import { addTable } from "./experiment/graph/table.ts"
import { taskOf } from "./experiment/graph/task.ts"
import { extractFrom, generateFor } from "./experiment/graph/write.ts"
import { models } from "./experiment/models.ts"
import { demoPairs, type Pair, paperPairs } from "./experiment/pairs.ts"
import { paperSeeds } from "./experiment/paper.ts"
import { renderCeilings } from "./experiment/results/ceilings.ts"
import { compareResults } from "./experiment/results/compare.ts"
import { reportFiles } from "./experiment/results/files.ts"
import { renderResults } from "./experiment/results/terminal.ts"
import type { Example } from "./schemas/examples.ts"

/** What a profile is made of. */
interface Plan {
  readonly corpora: ReadonlyArray<{ readonly corpus: Corpus; readonly files: CorpusFiles }>
  readonly models: ReadonlyArray<Learner>
  /** The seeds of few-shot selections. */
  readonly seeds: ReadonlyArray<number>
  /** The models, in the order of the table's rows. */
  readonly listed: ReadonlyArray<Listed>
  readonly pairs: ReadonlyArray<Pair>
  /** The models whose tokenizers and limits ceilings are worked out for. */
  readonly tokenizers: ReadonlyArray<Tokenizing>
  /** Where it does as the code of the paper's authors, not as the paper says. */
  readonly departures: Departures
}

/** Every model learns from every corpus in each of its settings, writes what it finds in the test set, and is scored. */
const grid = (dag: Builder, plan: Plan): void => {
  const scored: Array<Scored> = []
  const tests: Array<Ref<Example>> = []
  for (const { corpus, files } of plan.corpora) {
    const task = taskOf(dag, corpus, plan.departures)
    const { learn, test } = readCorpus(dag, task, files) // ingest, split, template
    tests.push(test.examples)
    for (const selection of selectionsOf(corpus, plan.seeds)) {
      const shots = chooseShots(dag, corpus, selection, learn.examples) // sample
      for (const model of plan.models.filter((model) => learnsIn(model, selection.setting))) {
        const run = { task, model, ...selection }
        const { checkpoint, evaluations } = finetuneOn(dag, run, shots) // finetune
        const generations = generateFor(dag, run, checkpoint, test.examples) // generate
        const relations = extractFrom(dag, run, generations) // extract
        scored.push(...scoreRun(dag, run, { relations, evaluations, test })) // score
      }
    }
    addCeilings(dag, corpus, test, plan.tokenizers) // ceiling
  }
  addTable(dag, { ...plan, scored, tests }) // aggregate
}

/** The paper: 19 models, four corpora, 16 and 64 shots with five seeds, everything. */
const paper = (dag: Builder, departures: Departures): void =>
  grid(dag, {
    corpora: corpora.map((corpus) => ({ corpus, files: publishedFiles(dag, corpus, corporaFolder(dag.root)) })),
    models: models.map((model) => paperLearner(dag, model)),
    seeds: paperSeeds,
    listed: models,
    pairs: paperPairs,
    tokenizers: models.filter(({ ceilings }) => ceilings).map((model) => paperTokenizer(dag, model)),
    departures,
  })

/** The same experiment in small: the bundled corpora, and a bundled model of each architecture. */
const demo = (dag: Builder, departures: Departures): void => {
  const learners = demoModels.map((model) => demoLearner(dag, model))
  grid(dag, {
    corpora: corpora.flatMap((corpus) => {
      const files = bundledFiles(dag, corpus, join(dag.root, "bundled/corpora"))
      return files === undefined ? [] : [{ corpus, files }]
    }),
    models: learners,
    seeds: demoSeeds,
    listed: demoModels,
    pairs: demoPairs,
    tokenizers: learners,
    departures,
  })
}

export default experiment({
  defaultProfile: "paper",
  profiles: {
    /** What the paper says. */
    "paper": (dag) => paper(dag, noDepartures(process.env["DAG_DEPARTURES"])),
    /** What its numbers were computed with. */
    "authors": (dag) => paper(dag, departuresNamed(process.env["DAG_DEPARTURES"])),
    "demo": (dag) => demo(dag, noDepartures(process.env["DAG_DEPARTURES"])),
    "demo-authors": (dag) => demo(dag, departuresNamed(process.env["DAG_DEPARTURES"])),
    /** How the demo's models were made. */
    "demo-models": pretrainDemoModels,
  },
  checks: engineChecks,
  results: {
    node: "aggregate/table1",
    text: renderResults,
    files: reportFiles,
    page: "report.html",
    compare: compareResults,
    ceilings: { stage: "ceiling", output: "ceilings", text: renderCeilings },
  },
})
