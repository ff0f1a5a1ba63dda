/**
 * The memory of large trainings: one optimizer step of T5-base in 32 micro-batches of one, source 512 and target 128,
 * and one of T5-large in two such; each in a fresh process, its peak against the memory plan and the goal.
 *
 * Run as `node bench/memory.ts`; `--shape`, `--threads` and `--json` as in options.ts. What the plan says does not fit
 * is refused as in a run, with status 1, as where a goal is missed.
 */
import { availableMemory } from "../models/memory/available.ts"
import { requireMemory } from "../models/memory/plan.ts"
import { trainingRequirement } from "../models/memory/requirements.ts"
import { benchOptions, isWanted } from "./options.ts"
import { runRedag } from "./processes.ts"
import { type TrainingJob, trainingOf } from "./redag/training-job.ts"
import { circumstances, gigabytes, table, toldCircumstances } from "./report.ts"
import { SHAPES } from "./shapes.ts"

/** `goal` is in bytes. */
const TRAININGS = [
  { shape: "t5-base", accumulation: 32, goal: 7e9 },
  { shape: "t5-large", accumulation: 2, goal: 20e9 },
] as const

const { shapes, threads, json } = benchOptions(TRAININGS.map(({ shape }) => shape), 1)
const say = (text: string): void => void (json || process.stdout.write(text))
const where = circumstances(threads)
say(`${toldCircumstances(where)}\n`)

const lines = TRAININGS.filter(({ shape }) => isWanted(shapes, shape)).map(({ shape, accumulation, goal }) => {
  const job: TrainingJob = {
    config: SHAPES[shape],
    batch: 1,
    accumulation,
    source: 512,
    target: 128,
    warmUp: 0,
    steps: 1,
    threads,
  }
  const { architecture, examples, options } = trainingOf(job)
  const required = trainingRequirement(architecture, examples, options)
  requireMemory(required, availableMemory())
  const { peak, seconds: [seconds = 0] } = runRedag("train.ts", job)
  const parts = Object.entries(required.parts).toSorted(([, a], [, b]) => b - a)
  say(
    `${shape}, batch 1 × ${accumulation}: planned ${
      parts.map(([name, bytes]) => `${name} ${gigabytes(bytes)}`).join(", ")
    }\n`,
  )
  return { shape, accumulation, goal, planned: required.bytes, parts: required.parts, peak, seconds }
})

say(table([
  ["shape", "batch", "step, compiled", "planned", "peak", "peak/planned", "goal"],
  ...lines.map(({ shape, accumulation, goal, planned, peak, seconds }) => [
    shape,
    `1 × ${accumulation}`,
    `${seconds.toFixed(1)} s`,
    gigabytes(planned),
    gigabytes(peak),
    (peak / planned).toFixed(2),
    `< ${gigabytes(goal)}${peak < goal ? "" : " missed"}`,
  ]),
]))
if (json) process.stdout.write(`${JSON.stringify({ ...where, lines }, undefined, 2)}\n`)
if (lines.some(({ peak, goal }) => peak >= goal)) process.exitCode = 1
