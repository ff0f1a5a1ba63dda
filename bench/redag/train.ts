/** Times optimizer steps of redag: `node train.ts JOB`, which bench/train.ts and bench/memory.ts start. */
import { initialise } from "../../models/architectures/weights.ts"
import { finetuneEncoded } from "../../models/training/trainer.ts"
import type { Measured } from "../processes.ts"
import { type TrainingJob, trainingOf } from "./training-job.ts"

const job = JSON.parse(process.argv[2] ?? "") as TrainingJob
const { architecture, examples, options } = trainingOf(job)
const model = { architecture, weights: initialise(architecture.parameters, 1) }
const seconds: number[] = []
let start = performance.now()
for await (const { loss } of finetuneEncoded({ ...options, model, examples })) {
  if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`)
  const now = performance.now()
  seconds.push((now - start) / 1000)
  start = now
}
const measured: Measured = {
  seconds: seconds.slice(job.warmUp),
  warmUp: seconds.slice(0, job.warmUp).reduce((total, each) => total + each, 0),
  peak: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
