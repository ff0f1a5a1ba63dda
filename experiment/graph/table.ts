import type { Builder } from "redag"
import { aggregate } from "../../stages/aggregate/stage.ts"
import type { Corpus } from "../corpora.ts"
import type { Departures } from "../departures.ts"
import type { Pair } from "../pairs.ts"
import { paperOptions } from "../paper.ts"
import { type Listed, listsOf } from "./lists.ts"
import type { TestPart } from "./read.ts"
import type { Scored } from "./score.ts"

/** Gathers the scores of all runs into the table of results, and compares the models of pairs. */
export const addTable = (
  dag: Builder,
  { name = "table1", scored, ceilings = [], tests, listed, columns, pairs, departures }: {
    readonly name?: string
    readonly scored: ReadonlyArray<Scored>
    /** What is gathered with its scores alone. */
    readonly ceilings?: ReadonlyArray<Scored>
    readonly tests: ReadonlyArray<Pick<TestPart, "examples" | "warnings">>
    /** The models, in the order of its rows. */
    readonly listed: ReadonlyArray<Listed>
    /** The corpora, in the order of its columns. */
    readonly columns: ReadonlyArray<Corpus>
    readonly pairs: ReadonlyArray<Pair>
    readonly departures: Departures
  },
): void => {
  dag.add(aggregate, {
    name,
    params: {
      lists: listsOf(listed, columns),
      pairs,
      leaked: departures.has("leakage-compared") ? "compared" : "apart",
      seeds: paperOptions.seeds.length,
      resamples: 10_000,
      seed: 0,
    },
    inputs: {
      scores: [...scored, ...ceilings].map(({ scores }) => scores),
      outcomes: scored.map(({ outcomes }) => outcomes),
      examples: tests.map(({ examples }) => examples),
      warnings: tests.flatMap(({ warnings }) => warnings),
      details: scored.map(({ details }) => details),
    },
  })
}
