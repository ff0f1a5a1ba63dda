/** Settings of AdamW; the betas and epsilon are PyTorch's defaults. */
export interface AdamWOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

/** A stretch of the flat arrays, `start` inclusive to `end` exclusive, with its weight decay. */
export interface ParameterGroup {
  readonly start: number
  readonly end: number
  readonly weightDecay: number
}

/** The moments of AdamW over one flat array of weights, and the number of updates made. */
export interface AdamWState {
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
  updates: number
}

/** The state before the first update of `size` weights. */
export const initialState = (size: number): AdamWState => ({
  firstMoment: new Float32Array(size),
  secondMoment: new Float32Array(size),
  updates: 0,
})

/**
 * One AdamW update of `weights` in place with decoupled weight decay and bias correction: Loshchilov and Hutter 2019,
 * <https://arxiv.org/abs/1711.05101>, in the order of PyTorch's `torch.optim.AdamW`. Every gradient is multiplied by
 * `gradientScale` (that of clipping) on the way.
 */
export const adamW = (
  weights: Float32Array,
  gradients: Float32Array,
  state: AdamWState,
  groups: readonly ParameterGroup[],
  learningRate: number,
  gradientScale: number,
  options: AdamWOptions = {},
): void => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
  state.updates += 1
  const stepSize = learningRate / (1 - beta1 ** state.updates)
  const inverseCorrection = 1 / Math.sqrt(1 - beta2 ** state.updates)
  for (const { start, end, weightDecay } of groups) {
    const keep = 1 - learningRate * weightDecay
    updateRange(weights, gradients, state.firstMoment, state.secondMoment, start, end, {
      keep,
      stepSize,
      inverseCorrection,
      gradientScale,
      beta1,
      beta2,
      epsilon,
    })
  }
}

interface Factors {
  readonly keep: number
  readonly stepSize: number
  readonly inverseCorrection: number
  readonly gradientScale: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

// Kept apart and monomorphic: this loop runs once for every weight of every step.
const updateRange = (
  weights: Float32Array,
  gradients: Float32Array,
  first: Float32Array,
  second: Float32Array,
  start: number,
  end: number,
  factors: Factors,
): void => {
  const { keep, stepSize, inverseCorrection, gradientScale, beta1, beta2, epsilon } = factors
  const [rest1, rest2] = [1 - beta1, 1 - beta2]
  for (let index = start; index < end; index++) {
    const gradient = (gradients[index] as number) * gradientScale
    const m = (first[index] as number) * beta1 + gradient * rest1
    const v = (second[index] as number) * beta2 + gradient * gradient * rest2
    first[index] = m
    second[index] = v
    weights[index] = (weights[index] as number) * keep - stepSize * m / (Math.sqrt(v) * inverseCorrection + epsilon)
  }
}

/** The Euclidean norm of all values, summed in float64 in a fixed order. */
export const globalNorm = (values: Float32Array): number => {
  // Four sums: one alone would wait for each addition before it could start the next.
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = values.length - values.length % 4
  for (let index = 0; index < whole; index += 4) {
    const [p, q] = [values[index] as number, values[index + 1] as number]
    const [r, s] = [values[index + 2] as number, values[index + 3] as number]
    a += p * p
    b += q * q
    c += r * r
    d += s * s
  }
  for (let index = whole; index < values.length; index++) a += (values[index] as number) ** 2
  return Math.sqrt(a + b + c + d)
}

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
