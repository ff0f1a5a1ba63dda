import type { Mention } from "../../../../schemas/documents.ts"
import type { Counts } from "../../../../schemas/scores.ts"
import type { Measurer } from "../measured.ts"
import { type Annotation, distinct, type Evaluator, type Trace, unknownLabel } from "./annotations.ts"
import { official } from "./evaluation.ts"
import { namer, nothing, startOf, tracedLabel } from "./trace.ts"

/** Whether only combinations of the class POS are compared, or all of them without regard to their class. */
export type Classes = "positive" | "any"

/** Whether the drugs must be the same, or two shared ones earn their part. */
export type Overlap = "exact" | "partial"

/** What a combination earns beside another one: the part that is shared of all drugs that either names. */
const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>, overlap: Overlap): number => {
  const common = a.intersection(b).size
  const part = common / a.union(b).size
  return part === 1 || (overlap === "partial" && common >= 2) ? part : 0
}

/** The distinct combinations that count, as sets of drugs. */
const combinations = (annotations: ReadonlyArray<Annotation>, classes: Classes): ReadonlyArray<ReadonlySet<string>> => {
  const counted = annotations.filter(({ label }) => classes === "any" || label === "POS")
  // What was said in a predicate that is no label could not be handed in: it shares no drug with a gold one.
  const named = counted.map(({ label, arguments: ids }) => ({
    label,
    arguments: label === unknownLabel ? ids.map(nothing) : ids,
  }))
  return [...distinct(named, ({ arguments: ids }) => JSON.stringify([...new Set(ids)].toSorted())).values()].map(
    ({ arguments: ids }) => new Set(ids),
  )
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/**
 * Counts combinations as allenai/drug-combo-extraction does (Tiktinsky et al., NAACL 2022, leaderboard/eval.py): every
 * predicted one earns what it shares with the gold one most like it, and every gold one likewise, so that precision and
 * recall have numerators of their own.
 */
export const countCombinations = (overlap: Overlap, classes: Classes): Evaluator => (gold, predicted) => {
  const right = combinations(gold, classes)
  const said = combinations(predicted, classes)
  if (right.length + said.length === 0) return new Map<string, Counts>()
  const earned = (one: ReadonlySet<string>, others: ReadonlyArray<ReadonlySet<string>>): number =>
    Math.max(0, ...others.map((other) => shared(one, other, overlap)))
  const counts = {
    correct: sum(said.map((one) => earned(one, right))),
    predicted: said.length,
    found: sum(right.map((one) => earned(one, said))),
    gold: right.length,
  }
  return new Map([[classes === "any" ? "combination" : "POS", counts]])
}

/** A name that is looked for, the mentions that have it, and how often it is said. */
interface Sought {
  readonly mentions: ReadonlyArray<Mention>
  readonly times: number
}

/**
 * The mentions of the shortest stretch of text that has every name as often as it is said; of equally short ones, the
 * first. Of a name that stands there more often, the first mentions.
 */
const shortestStretch = (sought: ReadonlyArray<Sought>): ReadonlyArray<Mention> => {
  const inOrder = sought.flatMap(({ mentions }) => mentions).toSorted((a, b) => startOf(a) - startOf(b))
  let best: { readonly length: number; readonly mentions: ReadonlyArray<Mention> } | undefined
  for (const first of inOrder) {
    const from = startOf(first)
    const chosen = sought.map(({ mentions, times }) =>
      mentions.filter((mention) => startOf(mention) >= from).slice(0, times)
    )
    if (chosen.some((mentions, index) => mentions.length < (sought[index]?.times ?? 0))) break
    const mentions = chosen.flat()
    const length = Math.max(...mentions.map(startOf)) - from
    if (best === undefined || length < best.length) best = { length, mentions }
  }
  return best?.mentions ?? []
}

/**
 * What drug strings stand for: the mentions with these names that stand closest together, since a sentence that names a
 * drug twice combines it where it stands beside the others.
 *
 * A string that is no mention stays in the combination as a drug that the sentence does not have.
 */
export const trace: Trace = (document, relations) => {
  const drugs = namer(document.mentions)
  return relations.map(({ label, arguments: names }) => {
    const known = Map.groupBy(names, (name) => drugs(name)[0])
    const sought = [...known].flatMap(([first, said]) => {
      const mentions = first === undefined ? [] : drugs(said[0] ?? "")
      return first === undefined ? [] : [{ mentions, times: Math.min(said.length, mentions.length) }]
    })
    const unknown = (known.get(undefined) ?? []).map(nothing)
    return { label: tracedLabel(label), arguments: [...shortestStretch(sought).map(({ id }) => id), ...unknown] }
  })
}

/** DCE as its publishers evaluate it. */
export const measurer: Measurer = official({
  trace,
  evaluations: (["exact", "partial"] as const).flatMap((overlap) =>
    (["positive", "any"] as const).map((classes) => ({
      measure: `${overlap}, ${classes}`,
      evaluator: countCombinations(overlap, classes),
      labels: [],
      macro: "mean of F1" as const,
    }))
  ),
})
