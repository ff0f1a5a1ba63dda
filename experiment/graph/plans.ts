import { join } from "node:path"
import type { Builder } from "redag"
import { corpora, type Corpus, paperCorpora } from "../corpora.ts"
import { demoModels, demoOptions } from "../demo.ts"
import { type Departures, noDepartures } from "../departures.ts"
import { bundledFiles, type CorpusFiles, publishedFiles } from "../files.ts"
import { models } from "../models.ts"
import { demoPairs, type Pair, paperPairs } from "../pairs.ts"
import { paperOptions } from "../paper.ts"
import { corporaFolder } from "./folders.ts"
import type { Listed } from "./lists.ts"
import { demoLearner, type Learner, paperLearner, paperTokenizer, type Tokenizing } from "./models.ts"

/** What a profile is made of. */
export interface Plan {
  readonly corpora: ReadonlyArray<{ readonly corpus: Corpus; readonly files: CorpusFiles }>
  readonly models: ReadonlyArray<Learner>
  /** The seeds of few-shot selections. */
  readonly seeds: ReadonlyArray<number>
  /** The models, in the order of the table's rows. */
  readonly listed: ReadonlyArray<Listed>
  /** All corpora that the profile is about, in the order of the table's columns. */
  readonly columns: ReadonlyArray<Corpus>
  readonly pairs: ReadonlyArray<Pair>
  /** The models whose tokenizers and limits ceilings are worked out for. */
  readonly tokenizers: ReadonlyArray<Tokenizing>
  /** Where it does as the code of the paper's authors, not as the paper says. */
  readonly departures: Departures
}

/** The paper: 19 models, four corpora, 16 and 64 shots with five seeds, everything. */
export const paperPlan = (
  dag: Builder,
  departures: Departures,
  columns: ReadonlyArray<Corpus> = paperCorpora,
): Plan => ({
  corpora: keptCorpora(dag, columns).map((corpus) => ({
    corpus,
    files: publishedFiles(dag, corpus, corporaFolder(dag.root)),
  })),
  models: keptModels(dag, models).map((model) => paperLearner(dag, model)),
  seeds: paperOptions.seeds,
  listed: models,
  columns,
  pairs: paperPairs,
  tokenizers: keptModels(dag, models).filter(({ ceilings }) => ceilings).map((model) => paperTokenizer(dag, model)),
  departures,
})

/** The paper's experiment on more corpora: what it has in common with the paper's has the same keys. */
export const morePlan = (dag: Builder): Plan => paperPlan(dag, noDepartures(), corpora)

/** The same experiment in small: the corpora that are bundled, and a bundled model of each architecture. */
export const demoPlan = (dag: Builder, departures: Departures, columns: ReadonlyArray<Corpus> = corpora): Plan => {
  const learners = keptModels(dag, demoModels).map((model) => demoLearner(dag, model))
  return {
    corpora: keptCorpora(dag, columns).flatMap((corpus) => {
      const files = bundledFiles(dag, corpus, join(dag.root, "bundled/corpora"))
      return files === undefined ? [] : [{ corpus, files }]
    }),
    models: learners,
    seeds: demoOptions.seeds,
    listed: demoModels,
    columns,
    pairs: demoPairs,
    tokenizers: learners,
    departures,
  }
}

/** What `--models` and `--corpora` keep. */
const keptModels = <A extends { readonly name: string }>(dag: Builder, all: ReadonlyArray<A>): ReadonlyArray<A> =>
  dag.kept("models", all, ({ name }) => [name])

const keptCorpora = (dag: Builder, all: ReadonlyArray<Corpus>): ReadonlyArray<Corpus> =>
  dag.kept("corpora", all, ({ id, title }) => [id, title])
