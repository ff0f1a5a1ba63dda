import type { ResultTables } from "../../../experiment/results/tables.ts"
import type { Comparison } from "../../../schemas/comparisons.ts"
import { WarningKind } from "../../../schemas/warnings.ts"
import { resultRow } from "./fixture.ts"

/** Two models, one of the paper and one of a name that is markup everywhere; little enough to work out by hand. */
export const hostile = `*[a]_{b}|<i>&"c"`

const comparison: Comparison = {
  question: "domain",
  figure: 2,
  corpus: "cdr",
  setting: "full",
  protocol: "paper",
  base: "T5-Base",
  other: hostile,
  baseF1: 42,
  otherF1: 50,
  difference: 8,
  low: 1,
  high: 15,
  better: 3,
  worse: 1,
  same: 6,
  dominance: 0.2,
  p: 0.01,
  adjusted: 0.02,
  conclusion: "The second is better.",
}

export const tinyTables: ResultTables = {
  results: [
    resultRow({
      model: "T5-Base",
      parameters: "220M",
      corpus: "cdr",
      setting: "16",
      f1: 30,
      deviation: 1.25,
      low: 26.5,
      high: 33,
      runs: 5,
      published: 30.3,
      flags: ["few seeds", "truncated sources"],
    }),
    resultRow({ model: "T5-Base", parameters: "220M", corpus: "cdr", setting: "full", f1: 42, low: 40, high: 44.5 }),
    resultRow({ model: "T5-Base", parameters: "220M", corpus: "cdr", setting: "full", f1: 42, label: "CID" }),
    resultRow({ model: hostile, corpus: "cdr", setting: "full", f1: 50, low: 47, high: 52 }),
    resultRow({
      model: hostile,
      corpus: "cdr",
      setting: "full",
      f1: 55,
      protocol: "official",
      measure: "concept pairs",
    }),
  ],
  comparisons: [comparison],
  errors: [{ model: "T5-Base", corpus: "cdr", setting: "full", protocol: "paper", kind: "missed", count: 1.5 }],
  cases: [{
    model: "T5-Base",
    corpus: "cdr",
    setting: "full",
    seed: null,
    protocol: "paper",
    document: "1",
    kind: "missed",
    said: null,
    wanted: { label: "CID", arguments: ["a", "b"] },
    text: "",
    source: "a causes b",
  }],
  warnings: [],
  details: [],
  systems: [],
}

/** The same where something is suspicious about CDR, and about a corpus without results. */
export const suspiciousTables: ResultTables = {
  ...tinyTables,
  results: tinyTables.results.map((row) =>
    row.corpus === "cdr" && row.setting === "full" ? { ...row, flags: WarningKind.literals } : row
  ),
  warnings: [
    {
      corpus: "cdr",
      portion: "train",
      kind: "left out",
      documents: 1,
      of: 2,
      examples: ["<7>"],
      text: "cdr train: 1 of 2 documents is left out, with 1 problem: <7>",
    },
    {
      corpus: "zzz",
      portion: "test",
      kind: "other file",
      documents: 1,
      of: null,
      examples: [],
      text: "of another corpus",
    },
  ],
}
