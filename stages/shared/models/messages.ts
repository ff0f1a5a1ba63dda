/** What to do where a model cannot be read or run. */

export const lessMemory =
  "take smaller batches or shorter texts, run fewer nodes at a time, or take a machine with more memory"
export const memoryRanOut = (message: string): string => `memory ran out: ${message}`
export const trainingDiverged =
  "lower the learning rate, or raise warmupRatio; run again as it is, it comes to the same step"
export const startDiverged =
  "take other weights: these give no finite loss before anything is learned, whatever the learning rate"
export const engineFailed = "this is a defect of redag's tensor code, or memory ran out: try a smaller batch"

export const otherConfig =
  "get config.json again, or name the model's kind in experiment/models.ts; other models cannot be used"
export const otherTokenizer =
  "use the tokenizer that the model was published with, and name its kind in experiment/models.ts"
export const damagedFile = "get the file again; it is cut off or damaged"
export const damagedTorchFile = "get the file again, or convert it to safetensors"
export const dangerousFile = "do not open this file with anything; get the weights as safetensors"
export const missingFiles = "get the model's files again"
export const otherWeights = "use the weights and the config.json of one and the same model"
export const differingCopies =
  "transformers 4 used the embedding table for both, transformers 5 uses the head that is stored: for the former remove the "
  + "head from the file; for the latter set tie_word_embeddings to false in config.json (for a T5 also "
  + "scale_decoder_outputs to true; redag has no BART with a head of its own)"
export const brokenWeights = "get the weights again, or take a checkpoint from before its training went wrong"
export const wrongParam = "fix the param in dag.config.ts"
