/**
 * How fast runs are scored, and in how much memory: the strict measure with its mistakes on 10,000 documents, as 50
 * systems of different skill read them. The corpus is made up, with concepts as CDR has them; making it and what the
 * systems say is not timed.
 *
 * Run as `node bench/score.ts`; prints seconds (wall time of scoring), how many of them counting without a word on
 * mistakes would take, the rate, and the peak of the process's memory with everything in it. Ends with status 1 where a goal is missed. It measures in a process of its own, whose
 * heap is limited: V8 leaves garbage lying where there is memory for it.
 */
import { spawnSync } from "node:child_process"
import type { Document, Mention } from "../schemas/documents.ts"
import type { Answer, Example } from "../schemas/examples.ts"
import type { Extraction, PredictedRelation } from "../schemas/relations.ts"
import { type Random, randomFrom } from "../stages/compose/random.ts"
import { scorer } from "../stages/score/score.ts"
import { countByLabel, ratiosOf, sumOfCounts } from "../stages/shared/measures/counts.ts"
import { measurer } from "../stages/shared/measures/strict.ts"
import { circumstances, table, toldCircumstances } from "./report.ts"

const DOCUMENTS = 10_000
const SYSTEMS = 50
const SECONDS = 3
const BYTES = 500e6
const LIMIT = "--max-old-space-size=256"

/** An entity of the made-up corpus: a concept and the names that texts use for it. */
interface Entity {
  readonly concept: string
  readonly names: readonly [string, ...string[]]
}

const syllables = "al ben car dol eth fen gli hex ib ket lor met nap ol pen quin rif sul tam ur val xan zol".split(" ")

/** Entities of a kind; as in CDR, a third have a second name, and names are of one to three words. */
const entities = (kind: string, count: number, random: Random): readonly Entity[] => {
  const word = (): string => Array.from({ length: 2 + random.integer(3) }, () => random.pick(syllables)).join("")
  const name = (): string => Array.from({ length: 1 + random.integer(3) }, word).join(" ")
  return Array.from({ length: count }, (_, index) => {
    const first = name()
    const more = random.chance(1 / 3) ? [random.chance(0.5) ? name() : first.toUpperCase()] : []
    return { concept: `${kind}${index}`, names: [first, ...more] }
  })
}

/** One document of some 16 mentions and 3 relations, with its example. */
const compose = (
  id: string,
  chemicals: readonly Entity[],
  diseases: readonly Entity[],
  random: Random,
): readonly [Document, Example] => {
  const drawn = [chemicals, diseases].map((
    all,
  ) => [...new Set(Array.from({ length: 2 + random.integer(3) }, () => random.pickSkewed(all, 2)))])
  const mentions = drawn.flat().flatMap((entity) =>
    [...entity.names, random.pick(entity.names), random.pick(entity.names)].map((text, index): Mention => ({
      id: `${entity.concept}.${index}`,
      type: "entity",
      text,
      spans: [{ start: index, end: index + text.length }],
      concepts: [entity.concept],
      parts: [],
    }))
  )
  const [heads = [], tails = []] = drawn
  const pairs = heads.flatMap((head) => tails.map((tail) => [head, tail] as const))
  const related = random.shuffle(pairs).slice(0, 1 + random.integer(5))
  const answers = related.map((pair): Answer => ({ label: "CID", arguments: pair.map(({ names }) => names) }))
  const document: Document = {
    corpus: "made up",
    portion: "test",
    id,
    text: mentions.map(({ text }) => text).join(" and "),
    mentions,
    relations: related.map((pair) => ({
      label: "CID",
      level: "concept",
      arguments: pair.map(({ concept }) => concept),
    })),
  }
  return [document, { document: id, partition: "test", source: document.text, target: "", answers }]
}

const label = "CID"
const rubbish = ["The relation between"]

/** What a system of some skill says of a document: right relations, near ones, wrong ones, and pieces that are none. */
const say = (
  { document, answers }: Example,
  { mentions }: Document,
  { skill, random }: { readonly skill: number; readonly random: Random },
): Extraction => {
  const relations: PredictedRelation[] = []
  for (const { arguments: [heads = [], tails = []] } of answers) {
    const head = random.pick(heads)
    const tail = random.pick(tails)
    const draw = random.next()
    if (draw < skill) relations.push({ label, arguments: [head, tail] })
    else if (draw < skill + 0.04) relations.push({ label: "?none", arguments: [head, tail] })
    else if (draw < skill + 0.08) relations.push({ label, arguments: [head.toUpperCase(), tail] })
    else if (draw < skill + 0.14) relations.push({ label, arguments: [head, `severe ${tail}`] })
  }
  for (let spurious = random.integer(4); spurious > 0; spurious--) {
    relations.push({ label, arguments: [random.pick(mentions).text, random.pick(mentions).text] })
  }
  return {
    document,
    relations: random.shuffle(relations),
    malformed: random.chance(0.1) ? rubbish : [],
    finished: random.chance(0.95),
    sourceTruncated: random.chance(0.15),
  }
}

if (!process.execArgv.includes(LIMIT)) {
  process.exit(spawnSync(process.execPath, [LIMIT, import.meta.filename], { stdio: "inherit" }).status ?? 1)
}

const where = circumstances(1)
process.stdout.write(`${toldCircumstances(where)}\n`)

const random = randomFrom("corpus")
const chemicals = entities("C", 4000, random)
const diseases = entities("D", 3000, random)
const corpus = Array.from({ length: DOCUMENTS }, (_, index) => compose(`d${index}`, chemicals, diseases, random))
const documents = corpus.map(([document]) => document)
const examples = corpus.map(([, example]) => example)
const gold = examples.reduce((sum, { answers }) => sum + answers.length, 0)

const seconds = { whole: 0, counts: 0 }
const timed = <A>(part: keyof typeof seconds, run: () => A): A => {
  const start = performance.now()
  const result = run()
  seconds[part] += (performance.now() - start) / 1000
  return result
}
const matching = { arguments: "ordered", variants: "one", unknown: "wrong" } as const
const scoreRun = timed("whole", () => scorer({ partition: "test", documents, examples }, measurer(matching)))
const runs = Array.from({ length: SYSTEMS }, (_, index) => {
  const model = `system ${index}`
  const system = { skill: 0.1 + (0.7 * index) / SYSTEMS, random: randomFrom(model) }
  const relations = corpus.map(([document, example]) => say(example, document, system))
  const { scores, outcomes } = timed("whole", () =>
    scoreRun({
      cell: { model, corpus: "made up", setting: "full", seed: null },
      protocol: "paper",
      relations,
      evaluations: [],
    }))
  const said = examples.map(({ answers }, place) => ({ answers, relations: relations[place]?.relations ?? [] }))
  const { f1 } = timed("counts", () => ratiosOf(sumOfCounts(countByLabel(said, matching))))
  if (f1 !== scores[0]?.f1) throw new Error(`${model} has two scores: ${f1} and ${scores[0]?.f1}`)
  return { f1, mistakes: outcomes.reduce((sum, { mistakes }) => sum + mistakes.length, 0) }
})

const peak = process.resourceUsage().maxRSS * 1024
const f1 = runs.map((run) => run.f1)
process.stdout.write(table([
  ["documents × systems", "gold", "F1", "mistakes", "seconds", "counts alone", "documents/s", "peak"],
  [
    `${DOCUMENTS} × ${SYSTEMS}`,
    String(gold),
    `${Math.min(...f1).toFixed(2)} to ${Math.max(...f1).toFixed(2)}`,
    String(runs.reduce((sum, run) => sum + run.mistakes, 0)),
    `${seconds.whole.toFixed(2)} (goal < ${SECONDS})`,
    seconds.counts.toFixed(2),
    Math.round((DOCUMENTS * SYSTEMS) / seconds.whole).toLocaleString("en"),
    `${(peak / 1e6).toFixed(0)} MB (goal < ${BYTES / 1e6})`,
  ],
]))
if (seconds.whole >= SECONDS || peak >= BYTES) process.exitCode = 1
