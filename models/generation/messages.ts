/** Words about settings of decoding that cannot be used. The name of the setting stands before each. */

export const unknownSetting = "is no setting of decoding"
export const noEarlyStopping = (value: unknown): string => `is ${JSON.stringify(value)}, not true, false or "never"`
export const empty = "is empty"
export const tokenMissing = (id: number, modelType: string, vocabulary: number): string =>
  `is ${id}, and this ${modelType} has the tokens 0 to ${vocabulary - 1}`

// Defects.
export const noPart = (part: string, block: number): string => `there are no ${part} of block ${block}`
export const noBlocks = (modelType: string): string => `${modelType} has no blocks`
export const otherArray = "an array of another type than its input"
