/**
 * How long the aggregate stage takes for the whole of the paper's Table 1: 19 models, 128 cells, 336 runs with made-up
 * outcomes over as many documents as the corpora's test sets have, 10,000 resamples, 76 tests of pairs.
 *
 * Run as `node bench/bootstrap.ts`; `--rounds N` repeats it, `--official` adds the corpora's own measures, which the
 * stage gets too. Prints seconds of the bootstrap, of the tests and of the whole, and the peak resident memory; ends with
 * 1 if any whole took 10 seconds or more. One thread.
 */
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { paperCorpora } from "../experiment/corpora.ts"
import { listsOf } from "../experiment/graph/lists.ts"
import { models } from "../experiment/models.ts"
import { paperPairs } from "../experiment/pairs.ts"
import type { ErrorKind, Mistake, Outcome } from "../schemas/outcomes.ts"
import type { Score } from "../schemas/scores.ts"
import { aggregate, type Aggregation } from "../stages/aggregate/aggregate.ts"
import { cellsOf } from "../stages/aggregate/cells.ts"
import { resampledF1 } from "../stages/aggregate/intervals.ts"
import { Random } from "../stages/aggregate/random.ts"
import { type Paired, randomizationTests } from "../stages/aggregate/randomization.ts"
import { countNames, f1Of, talliesOf } from "../stages/aggregate/tallies.ts"
import { gigabytes } from "./report.ts"

const goal = 10
const seeds = [0, 1, 2, 3, 4]

/** Documents of the test sets, and relations of a document at most. */
const corpora = {
  cdr: { documents: 500, relations: 8, few: true, official: ["concept pairs"] },
  dce: {
    documents: 272,
    relations: 3,
    few: true,
    official: ["exact, any", "exact, positive", "partial, any", "partial, positive"],
  },
  chemprot: { documents: 800, relations: 12, few: false, official: ["mention pairs"] },
  ddi: { documents: 191, relations: 15, few: false, official: ["detection", "classification"] },
} as const

const { values: { rounds, official } } = parseArgs({
  options: { rounds: { type: "string", default: "1" }, official: { type: "boolean", default: false } },
})

const random = Random.of(0, "made-up outcomes")

const mistake = (kind: ErrorKind): Mistake => ({
  kind,
  said: kind === "missed" ? null : { label: "CID", arguments: ["lithium carbonate", "nephrogenic diabetes insipidus"] },
  wanted: kind === "spurious" ? null : { label: "CID", arguments: ["lithium carbonate", "diabetes"] },
  text: "",
})

/** A run: a score and the outcome of each document; `partial` counts parts of relations. */
const run = (
  scoring: Omit<Score, "label" | "precision" | "recall" | "f1" | "flags" | (typeof countNames)[number]>,
  documents: ReadonlyArray<number>,
  partial: boolean,
) => {
  const whole = { correct: 0, predicted: 0, found: 0, gold: 0 }
  const outcomes = documents.map((gold, index): Outcome => {
    const predicted = random.below(gold + 3)
    const right = random.below(Math.min(gold, predicted) + 1)
    const correct = partial ? right / (1 + random.below(3)) : right
    const counts = { correct, predicted, found: correct, gold }
    for (const name of countNames) whole[name] += counts[name]
    const mistakes = scoring.measure !== "strict" ? [] : [
      ...Array.from({ length: gold - right }, () => mistake("missed")),
      ...Array.from({ length: predicted - right }, () => mistake("spurious")),
    ]
    return { ...scoring, document: `document ${index}`, ...counts, finished: true, sourceTruncated: false, mistakes }
  })
  const f1 = f1Of(whole.correct, whole.predicted, whole.found, whole.gold)
  return { score: { ...scoring, label: "micro", ...whole, precision: 0, recall: 0, f1, flags: [] }, outcomes }
}

const table = (): Aggregation => {
  const scores: Array<Score> = []
  const outcomes: Array<Outcome> = []
  for (const [corpus, { documents, relations, few, official: measures }] of Object.entries(corpora)) {
    const gold = Array.from({ length: documents }, () => random.below(relations))
    for (const { name: model, family } of models) {
      for (const setting of few && family !== null ? ["16", "64", "full"] : ["full"]) {
        for (const seed of setting === "full" ? [null] : seeds) {
          for (const measure of ["strict", ...(official ? measures : [])]) {
            const protocol = measure === "strict" ? "paper" : "official"
            const made = run({ model, corpus, setting, seed, protocol, measure }, gold, measure.startsWith("partial"))
            scores.push(made.score)
            outcomes.push(...made.outcomes)
          }
        }
      }
    }
  }
  const examples = Object.values(corpora).map(({ documents }) =>
    Array.from({ length: documents }, (_, index) => ({
      document: `document ${index}`,
      partition: "test" as const,
      source: "A source text of some length. ".repeat(40),
      target: "",
      answers: [],
    }))
  )
  return {
    scores,
    outcomes,
    details: [],
    examples,
    warnings: [],
    lists: listsOf(models, paperCorpora),
    pairs: paperPairs,
    leaked: "compared",
    seeds: seeds.length,
    resamples: 10_000,
    seed: 0,
  }
}

const timed = <A>(work: () => A): readonly [A, number] => {
  const start = performance.now()
  const made = work()
  return [made, (performance.now() - start) / 1000]
}

/** The two parts by themselves, on what the whole hands them. */
const parts = ({ lists, scores, outcomes, resamples }: Aggregation) => {
  let [bootstrap, randomization] = [0, 0]
  const populations = Map.groupBy(cellsOf(scores, outcomes, lists), ({ corpus, measure }) => `${corpus} ${measure}`)
  for (const cells of populations.values()) {
    const tallies = talliesOf(cells)
    bootstrap += timed(() => resampledF1([...tallies.of.values()], resamples, Random.of(0, "resamples")))[1]
    if (cells[0]?.measure !== "strict") continue
    const tests = paperPairs.flatMap(({ base, other }) =>
      cells.filter(({ model }) => model === base).map(({ setting, runs }): Paired => {
        const others = cells.find((cell) => cell.model === other && cell.setting === setting)?.runs ?? []
        return runs.flatMap((one, index) => {
          const second = others[index]
          const [base, other] = [tallies.of.get(one), second && tallies.of.get(second)]
          return base === undefined || other === undefined ? [] : [{ base, other }]
        })
      })
    )
    randomization += timed(() => randomizationTests(tests, resamples, Random.of(0, "swaps")))[1]
  }
  return { bootstrap, randomization }
}

const [made, making] = timed(table)
const say = (text: string): void => void process.stdout.write(`${text}\n`)
say(
  `node ${process.versions.node}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores; load before ${
    loadavg()[0]?.toFixed(1)
  }`,
)
say(`${made.scores.length} runs, ${made.outcomes.length} outcomes, made in ${making.toFixed(1)} s`)
for (let round = 0; round < Number(rounds); round++) {
  const [{ results, comparisons, cases }, whole] = timed(() => aggregate(made))
  const peak = process.resourceUsage().maxRSS * 1024
  const { bootstrap, randomization } = parts(made)
  say(`${results.length} cells, ${comparisons.length} comparisons, ${cases.length} cases`)
  say(`bootstrap      ${bootstrap.toFixed(2)} s`)
  say(`randomization  ${randomization.toFixed(2)} s`)
  say(`rest           ${(whole - bootstrap - randomization).toFixed(2)} s`)
  say(`whole          ${whole.toFixed(2)} s, goal < ${goal} s${whole < goal ? "" : ": missed"}`)
  say(`peak           ${gigabytes(peak)}`)
  if (whole >= goal) process.exitCode = 1
}
