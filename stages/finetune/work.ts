import type { Size, Work } from "redag"

/** What of the params of a training says how much work it is. */
interface Training {
  readonly start: { readonly from: "pretrained" | "random" }
  readonly duration: { readonly epochs: number } | { readonly maxSteps: number }
  readonly batchSize: number
  readonly accumulation: number
  readonly maxSourceTokens: number
  readonly maxTargetTokens: number
  readonly validation: {
    readonly fromEpoch: number
    readonly maxNewTokens: number
    readonly decoding: { readonly numBeams?: number }
  } | null
}

/** Bytes of a parameter in a checkpoint. */
const PARAMETER = 4

/** The arrays of a saved training, each of the size of the weights, and how many such states are kept. */
const [ARRAYS, STATES] = [3, 2]

/** A step goes forward through the model once and backward at the cost of two. */
const PASSES = 3

/**
 * The work of a training: parameters times tokens that go through them, those of its validation included. Nobody knows
 * texts before they are encoded, so that the longest count, which are the same for all models.
 */
export const trainingWork = (
  training: Training,
  { model, shots }: { readonly model: Size; readonly shots: Size },
  expected: Size,
): Work => {
  const { start, duration, batchSize, accumulation, maxSourceTokens, maxTargetTokens, validation } = training
  // The files of a model that starts from random weights hold none.
  const bytes = start.from === "random" ? expected.bytes : model.bytes
  if (bytes === undefined) return {}
  const disk = { keeps: bytes, scratch: bytes * (ARRAYS * STATES + (validation === null ? 0 : 1)) }
  const { rows } = shots
  if (rows === undefined || rows === 0) return disk
  const texts = "epochs" in duration ? duration.epochs * rows : duration.maxSteps * batchSize * accumulation
  const learned = PASSES * texts * (maxSourceTokens + maxTargetTokens)
  const evaluations = validation === null ? 0 : Math.max(1, texts / rows - validation.fromEpoch + 1)
  const written = validation === null
    ? 0
    : evaluations * rows * (validation.decoding.numBeams ?? 1) * validation.maxNewTokens
  return { ...disk, amount: bytes / PARAMETER * (learned + written) }
}
