/**
 * Times the scoring of runs: `node score.ts JOB`, which bench/score.ts starts, in this checkout and, as a copy, in that of
 * an earlier commit.
 */
import { createHash } from "node:crypto"
import { randomFrom } from "../../stages/compose/random.ts"
import { scorer } from "../../stages/score/score.ts"
import { countByLabel, ratiosOf, sumOfCounts } from "../../stages/shared/measures/counts.ts"
import { measurer } from "../../stages/shared/measures/strict.ts"
import { composeCorpus, say } from "./readings.ts"

/** Systems that read a made-up corpus. */
export interface ScoringJob {
  readonly documents: number
  readonly systems: number
}

/** What a process took, and what it found. */
export interface Scoring {
  /** Wall time of scoring with all mistakes. */
  readonly seconds: number
  /** The processor's time for that in the thread that scores: what other programs disturb least. */
  readonly processor: number
  /** The most resident memory of the process, in bytes, with corpus and systems in it. */
  readonly peak: number
  readonly gold: number
  readonly f1: readonly number[]
  readonly mistakes: number
  /** Of all rows but the macro averages: two that agree found the same in every document. */
  readonly digest: string
}

const job = JSON.parse(process.argv[2] ?? "") as ScoringJob

const corpus = composeCorpus(job.documents)
const documents = corpus.map(([document]) => document)
const examples = corpus.map(([, example]) => example)

const took = { seconds: 0, processor: 0 }
const processorNow = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}
const timed = <A>(run: () => A): A => {
  const [start, startProcessor] = [performance.now(), processorNow()]
  const result = run()
  took.seconds += (performance.now() - start) / 1000
  took.processor += processorNow() - startProcessor
  return result
}
const hash = createHash("sha256")
const matching = { arguments: "ordered", variants: "one", unknown: "wrong" } as const
const scoreRun = timed(() => scorer({ partition: "test", documents, examples }, measurer(matching)))
const runs = Array.from({ length: job.systems }, (_, index) => {
  const model = `system ${index}`
  const system = { skill: 0.1 + (0.7 * index) / job.systems, random: randomFrom(model) }
  const relations = corpus.map(([document, example]) => say(example, document, system))
  const run = {
    cell: { model, corpus: "made up", setting: "full", seed: null },
    protocol: "paper",
    measure: { by: "strict", matching },
    relations,
    evaluations: [],
  }
  const { scores, outcomes } = timed(() => scoreRun(run))
  const f1 = scores[0]?.f1 ?? 0
  // Once, for what it leaves in memory would slow down what is timed.
  if (index === job.systems - 1) {
    const said = examples.map(({ answers }, place) => ({ answers, relations: relations[place]?.relations ?? [] }))
    const counted = ratiosOf(sumOfCounts(countByLabel(said, matching))).f1
    if (f1 !== counted) throw new Error(`${model} has two scores: ${f1} and ${counted}`)
  }
  hash.update(JSON.stringify(scores.filter(({ label }) => label !== "macro")))
  for (const outcome of outcomes) hash.update(JSON.stringify(outcome))
  return { f1, mistakes: outcomes.reduce((sum, { mistakes }) => sum + mistakes.length, 0) }
})
const scoring: Scoring = {
  ...took,
  peak: process.resourceUsage().maxRSS * 1024,
  gold: examples.reduce((sum, { answers }) => sum + answers.length, 0),
  f1: runs.map((run) => run.f1),
  mistakes: runs.reduce((sum, run) => sum + run.mistakes, 0),
  digest: hash.digest("hex"),
}
process.stdout.write(`${JSON.stringify(scoring)}\n`)
