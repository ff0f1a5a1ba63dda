/**
 * Optimizer steps against PyTorch and transformers: time of a step and peak of resident memory, at the shapes of
 * T5-small, T5-base and BART-base with random weights. A step is four micro-batches of two, forward and backward with
 * the models' dropout, gradients clipped at norm 1, AdamW and a linear schedule, all in float32.
 *
 * Run as `npm run bench:train`; options are those of options.ts. PyTorch's best setting is looked for first, on the
 * smallest shape. Then each side runs in fresh processes, which take turns and warm up before they time. Ends with
 * status 1 where redag is slower at any shape.
 */
import { alternate, type Pair } from "./alternate.ts"
import { benchOptions, isWanted } from "./options.ts"
import { Peer, runRedag, toldSetting, type Tuned } from "./processes.ts"
import type { TrainingJob } from "./redag/training-job.ts"
import { circumstances, gigabytes, table, toldCircumstances } from "./report.ts"
import { COMPARED, SHAPES } from "./shapes.ts"

/** What the ratios to PyTorch are to be; at a time above `limit` the trainer is not done. */
const GOALS = { seconds: 0.85, peak: 0.9, limit: 1 }
const CANDIDATES = {
  attention: ["eager", "sdpa"],
  optimizer: ["for-loop", "foreach", "fused"],
  setToNone: [true, false],
}
const BATCH = { batch: 2, accumulation: 4 }
const LENGTHS = [{ source: 256, target: 64 }, { source: 512, target: 128 }]
/** Timed steps of a process: as many as a run of all shapes has the patience for. */
const STEPS = { "t5-small": 3, "bart-base": 2, "t5-base": 1 } as const

interface Line extends Pair {
  readonly shape: string
  readonly source: number
  readonly target: number
  /** Ours by theirs. */
  readonly ratios: { readonly seconds: number; readonly peak: number }
}

const options = benchOptions(COMPARED, 2)
const { threads } = options
const peer = new Peer("train.py")
const where = circumstances(threads, peer.python)
const say = (text: string): void => void (options.json || process.stdout.write(text))
say(`${toldCircumstances(where)}\n`)

const tuned: Tuned = peer.tune({ config: SHAPES["t5-small"], ...BATCH, ...LENGTHS[0] }, CANDIDATES, threads)
say(`PyTorch's best setting, of ${tuned.tried.length} tried on t5-small: ${toldSetting(tuned)}\n`)

const lines: Line[] = []
for (const shape of COMPARED.filter((each) => isWanted(options.shapes, each))) {
  for (const length of LENGTHS.filter(({ source }) => isWanted(options.lengths, source))) {
    const job: TrainingJob = {
      config: SHAPES[shape],
      ...BATCH,
      ...length,
      warmUp: 1,
      steps: options.steps ?? STEPS[shape],
      threads,
    }
    const pair = alternate(options.rounds, () => runRedag("train.ts", job), () => peer.run(job, tuned))
    const { redag, peer: theirs } = pair
    const ratios = { seconds: redag.seconds / theirs.seconds, peak: redag.peak / theirs.peak }
    lines.push({ shape, ...length, ...pair, ratios })
    // A run takes its time: each shape is told when it is done.
    const all = lines.length === 1 ? "" : "\n"
    process.stderr.write(`${all}${shape} ${length.source}/${length.target}: ${ratios.seconds.toFixed(2)} of the time`)
  }
}
process.stderr.write("\n")

say(`\nmedians of ${options.rounds} processes of each side, in turns\n`)
say(table([
  ["shape", "source/target", "steps", "redag", "PyTorch", "ratio", "redag peak", "PyTorch peak", "ratio"],
  ...lines.map(({ shape, source, target, redag, peer, ratios }) => [
    shape,
    `${source}/${target}`,
    String(redag.all.length),
    `${redag.seconds.toFixed(2)} s`,
    `${peer.seconds.toFixed(2)} s`,
    ratios.seconds.toFixed(2),
    gigabytes(redag.peak),
    gigabytes(peer.peak),
    ratios.peak.toFixed(2),
  ]),
]))
const most = (ratio: keyof Line["ratios"]): number => Math.max(...lines.map(({ ratios }) => ratios[ratio]))
const goal = { met: most("seconds") <= GOALS.seconds && most("peak") <= GOALS.peak, ...GOALS }
say(
  `time at most ${GOALS.seconds} and peak at most ${GOALS.peak} of PyTorch's at every shape: `
    + `${goal.met ? "met" : "not met"}, the largest are ${most("seconds").toFixed(2)} and ${most("peak").toFixed(2)}\n`,
)
if (options.json) process.stdout.write(`${JSON.stringify({ ...where, tuned, lines, goal }, undefined, 2)}\n`)
if (most("seconds") > GOALS.limit) process.exitCode = 1
