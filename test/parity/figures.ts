import type { Engine, TensorData } from "../../models/ir/program.ts"
import { batchOf } from "../../models/training/batches.ts"
import {
  type BatchShape,
  logitsProgram,
  portName,
  trainedShapes,
  trainingProgram,
} from "../../models/training/programs.ts"
import { finetuneEncoded, type TrainingStep } from "../../models/training/trainer.ts"
import { relativeDifference, worstDifference } from "../models/support.ts"
import { examplesOf, expectedOf, modelOf, referenceOf } from "./reference.ts"

/** How far a model that an engine computes is from what transformers computed. */
export interface Figures {
  /** The largest differences: of logits, of the loss, and of the gradients, which `worstGradient` has. */
  readonly logits: number
  readonly loss: number
  readonly gradient: number
  readonly worstGradient: string
  /** The largest relative differences of ten AdamW steps. */
  readonly steps: number
  readonly norms: number
  readonly rates: number
}

/** What the figures may come to. Rounding differences of tiny gradients are brought to full size by Adam: norms part first. */
export const limits = { logits: 1e-4, loss: 1e-5, gradient: 1e-3, steps: 1e-3, norms: 5e-3, rates: 1e-6 } as const

/** Computes a variant's logits, loss, gradients and ten AdamW steps, and compares them with those of transformers. */
export const figuresOf = async (engine: Engine, variant: string): Promise<Figures> => {
  const reference = referenceOf(variant)
  const expected = expectedOf(variant)
  const model = modelOf(variant)
  const { architecture, weights } = model
  const examples = examplesOf(reference)
  const longest = (length: (example: (typeof examples)[number]) => number): number => Math.max(...examples.map(length))
  const joined = architecture.kind === "decoder-only"
  const shape: BatchShape = {
    batch: examples.length,
    source: longest(({ source, target }) => joined ? source.length + target.length : source.length),
    target: longest(({ target }) => target.length),
  }
  const batch = batchOf(architecture, shape)
  batch.write(examples, 1)
  const inputs = new Map<string, TensorData>(batch.inputs)
  for (const [name, { data }] of weights.tensors) inputs.set(name, data)

  // A decoder-only model gives the logits of the positions that it is asked for; the reference has those of all.
  const all: BatchShape = joined ? { ...shape, target: shape.source } : shape
  const rows = Int32Array.from({ length: all.batch * all.target }, (_, row) => row)
  // The batch leaves out the last token of each target, which nothing is predicted from.
  const ids = Int32Array.from(inputs.get("source ids") ?? [])
  if (joined) {
    examples.forEach(({ source, target }, row) => ids.set([...source, ...target], row * shape.source))
    inputs.set("rows", rows).set("source ids", ids)
  }
  const logits = new Float32Array(rows.length * architecture.vocabulary)
  await run(engine, logitsProgram(architecture, all), inputs, new Map([["logits", logits]]))
  // What stands at padding is of no meaning.
  const theirs = expected.get("logits") ?? new Float32Array()
  if (theirs.length !== logits.length) throw new Error(`${variant}: ${logits.length} logits, not ${theirs.length}`)
  const real = examples.flatMap(({ source, target }, row) => {
    const start = row * all.target * architecture.vocabulary
    const length = joined ? source.length + target.length : target.length
    const part = (data: Float32Array) => data.subarray(start, start + length * architecture.vocabulary)
    return worstDifference(part(logits), part(theirs))
  })

  for (const [name, data] of batch.inputs) inputs.set(name, data)
  const loss = new Float32Array(1)
  const outputs = new Map<string, TensorData>([["loss", loss]])
  const gradients = new Map([...trainedShapes(architecture).keys()].map((name) => {
    const data = new Float32Array(weights.tensors.get(name)?.data.length ?? 0)
    outputs.set(portName.gradient(name), data)
    return [name, data] as const
  }))
  const { program } = trainingProgram(architecture, shape, { dropout: 0, accumulate: false })
  await run(engine, program, inputs, outputs)
  let gradient = { of: "", worst: 0 }
  for (const [name, data] of gradients) {
    const reference_ = expected.get(name)
    if (reference_ === undefined) throw new Error(`${variant}: no gradient of ${name}`)
    const zero = reference.zeroGradients.includes(name)
    const difference = zero ? worstDifference(data, reference_) : relativeDifference(data, reference_)
    if (!(difference <= gradient.worst)) gradient = { of: name, worst: difference }
  }

  const { optimizer } = reference
  const steps: TrainingStep[] = []
  const training = finetuneEncoded({
    model,
    examples,
    duration: { maxSteps: optimizer.steps },
    batchSize: examples.length,
    accumulation: 1,
    learningRate: optimizer.learning_rate,
    warmupRatio: optimizer.warmup_ratio,
    weightDecay: optimizer.weight_decay,
    clipNorm: optimizer.clip_norm,
    dropout: 0,
    seed: 3,
    maxSourceTokens: 28,
    maxTargetTokens: 13,
    engine,
    threads: 1,
  })
  for await (const step of training) steps.push(step)
  if (steps.length !== reference.steps.length) throw new Error(`${variant}: ${steps.length} steps`)
  const relative = (field: "loss" | "gradientNorm" | "learningRate"): number =>
    Math.max(...steps.map((step, index) => {
      const theirs = reference.steps[index]?.[field] ?? Number.NaN
      return Math.abs(step[field] - theirs) / Math.max(Math.abs(theirs), 1e-9)
    }))
  return {
    logits: Math.max(...real),
    loss: Math.abs((loss[0] ?? Number.NaN) - reference.loss),
    gradient: gradient.worst,
    worstGradient: gradient.of,
    steps: relative("loss"),
    norms: relative("gradientNorm"),
    rates: relative("learningRate"),
  }
}

const run = async (
  engine: Engine,
  program: ReturnType<typeof logitsProgram>,
  inputs: ReadonlyMap<string, TensorData>,
  outputs: ReadonlyMap<string, TensorData>,
): Promise<void> => {
  const session = await engine.compile(program, { threads: 1 })
  await session.run(session.bind(inputs, outputs))
  await session.release()
}
