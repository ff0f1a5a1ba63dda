/** The seeds of the few-shot selections. */
export const paperSeeds: ReadonlyArray<number> = [0, 1, 2, 3, 4]

/** Epochs of a finetuning on everything, and of a decoder-only model's; those on few examples depend on the family. */
export const paperEpochs = 30

/** The first epoch that is evaluated on validation, where everything is learned from. */
export const paperFromEpoch = 10

/** Tokens that a model may write for a document. */
export const paperMaxNewTokens = 512
