import { tableName } from "../generation/programs.ts"
import { peakBytes } from "../ir/memory.ts"
import { type Program, reachable } from "../ir/program.ts"
import { sizeOf } from "../ir/shape.ts"
import { portName } from "../training/programs.ts"
import { memoryShort } from "./messages.ts"
import type { Task } from "./task.ts"

/** The bytes that a task takes at its peak, and what they are for. */
export interface MemoryPlan {
  readonly bytes: number
  readonly parts: Readonly<Record<string, number>>
}

/** A task that needs more memory than there is. */
export class MemoryShort extends Error {
  readonly _tag = "MemoryShort"
  readonly task: Task
  /** In bytes. */
  readonly needed: number
  readonly available: number
  readonly parts: Readonly<Record<string, number>>

  constructor(task: Task, { bytes, parts }: MemoryPlan, available: number) {
    super(memoryShort(task, bytes, parts, available))
    this.task = task
    this.needed = bytes
    this.available = available
    this.parts = parts
  }
}

/**
 * Throws `MemoryShort` where a task needs more than the `available` bytes. To be asked before any of it is allocated,
 * weights included.
 */
export const requireMemory = (required: MemoryPlan & { readonly task: Task }, available: number): void => {
  if (required.bytes > available) throw new MemoryShort(required.task, required, available)
}

/**
 * What onnxruntime 1.30 takes of memory beyond the caller's arrays: for each byte that `peakBytes` gives, for each
 * session, and once. Measured as the growth of the resident set over training graphs of T5 (test/models/memory/measure.ts):
 * its true peak is 1.03 to 1.27 times the estimate, the rest is what its arena keeps. Weights
 * that are bound it keeps and packs, which took 1.3 to 1.7 times their size.
 */
export const onnxruntimeTakes = { activations: 1.5, bound: 1.7, session: 3e7, library: 5e7 } as const

/**
 * What full finetuning of so many `parameters` with AdamW takes, `program` being the graph of the largest batch shape
 * and `sessions` how many such graphs are kept at a time.
 */
export const trainingBytes = (parameters: number, program: Program, { sessions = 1 } = {}): MemoryPlan => {
  const { inputs, constants, activations } = peakBytes(program)
  const weights = 4 * parameters
  // The arrays that gradients are added to are those that receive them.
  const accumulated = inputBytes(program, (name) => name.startsWith(portName.accumulated("")))
  return planOf({
    weights,
    gradients: weights,
    moments: 2 * weights,
    "dropout masks": sessions * Math.max(0, inputs - weights - accumulated),
    activations: sessions * (onnxruntimeTakes.activations * activations + constants + onnxruntimeTakes.session),
    engine: onnxruntimeTakes.library,
  })
}

/**
 * What generation with so many `parameters` takes: `step` is the program of one step, whose weights are bound (they need
 * not be there yet), `memory` that of what is remembered of the longest sources.
 */
export const generationBytes = (parameters: number, step: Program, memory: Program): MemoryPlan => {
  const packed = inputBytes(step, (name) => step.bound?.has(name) === true)
  // Tables are the weights themselves.
  const own = inputBytes(step, (name) => step.bound?.has(name) !== true && !name.startsWith(tableName("")))
  const taken = new Set(reachable(step).flatMap((node) => node.kind === "input" ? [node.attributes.name] : []))
  const copied = [...memory.outputs].filter(([name]) => !taken.has(name))
  const made = [...step.outputs.values(), ...copied.map(([, node]) => node)]
  const [once, often] = [peakBytes(memory), peakBytes(step)]
  const { activations, session, bound, library } = onnxruntimeTakes
  return planOf({
    weights: 4 * parameters,
    "packed weights": bound * packed,
    "keys and values": made.reduce((total, { shape }) => total + 4 * sizeOf(shape), own),
    activations: activations * (once.activations + often.activations) + once.constants + often.constants + 2 * session,
    engine: library,
  })
}

const planOf = (parts: Readonly<Record<string, number>>): MemoryPlan => ({
  bytes: Object.values(parts).reduce((total, each) => total + each, 0),
  parts,
})

/** The bytes of the inputs that a program uses and whose names are wanted. */
const inputBytes = (program: Program, wanted: (name: string) => boolean): number =>
  reachable(program).reduce(
    (total, node) => node.kind === "input" && wanted(node.attributes.name) ? total + 4 * sizeOf(node.shape) : total,
    0,
  )
