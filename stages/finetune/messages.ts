/** Words of a training: how far it is, what of it is saved, and what may go wrong. */

// Validation.
export const noValidationShots = "is asked for, and none of the shots are for validation"
export const noValidationShotsHelp = "sample the full setting of a corpus with validation examples, or set it to null"

// How far it is.
export const stepNote = (
  epoch: number,
  loss: number,
  tokensPerSecond: number,
  best: { readonly f1: number; readonly epoch: number } | null,
): string =>
  [
    `epoch ${epoch.toFixed(1)}`,
    `loss ${loss.toFixed(3)}`,
    `${Math.round(tokensPerSecond)} tokens/s`,
    ...(best === null ? [] : [`best F1 ${(best.f1 * 100).toFixed(1)} in epoch ${best.epoch}`]),
  ].join(", ")
export const evaluationNote = (epoch: number, done: number, documents: number): string =>
  `evaluating epoch ${epoch}: ${done} of ${documents} documents`

// What failed.
export const atStep = (step: number, message: string): string => `step ${step}: ${message}`
export const atEvaluation = (epoch: number, step: number, message: string): string =>
  `evaluating epoch ${epoch}, after step ${step}: ${message}`
export const notSaved = (message: string, step: number): string => `${message} (to save step ${step} of the training)`
export const goesOnFrom = (help: string, step: number): string => `${help}; training goes on from step ${step}`

// What an earlier run saved.
export const notUsed = (why: string): string => `what an earlier run saved of this training is not used: ${why}`
export const unreadable = "it cannot be read"
export const ofOtherEngine = (made: string, now: string): string => `${made} made it, and this is ${now}`
export const ofOtherModel = "it is of another model"
export const bestGone = "the weights of the best epoch, saved while training went on, are damaged or gone"
export const bestGoneHelp =
  "run again: if another run has finished this training, there is nothing left to do; else it starts from the beginning"

// Defects.
export const becameShorter = (path: string): string => `${path} became shorter while it was read`
