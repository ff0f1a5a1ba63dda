/**
 * Generation against transformers' `generate`: tokens a second, greedily and with four beams, at the shapes of T5-small,
 * T5-base and BART-base with random weights, in float32. Sources have 256 tokens and outputs exactly 64: neither side
 * may end one.
 *
 * Run as `npm run bench:generate`; options are those of options.ts, `--length` aside. The best setting of transformers
 * is looked for first, on the smallest shape, for each batch size and number of beams: threads, attention, the dynamic
 * cache or a static one (without `torch.compile`, which would compile for minutes); all in inference mode. Then each
 * side runs in fresh processes, which take turns and warm up with one batch. Ends with status 1 where a goal is missed.
 */
import { alternate, type Pair } from "./alternate.ts"
import { benchOptions, isWanted } from "./options.ts"
import { Peer, runRedag, toldSetting, type Tuned } from "./processes.ts"
import type { GenerationJob } from "./redag/generate.ts"
import { circumstances, gigabytes, table, toldCircumstances } from "./report.ts"
import { COMPARED, SHAPES } from "./shapes.ts"

const CANDIDATES = { attention: ["eager", "sdpa"], cache: ["default", "static"] }
/** Each way to generate, with the least tokens a second as a multiple of transformers'. */
const WAYS = [
  { batch: 1, beams: 1, goal: 2.5 },
  { batch: 8, beams: 1, goal: 1.5 },
  { batch: 1, beams: 4, goal: 2 },
  { batch: 8, beams: 4, goal: 2 },
] as const
const LENGTHS = { source: 256, tokens: 64 }
/** New tokens where settings are tried: enough to tell them apart. */
const TUNING_TOKENS = 16
/** Timed batches of a process: as many as a run of all shapes has the patience for. */
const ROUNDS = { greedy: 3, beams: 2 }

interface Line extends Pair {
  readonly shape: string
  readonly batch: number
  readonly beams: number
  readonly goal: number
  /** Their time by ours. */
  readonly ratio: number
}

const options = benchOptions(COMPARED, 2)
const { threads } = options
const peer = new Peer("generate.py")
const where = circumstances(threads, peer.python)
const say = (text: string): void => void (options.json || process.stdout.write(text))
say(`${toldCircumstances(where)}\n`)

const told = ({ batch, beams }: Pick<Line, "batch" | "beams">): string =>
  `${beams === 1 ? "greedy" : `beam ${beams}`}, batch ${batch}`
const tuned: (readonly [typeof WAYS[number], Tuned])[] = []
for (const way of WAYS) {
  const { batch, beams } = way
  const best = peer.tune(
    { config: SHAPES["t5-small"], batch, beams, source: LENGTHS.source, tokens: TUNING_TOKENS },
    CANDIDATES,
    threads,
  )
  tuned.push([way, best])
  say(`transformers' best setting for ${told(way)}, of ${best.tried.length} tried on t5-small: ${toldSetting(best)}\n`)
}

const lines: Line[] = []
for (const shape of COMPARED.filter((each) => isWanted(options.shapes, each))) {
  for (const [{ batch, beams, goal }, setting] of tuned) {
    const job: GenerationJob = {
      config: SHAPES[shape],
      batch,
      beams,
      ...LENGTHS,
      rounds: options.steps ?? (beams === 1 ? ROUNDS.greedy : ROUNDS.beams),
      threads,
    }
    const pair = alternate(options.rounds, () => runRedag("generate.ts", job), () => peer.run(job, setting))
    const line: Line = { shape, batch, beams, goal, ...pair, ratio: pair.peer.seconds / pair.redag.seconds }
    lines.push(line)
    // A run takes its time: each line is told when it is done.
    process.stderr.write(`${shape}, ${told(line)}: ${line.ratio.toFixed(2)} times as fast\n`)
  }
}

const speed = (seconds: number, batch: number): string => (batch * LENGTHS.tokens / seconds).toFixed(1)
say(
  `\ntokens a second, medians of ${options.rounds} processes of each side, in turns; start is compilation and a batch\n`,
)
say(table([
  ["shape", "", "redag", "PyTorch", "ratio", "goal", "redag start", "PyTorch start", "redag peak", "PyTorch peak"],
  ...lines.map((line) => [
    line.shape,
    told(line),
    speed(line.redag.seconds, line.batch),
    speed(line.peer.seconds, line.batch),
    line.ratio.toFixed(2),
    `${line.goal.toFixed(1)}${line.ratio < line.goal ? " missed" : ""}`,
    `${line.redag.start.toFixed(2)} s`,
    `${line.peer.start.toFixed(2)} s`,
    gigabytes(line.redag.peak),
    gigabytes(line.peer.peak),
  ]),
]))
const missed = lines.filter(({ ratio, goal }) => ratio < goal)
say(missed.length === 0 ? "every goal is met\n" : `${missed.length} of ${lines.length} goals are missed\n`)
if (options.json) process.stdout.write(`${JSON.stringify({ ...where, tuned, lines }, undefined, 2)}\n`)
if (missed.length > 0) process.exitCode = 1
