/** Words about a training that cannot start, and about one that went wrong. */

export const empty = "is empty"
export const tooFewPositions = (limit: number, modelType: string, positions: number): string =>
  `is ${limit}, and this ${modelType} has ${positions} positions`
export const tooFewPositionsInAll = (needed: number, modelType: string, positions: number): string =>
  `and the limit of the target ask for ${needed} tokens in all, and this ${modelType} has ${positions} positions`
export const diverged = (loss: number, gradientNorm: number, learningRate: number): string =>
  `loss ${loss}, gradient norm ${gradientNorm} at learning rate ${learningRate}`

// Defects.
export const noParameter = (modelType: string, name: string): string => `${modelType} has no parameter ${name}`
