import { findModel, models, publishedF1 } from "../../../experiment/models.ts"
import { type Pair, paperPairs } from "../../../experiment/pairs.ts"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import type { Comparison } from "../../../schemas/comparisons.ts"
import { type Detail, Slice } from "../../../schemas/details.ts"
import type { ErrorCase, ErrorCount } from "../../../schemas/errors.ts"
import type { ErrorKind, Mistake } from "../../../schemas/outcomes.ts"
import type { Result } from "../../../schemas/results.ts"

/** Numbers from 0 to 1 that are the same each time. */
const numbers = (seed: number): () => number => {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** One cell of the table before it is scored. */
interface Place {
  readonly model: string
  readonly parameters: string
  readonly corpus: string
  readonly setting: string
  readonly f1: number
  readonly published: number | null
  readonly runs: number
}

const gold: Readonly<Record<string, number>> = { cdr: 1066, dce: 209, chemprot: 3458, ddi: 979 }

const labels: Readonly<Record<string, ReadonlyArray<string>>> = {
  cdr: ["CID"],
  dce: ["COMB", "NEG", "POS"],
  chemprot: ["CPR:3", "CPR:4", "CPR:5", "CPR:6", "CPR:9"],
  ddi: ["advise", "effect", "int", "mechanism"],
}

const official: Readonly<Record<string, ReadonlyArray<string>>> = {
  cdr: ["concept pairs"],
  dce: ["exact, any", "partial, any"],
  chemprot: ["mention pairs"],
  ddi: ["detection", "classification"],
}

/** A row of the results; what a test does not care about is filled in. */
export const resultRow = (given: Partial<Result> & Pick<Result, "model" | "corpus" | "setting" | "f1">): Result => ({
  parameters: "1M",
  source: "grid",
  protocol: "paper",
  measure: "strict",
  label: "micro",
  precision: given.f1,
  recall: given.f1,
  correct: 10,
  predicted: 20,
  found: 10,
  gold: 20,
  deviation: null,
  low: null,
  high: null,
  runs: 1,
  published: null,
  flags: [],
  ...given,
})

const resultsOf = (places: ReadonlyArray<Place>, random: () => number): ReadonlyArray<Result> =>
  places.flatMap((place) => {
    const { f1, published: paper, runs, ...cell } = place
    const half = 1.5 + 3 * random()
    const total = gold[cell.corpus] ?? 100
    const shared = { ...cell, runs }
    const row = (more: Pick<Result, "protocol" | "measure" | "label" | "f1"> & Partial<Result>): Result => {
      const value = Math.min(100, Math.max(0, more.f1))
      const correct = Math.round(value / 100 * total)
      return resultRow({
        ...shared,
        precision: Math.min(100, value * 1.1),
        recall: Math.min(100, value * 0.92),
        correct,
        found: correct,
        predicted: Math.round(total * 0.84),
        gold: total,
        ...more,
        f1: value,
      })
    }
    const flags: Array<Result["flags"][number]> = []
    if (findModel(cell.model)?.leaks?.includes(cell.corpus) === true) flags.push("leakage")
    if (runs > 1 && random() < 0.05) flags.push("few seeds")
    if (cell.corpus === "chemprot" || cell.corpus === "cdr") flags.push("truncated sources")
    if (f1 < 2) flags.push("cut outputs")
    return [
      row({
        protocol: "paper",
        measure: "strict",
        label: "micro",
        f1,
        published: paper,
        deviation: runs > 1 ? 0.4 + 3 * random() : null,
        low: Math.max(0, f1 - half),
        high: Math.min(100, f1 + half * 1.1),
        flags,
      }),
      row({ protocol: "paper", measure: "strict", label: "macro", f1: f1 * 0.9 }),
      ...(labels[cell.corpus] ?? []).map((label) =>
        row({ protocol: "paper", measure: "strict", label, f1: f1 * (0.6 + 0.6 * random()) })
      ),
      ...(official[cell.corpus] ?? []).flatMap((measure) => [
        row({
          protocol: "official",
          measure,
          label: "micro",
          f1: f1 * 1.08,
          low: Math.max(0, f1 * 1.08 - half),
          high: Math.min(100, f1 * 1.08 + half),
        }),
        ...(measure === "classification"
          ? ["macro", ...(labels["ddi"] ?? [])].map((label) => row({ protocol: "official", measure, label, f1 }))
          : []),
      ]),
    ]
  })

const comparisonsOf = (
  results: ReadonlyArray<Result>,
  pairs: ReadonlyArray<Pair>,
  random: () => number,
): ReadonlyArray<Comparison> =>
  pairs.flatMap(({ question, base, other }) => {
    const cells = results.filter(({ measure, label }) => measure === "strict" && label === "micro")
    return cells.filter(({ model }) => model === base).flatMap((first): ReadonlyArray<Comparison> => {
      const { corpus, setting } = first
      const second = cells.find((cell) => cell.model === other && cell.corpus === corpus && cell.setting === setting)
      if (second === undefined) return []
      const difference = second.f1 - first.f1
      const leaked = second.flags.includes("leakage")
      const p = leaked ? null : Math.max(0.0001, Math.min(1, random() * Math.exp(-Math.abs(difference) / 2)))
      const adjusted = p === null ? null : Math.min(1, p * 12)
      const where = `on ${corpus.toUpperCase()} (${setting})`
      return [{
        question,
        figure: (question === "domain" ? 2 : 4) + (setting === "full" ? 0 : 1),
        corpus,
        setting,
        protocol: "paper",
        base,
        other,
        baseF1: first.f1,
        otherF1: second.f1,
        difference,
        low: difference - 2.4,
        high: difference + 2.2,
        better: 60 + Math.round(difference),
        worse: 50,
        same: 90,
        dominance: (10 + Math.round(difference)) / 200,
        p,
        adjusted,
        conclusion: leaked
          ? `${other} knew this corpus before the experiment: no conclusion ${where}.`
          : adjusted !== null && adjusted < 0.05
          ? `${difference > 0 ? other : base} is better ${where} by ${Math.abs(difference).toFixed(1)} points of F1.`
          : `No difference between ${other} and ${base} is shown ${where}.`,
      }]
    })
  })

const kinds: ReadonlyArray<ErrorKind> = [
  "missed",
  "spurious",
  "wrong type",
  "wrong boundary",
  "wrong mention",
  "malformed",
  "truncated source",
]

const errorsOf = (results: ReadonlyArray<Result>, random: () => number): ReadonlyArray<ErrorCount> =>
  results.filter(({ measure, label }) => measure === "strict" && label === "micro").flatMap((
    { model, corpus, setting, protocol, gold, f1 },
  ) =>
    kinds.flatMap((kind, index) => {
      const count = Math.round(gold * (100 - f1) / 100 * random() / (index + 1.5) * 10) / 10
      return count === 0 ? [] : [{ model, corpus, setting, protocol, kind, count }]
    })
  )

const passage =
  "Find all instances of relations between chemicals and diseases in the following passage:\n\nLithium-induced tremor "
  + "in two patients. Two patients who took lithium carbonate (Li < 1.2 mmol/l) for bipolar disorder developed a coarse "
  + "tremor and, in one, nephrogenic diabetes insipidus. The tremor stopped when propranolol was given; α-tocopherol did "
  + "not help. Renal function was normal throughout, and no seizures were seen.\n\n"

const mistakes: ReadonlyArray<Mistake> = [
  { kind: "missed", said: null, wanted: { label: "CID", arguments: ["lithium", "tremor"] }, text: "" },
  { kind: "spurious", said: { label: "CID", arguments: ["propranolol", "tremor"] }, wanted: null, text: "" },
  {
    kind: "wrong boundary",
    said: { label: "CID", arguments: ["lithium carbonate", "diabetes insipidus"] },
    wanted: { label: "CID", arguments: ["lithium carbonate", "nephrogenic diabetes insipidus"] },
    text: "",
  },
  {
    kind: "wrong mention",
    said: { label: "CID", arguments: ["Li", "tremor"] },
    wanted: { label: "CID", arguments: ["lithium carbonate", "tremor"] },
    text: "",
  },
  { kind: "malformed", said: null, wanted: null, text: "The relation between lithium & tremor & tremor" },
  { kind: "truncated source", said: null, wanted: { label: "CID", arguments: ["lithium", "seizures"] }, text: "" },
]

const casesOf = (results: ReadonlyArray<Result>): ReadonlyArray<ErrorCase> =>
  results.filter(({ measure, label }) => measure === "strict" && label === "micro").flatMap(
    ({ model, corpus, setting, protocol }) =>
      mistakes.map((mistake) => ({
        model,
        corpus,
        setting,
        seed: setting === "full" ? null : 0,
        protocol,
        document: `${corpus}-1401${mistake.kind.length}`,
        ...mistake,
        source: passage,
      })),
  )

const detailsOf = (results: ReadonlyArray<Result>, random: () => number): ReadonlyArray<Detail> =>
  results.filter(({ measure, label }) => measure === "strict" && label === "micro").map(
    ({ model, corpus, setting, protocol, runs, f1, correct, predicted, found, gold }): Detail => ({
      model,
      corpus,
      setting,
      protocol,
      runs,
      learned: setting === "full" ? 800 : Number(setting),
      slices: Slice.literals.map((slice, index) => {
        const value = f1 * (1.3 - 0.2 * index)
        const part = index < 3 ? 1 / 3 : 1 / 2
        return {
          slice,
          correct: correct * part,
          predicted: predicted * part,
          found: found * part,
          gold: gold * part,
          precision: value,
          recall: value,
          f1: value,
          runs,
        }
      }),
      absent: { count: Math.round(40 * random()), of: 2 * predicted },
      absentGold: { count: 3, of: 2 * gold },
      malformed: { count: Math.round(20 * random()), of: predicted + 20 },
      malformedDocuments: { count: Math.round(10 * random()), of: 500 },
    }),
  )

const tablesOf = (places: ReadonlyArray<Place>, pairs: ReadonlyArray<Pair>, random: () => number): ResultTables => {
  const results = resultsOf(places, random)
  return {
    results,
    comparisons: comparisonsOf(results, pairs, random),
    errors: errorsOf(results, random),
    cases: casesOf(results),
    warnings: [],
    details: detailsOf(results, random),
    systems: [],
  }
}

const corpora = ["cdr", "dce", "chemprot", "ddi"]

/** The whole of the paper: its own numbers, a little off. */
export const paperTables = (): ResultTables => {
  const random = numbers(1)
  const places = models.flatMap((model) =>
    corpora.flatMap((corpus) =>
      ["16", "64", "full"].flatMap((setting): ReadonlyArray<Place> => {
        const paper = publishedF1(model, corpus, setting)
        const runs = setting === "full" ? 1 : 5
        return paper === null ? [] : [{
          model: model.name,
          parameters: model.parameters,
          corpus,
          setting,
          f1: Math.max(0, paper + 4 * random() - 2),
          published: paper,
          runs,
        }]
      })
    )
  )
  return tablesOf(places, paperPairs, random)
}

/** Five models that the paper does not have; `rename` gives them other names. */
export const demoTables = (rename = (name: string): string => name): ResultTables => {
  const random = numbers(2)
  const places = ["bart-mini", "biogpt-mini", "gpt-neo-mini", "gpt2-mini", "t5-mini"].flatMap((model) =>
    corpora.flatMap((corpus) =>
      ["16", "64", "full"].flatMap((setting): ReadonlyArray<Place> =>
        setting !== "full" && (corpus === "chemprot" || corpus === "ddi" || /gpt/u.test(model)) ? [] : [{
          model: rename(model),
          parameters: "0.3M",
          corpus,
          setting,
          f1: 40 + 45 * random(),
          published: null,
          runs: setting === "full" ? 1 : 2,
        }]
      )
    )
  )
  const pairs: ReadonlyArray<Pair> = [
    { question: "domain", base: rename("gpt2-mini"), other: rename("biogpt-mini") },
    { question: "domain", base: rename("t5-mini"), other: rename("bart-mini") },
    { question: "instructions", base: rename("bart-mini"), other: rename("t5-mini") },
  ]
  return tablesOf(places, pairs, random)
}

/** No results at all. */
export const noTables: ResultTables = {
  results: [],
  comparisons: [],
  errors: [],
  cases: [],
  warnings: [],
  details: [],
  systems: [],
}
