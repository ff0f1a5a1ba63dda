import { bioGpt, bioGptFromFairseq } from "../biogpt-files.ts"
import { reading, TokenizerError } from "../errors.ts"
import {
  DICTIONARY,
  FAIRSEQ_MERGES,
  type Files,
  JSON_FILE,
  MERGES,
  needed,
  refuseForm,
  tokenizerFiles,
  VOCABULARY,
} from "../files.ts"
import { jsonOfOtherKind } from "../messages.ts"
import { Tokenizer } from "../tokenizer.ts"

/**
 * Reads BioGPT's tokenizer, BPE of Moses' words: from `vocab.json` and `merges.txt`, or from fairseq's `dict.txt` and
 * `bpecodes`. Throws `TokenizerError`, which names the file.
 */
export const readTokenizer = (files: Files, modelType: string): Tokenizer => {
  const own = tokenizerFiles(files)
  if (own.has(JSON_FILE)) throw new TokenizerError(JSON_FILE, jsonOfOtherKind)
  if (modelType !== "biogpt") return refuseForm(modelType)
  if (!own.has(VOCABULARY) && own.has(DICTIONARY)) {
    const [dictionary, merges] = [needed(own, DICTIONARY), needed(own, FAIRSEQ_MERGES)]
    const saved = reading(DICTIONARY, () => bioGptFromFairseq(dictionary, merges))
    const codec = reading(DICTIONARY, () => bioGpt(saved, needed(saved, VOCABULARY), merges, FAIRSEQ_MERGES))
    return new Tokenizer(codec, saved)
  }
  const [vocabulary, merges] = [needed(own, VOCABULARY), needed(own, MERGES)]
  return new Tokenizer(reading(VOCABULARY, () => bioGpt(own, vocabulary, merges)), own)
}
