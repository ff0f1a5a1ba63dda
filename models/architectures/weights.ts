import { type Shape, sizeOf } from "../ir/shape.ts"
import { Random } from "../kernels/random.ts"
import type { Architecture, Parameter } from "./architecture.ts"
import { copiesDiffer, notFinite, tensorsDiffer } from "./messages.ts"

/** A float32 array with its dimensions, row-major. */
export interface Tensor {
  readonly shape: Shape
  readonly data: Float32Array
}

/** A model's tensors by their Hugging Face names. */
export type Weights = ReadonlyMap<string, Tensor>

/** A model's tensors in memory: those that are trained lie in one flat array, in the architecture's order. */
export interface ModelWeights {
  readonly trained: Float32Array
  /** Every tensor; the trained ones are views of `trained`. */
  readonly tensors: Weights
}

/** What computes: an architecture and its weights. */
export interface Model {
  readonly architecture: Architecture
  readonly weights: ModelWeights
}

/** Memory for an architecture's tensors; buffers are as they start, the others zero. */
export const allocateWeights = (parameters: ReadonlyMap<string, Parameter>): ModelWeights => {
  const trained = new Map<string, Shape>()
  const buffers = new Map<string, Tensor>()
  for (const [name, { shape, buffer, initial }] of parameters) {
    if (buffer !== true) trained.set(name, shape)
    else buffers.set(name, { shape, data: new Float32Array(sizeOf(shape)).fill("fill" in initial ? initial.fill : 0) })
  }
  const flat = new Float32Array([...trained.values()].reduce((total, shape) => total + sizeOf(shape), 0))
  return { trained: flat, tensors: new Map([...viewsOf(flat, trained), ...buffers]) }
}

/** Draws every tensor as its architecture's authors did; the same seed gives the same bytes. */
export const initialise = (parameters: ReadonlyMap<string, Parameter>, seed: number): ModelWeights => {
  const weights = allocateWeights(parameters)
  const random = new Random(seed)
  for (const [name, { data }] of weights.tensors) {
    const initial = parameters.get(name)?.initial
    if (initial === undefined) continue
    if ("fill" in initial) {
      data.fill(initial.fill)
      continue
    }
    for (let index = 0; index < data.length; index++) data[index] = random.normal() * initial.deviation
    const width = parameters.get(name)?.shape[1] ?? 0
    if (initial.zeroRow !== undefined) data.fill(0, initial.zeroRow * width, (initial.zeroRow + 1) * width)
  }
  return weights
}

/** Weights that are not those of the model's configuration. */
export class WeightsMismatch extends Error {
  readonly _tag = "WeightsMismatch"
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
  /** Names with both shapes, as in `shared.weight: [10,4], not [12,4]`. */
  readonly misshapen: readonly string[]

  constructor(missing: readonly string[], unexpected: readonly string[], misshapen: readonly string[]) {
    super(tensorsDiffer(missing, unexpected, misshapen))
    this.missing = missing
    this.unexpected = unexpected
    this.misshapen = misshapen
  }
}

/** Two tensors that the configuration says are one, and that hold other values. */
export class CopiesDiffer extends Error {
  readonly _tag = "CopiesDiffer"

  constructor(name: string, copy: string, count: number) {
    super(copiesDiffer(name, copy, count))
  }
}

/** Weights among which are NaN or infinities. */
export class WeightsNotFinite extends Error {
  readonly _tag = "WeightsNotFinite"
  /** Each tensor that has some, with how many, and the first with its indices. */
  readonly tensors: readonly string[]

  constructor(tensors: readonly string[]) {
    super(notFinite(tensors))
    this.tensors = tensors
  }
}

/** Views of one flat array, one for each parameter in the order of `shapes`. */
export const viewsOf = (flat: Float32Array, shapes: ReadonlyMap<string, Shape>): Map<string, Tensor> => {
  const views = new Map<string, Tensor>()
  let start = 0
  for (const [name, shape] of shapes) {
    const size = sizeOf(shape)
    views.set(name, { shape, data: flat.subarray(start, start + size) })
    start += size
  }
  return views
}
