import { binary } from "./binary.ts"

/** Values in one block of the kernels' memory: four blocks fit into a core's nearest caches. */
const BLOCK = 8192
const BYTES = BLOCK * Float32Array.BYTES_PER_ELEMENT

/** Addresses of the blocks, and of the state of dropout's generators behind them. */
const [WEIGHTS, GRADIENTS, FIRST, SECOND, STATE] = [0, BYTES, 2 * BYTES, 3 * BYTES, 4 * BYTES] as const

interface Kernels {
  readonly memory: WebAssembly.Memory
  readonly adamW: (...parameters: readonly number[]) => void
  readonly sumOfSquares: (values: number, count: number) => number
  readonly dropout: (mask: number, count: number, threshold: number, kept: number, state: number) => void
}

const load = () => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(binary, "base64")))
  const kernels = exports as Kernels
  kernels.memory.grow(Math.ceil((STATE + 64) / 0x1_0000))
  const block = (address: number): Float32Array => new Float32Array(kernels.memory.buffer, address, BLOCK)
  return {
    kernels,
    weights: block(WEIGHTS),
    gradients: block(GRADIENTS),
    first: block(FIRST),
    second: block(SECOND),
    state: new Int32Array(kernels.memory.buffer, STATE, 16),
  }
}

const { kernels, ...blocks } = load()

/** The next multiple of a power of two. */
const upTo = (count: number, multiple: number): number => (count + multiple - 1) & -multiple

/** What one update does to every weight of a stretch. */
export interface AdamWFactors {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** What weight decay leaves of a weight. */
  readonly keep: number
  /** The learning rate over the correction of the first moment. */
  readonly rate: number
  /** One over the root of the second moment's correction. */
  readonly inverse: number
  /** Multiplies the gradients. */
  readonly scale: number
}

/** Updates weights and moments `start` to `end` in place, in float32, and leaves the gradients there at 0. */
export const updateAdamW = (
  arrays: {
    readonly weights: Float32Array
    readonly gradients: Float32Array
    readonly firstMoment: Float32Array
    readonly secondMoment: Float32Array
  },
  start: number,
  end: number,
  { beta1, beta2, epsilon, keep, rate, inverse, scale }: AdamWFactors,
): void => {
  for (let from = start; from < end; from += BLOCK) {
    const to = Math.min(from + BLOCK, end)
    const count = to - from
    const weights = arrays.weights.subarray(from, to)
    const gradients = arrays.gradients.subarray(from, to)
    const first = arrays.firstMoment.subarray(from, to)
    const second = arrays.secondMoment.subarray(from, to)
    blocks.weights.set(weights)
    blocks.gradients.set(gradients)
    blocks.first.set(first)
    blocks.second.set(second)
    gradients.fill(0)
    const factors = [beta1, 1 - beta1, beta2, 1 - beta2, epsilon, keep, rate, inverse, scale]
    kernels.adamW(WEIGHTS, GRADIENTS, FIRST, SECOND, upTo(count, 4), ...factors)
    weights.set(blocks.weights.subarray(0, count))
    first.set(blocks.first.subarray(0, count))
    second.set(blocks.second.subarray(0, count))
  }
}

/** The sum of all values' squares, in float64 and in one fixed order. */
export const sumOfSquares = (values: Float32Array): number => {
  let total = 0
  for (let from = 0; from < values.length; from += BLOCK) {
    const part = values.subarray(from, from + BLOCK)
    blocks.gradients.set(part)
    blocks.gradients.fill(0, part.length, upTo(part.length, 4))
    total += kernels.sumOfSquares(GRADIENTS, upTo(part.length, 4))
  }
  return total
}

/**
 * Fills a dropout mask: 0 where a draw of 16 bits is below `threshold`, else `kept`. `seeds` are twelve random words,
 * the states of four generators sfc32 (see random.ts) that take turns.
 */
export const fillDropout = (mask: Float32Array, threshold: number, kept: number, seeds: Int32Array): void => {
  blocks.state.set(seeds)
  blocks.state.fill(1, 12)
  const bits = new Int32Array(Float32Array.of(kept).buffer)[0] ?? 0
  for (let from = 0; from < mask.length; from += BLOCK) {
    const part = mask.subarray(from, from + BLOCK)
    kernels.dropout(WEIGHTS, upTo(part.length, 8), threshold, bits, STATE)
    part.set(blocks.weights.subarray(0, part.length))
  }
}
