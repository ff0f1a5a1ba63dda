import { peakBytes } from "./ir/memory.ts"
import { type Program, reachable } from "./ir/program.ts"
import { sizeOf } from "./ir/shape.ts"
import { portName } from "./programs.ts"

/** The bytes that a task takes at its peak, and what they are for. */
export interface MemoryPlan {
  readonly bytes: number
  readonly parts: Readonly<Record<string, number>>
}

/** A task that needs more memory than there is. */
export class MemoryShort extends Error {
  readonly _tag = "MemoryShort"
  readonly what: string
  readonly needed: number
  readonly available: number
  readonly parts: Readonly<Record<string, number>>

  constructor(what: string, { bytes, parts }: MemoryPlan, available: number) {
    const list = Object.entries(parts).filter(([, each]) => each >= 5e7).map(([name, each]) =>
      `${name} ${gigabytes(each)}`
    )
    super(
      `${what}: needs about ${gigabytes(bytes)} GB${list.length === 0 ? "" : ` (${list.join(", ")})`}, `
        + `this machine has ${gigabytes(available)} free`,
    )
    this.what = what
    this.needed = bytes
    this.available = available
    this.parts = parts
  }
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)

/**
 * Throws `MemoryShort` where a task needs more than the `available` bytes. To be asked before any of it is allocated,
 * weights included; `what` says in a few words which model and which batch, such as "t5-large, batch 4 × 512".
 */
export const requireMemory = (need: MemoryPlan & { readonly what: string }, available: number): void => {
  if (need.bytes > available) throw new MemoryShort(need.what, need, available)
}

/**
 * What onnxruntime 1.30 takes of memory beyond the caller's arrays, for each byte that `peakBytes` gives. Measured as
 * the growth of the resident set over T5-small's training graphs from 1 × 64 + 32 to 4 × 512 + 128 tokens: activations
 * took 2.7 to 2.9 times the estimate, since the arena grows by doubling and the second run lays its values out anew in
 * one block beside those of the first. Of every output the binding makes a copy, and V8 collects the copies when three
 * or so have come together. A session itself took 35 to 60 MB.
 */
export const onnxruntimeTakes = { activations: 3, outputs: 3, session: 6e7 } as const

/**
 * What full finetuning of so many `parameters` with AdamW takes, `program` being the graph of the largest batch shape
 * and `sessions` how many such graphs are kept at a time.
 */
export const trainingBytes = (parameters: number, program: Program, { sessions = 1 } = {}): MemoryPlan => {
  const { inputs, outputs, constants, activations } = peakBytes(program)
  const weights = 4 * parameters
  // The arrays that gradients are added to are those that receive them.
  const accumulated = inputBytes(program, (name) => name.startsWith(portName.accumulated("")))
  return planOf({
    weights,
    gradients: weights,
    moments: 2 * weights,
    "copies of gradients": onnxruntimeTakes.outputs * outputs,
    "dropout masks": sessions * Math.max(0, inputs - weights - accumulated),
    activations: sessions * (onnxruntimeTakes.activations * activations + constants + onnxruntimeTakes.session),
  })
}

/**
 * What generation takes: `step` is the program of one step, whose weights are bound and which onnxruntime packs into
 * arrays of its own, `memory` that of what is remembered of the longest sources.
 */
export const generationBytes = (step: Program, memory: Program): MemoryPlan => {
  const bound = [...step.bound?.values() ?? []].reduce((total, { byteLength }) => total + byteLength, 0)
  const weights = inputBytes(step, (name) => step.bound?.has(name) === true)
  const [once, often] = [peakBytes(memory), peakBytes(step)]
  const { activations, outputs, session } = onnxruntimeTakes
  return planOf({
    weights: bound,
    "packed weights": weights,
    "keys and values": often.inputs - weights + often.outputs + once.outputs,
    "copies of keys and values": outputs * (once.outputs + often.outputs),
    activations: activations * (once.activations + often.activations) + once.constants + often.constants + 2 * session,
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
