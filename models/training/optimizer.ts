import { sumOfSquares, updateAdamW } from "../kernels/kernels.ts"

/** PyTorch's defaults, which Hugging Face's Trainer leaves as they are. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8] as const

/** A stretch of the flat arrays, `start` inclusive to `end` exclusive, with its weight decay. */
export interface ParameterGroup {
  readonly start: number
  readonly end: number
  readonly weightDecay: number
}

/** What AdamW updates: flat arrays of equal length. */
export interface AdamWArrays {
  readonly weights: Float32Array
  readonly gradients: Float32Array
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
}

/**
 * AdamW's update number `update` (from 1) in place, with decoupled weight decay and bias correction: Loshchilov and
 * Hutter 2019, <https://arxiv.org/abs/1711.05101>, in the order of PyTorch's `torch.optim.AdamW`. Every gradient is
 * multiplied by `gradientScale` (that of clipping) on the way and is 0 afterwards, for the next ones to be added up.
 */
export const adamW = (
  arrays: AdamWArrays,
  update: number,
  groups: readonly ParameterGroup[],
  learningRate: number,
  gradientScale: number,
): void => {
  const rate = learningRate / (1 - BETA1 ** update)
  const inverse = 1 / Math.sqrt(1 - BETA2 ** update)
  for (const { start, end, weightDecay } of groups) {
    const keep = 1 - learningRate * weightDecay
    updateAdamW(arrays, start, end, {
      beta1: BETA1,
      beta2: BETA2,
      epsilon: EPSILON,
      keep,
      rate,
      inverse,
      scale: gradientScale,
    })
  }
}

/** The Euclidean norm of all values, summed in float64 in a fixed order. */
export const globalNorm = (values: Float32Array): number => Math.sqrt(sumOfSquares(values))

/** The factor that brings gradients of norm `norm` to at most `limit`, as `torch.nn.utils.clip_grad_norm_` has it. */
export const clipScale = (norm: number, limit: number): number => Math.min(1, limit / (norm + 1e-6))

/**
 * The learning rate of update `index` (from 0) of `total`: up from 0 over the first `⌈total · warmupRatio⌉` updates,
 * then down linearly to 0, as Hugging Face's `get_linear_schedule_with_warmup`.
 */
export const linearSchedule = (index: number, total: number, warmupRatio: number, peak: number): number => {
  const warmup = Math.ceil(total * warmupRatio)
  if (index < warmup) return peak * index / warmup
  return peak * Math.max(0, (total - index) / Math.max(1, total - warmup))
}
