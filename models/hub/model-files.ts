import { Schema } from "effect"
import { HubError } from "./errors.ts"
import {
  fileMissing,
  indexEmpty,
  indexOfOther,
  noIndex,
  tokenizerMissing,
  unusableHelp,
  weightsMissing,
} from "./messages.ts"
import { checkFileName } from "./names.ts"

const CONFIG = "config.json"

const COMPANIONS = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "spiece.model",
] as const

/** fairseq's form of a BioGPT's tokenizer, which is read where there is no other. */
const FAIRSEQ = ["dict.txt", "bpecodes"] as const

/** The forms in which weights are shipped, the one that is read best first. */
const WEIGHTS = [
  "model.safetensors",
  "model.safetensors.index.json",
  "pytorch_model.bin",
  "pytorch_model.bin.index.json",
] as const

/** Files of which a tokenizer is read from one, with others beside it. */
const TOKENIZERS = ["tokenizer.json", "vocab.json", "spiece.model"] as const

/** A whole model, or what it reads and writes text with: its configuration and its tokenizer, without weights. */
export type Parts = "all" | "tokenizer"

/** The files of a repository that a model is made of. */
export interface Choice {
  /** `config.json` and what the tokenizer needs, where it is there. */
  readonly companions: readonly string[]
  /** The file of the weights, or the index that names the files which they are spread over; undefined without weights. */
  readonly weights: typeof WEIGHTS[number] | undefined
}

/**
 * Chooses among the names of a repository's files. Throws `HubError` where there is no `config.json`, or none of what
 * the parts are for: weights, or a tokenizer.
 */
export const chooseFiles = (repository: string, names: readonly string[], parts: Parts): Choice => {
  const all = new Set(names)
  if (!all.has(CONFIG)) throw unusable(fileMissing(repository, CONFIG))
  const fairseq = TOKENIZERS.some((name) => all.has(name)) ? [] : FAIRSEQ
  const companions = [CONFIG, ...[...COMPANIONS, ...fairseq].filter((name) => all.has(name))]
  if (parts === "tokenizer") {
    if ([...TOKENIZERS, ...FAIRSEQ].some((name) => companions.includes(name))) return { companions, weights: undefined }
    throw unusable(tokenizerMissing(repository, [...TOKENIZERS, FAIRSEQ.join(" with ")]))
  }
  const weights = WEIGHTS.find((name) => all.has(name))
  if (weights === undefined) {
    throw unusable(weightsMissing(repository, WEIGHTS))
  }
  return { companions, weights }
}

/** Whether weights are spread over several files. */
export const isIndex = (name: string): boolean => name.endsWith(".index.json")

const decode = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ weight_map: Schema.Record(Schema.String, Schema.String) })),
)

/** The names, sorted, of the files that an index of weights speaks of. Throws `HubError`. */
export const shardsOf = (repository: string, index: string, text: string): readonly string[] => {
  const suffix = index.startsWith("model.safetensors") ? ".safetensors" : ".bin"
  const shards = [...new Set(Object.values(weightMap(repository, index, text)))].sort()
  if (shards.length === 0) throw unusable(indexEmpty(index, repository))
  for (const shard of shards) {
    checkFileName(shard)
    if (!shard.endsWith(suffix)) throw unusable(indexOfOther(index, repository, shard, suffix))
  }
  return shards
}

const weightMap = (repository: string, index: string, text: string): Readonly<Record<string, string>> => {
  try {
    return decode(text).weight_map
  } catch (cause) {
    throw unusable(noIndex(index, repository), cause)
  }
}

const unusable = (message: string, cause?: unknown): HubError =>
  new HubError("unusable", message, unusableHelp, {
    cause,
  })
