import { TokenizerError } from "./errors.ts"
import { fileMissing, noOtherForm } from "./messages.ts"

/** The contents of files, by name. */
export type Files = ReadonlyMap<string, Uint8Array>

export const JSON_FILE = "tokenizer.json"
export const VOCABULARY = "vocab.json"
export const MERGES = "merges.txt"
export const PIECES = "spiece.model"
export const DICTIONARY = "dict.txt"
export const FAIRSEQ_MERGES = "bpecodes"

// What transformers saves of a tokenizer, and fairseq's two files for BioGPT.
const NAMES: ReadonlySet<string> = new Set([
  JSON_FILE,
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  VOCABULARY,
  MERGES,
  PIECES,
  DICTIONARY,
  FAIRSEQ_MERGES,
])

/** Whether a model's tokenizer may be read from the file of this name. */
export const isTokenizerFile = (name: string): boolean => NAMES.has(name)

/** Those of a model's files that its tokenizer may be read from. */
export const tokenizerFiles = (files: Files): Files => new Map([...files].filter(([name]) => isTokenizerFile(name)))

/** The file of a name. Throws `TokenizerError` where it is not there. */
export const needed = (files: Files, name: string): Uint8Array => {
  const bytes = files.get(name)
  if (bytes === undefined) throw new TokenizerError(name, fileMissing(JSON_FILE))
  return bytes
}

/** Throws `TokenizerError`: files of this kind and without a `tokenizer.json` are not read for this model type. */
export const refuseForm = (modelType: string): never => {
  throw new TokenizerError(JSON_FILE, noOtherForm(modelType))
}
