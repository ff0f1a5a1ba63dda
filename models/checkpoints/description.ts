import { readFileSync } from "node:fs"
import type { Config, Description } from "../architectures/architecture.ts"
import { parseConfig, UnsupportedConfig } from "../architectures/config.ts"
import type { Decoding } from "../generation/decoding.ts"
import { decodingOf, GENERATION_CONFIG } from "../generation/from-config.ts"
import { isTokenizerFile } from "../tokenizers/files.ts"
import type { Tokenizer, TokenizerReader } from "../tokenizers/tokenizer.ts"
import { fewerIds, missingConfig, otherEnd } from "./messages.ts"

/** How the files of a model are read: by its architecture, or what is known of it, and by its tokenizer. */
export interface ModelReaders<A extends Description> {
  readonly architecture: (config: Config) => A
  readonly tokenizer: TokenizerReader
}

/** What a model's files say beside its weights. */
export interface Described<A extends Description = Description> {
  readonly architecture: A
  readonly tokenizer: Tokenizer
  /** How the model decodes by itself. */
  readonly generation: Decoding
  /** `config.json` and `generation_config.json` as they were read, to be written again beside other weights. */
  readonly described: ReadonlyMap<string, Uint8Array>
}

export const CONFIG = "config.json"

const isConfig = (name: string): boolean => name === CONFIG || name === GENERATION_CONFIG

/** Whether a file of this name is part of what is said of a model beside its weights. */
export const isDescription = (name: string): boolean => isConfig(name) || isTokenizerFile(name)

/**
 * Reads what the files of a model in Hugging Face's layout, given as paths by name, say beside its weights. Throws
 * `UnsupportedConfig` or `TokenizerError`, also where the model is of another architecture.
 */
export const readDescription = <A extends Description>(
  files: ReadonlyMap<string, string>,
  readers: ModelReaders<A>,
): Described<A> => {
  const [described, vocabulary] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()]
  for (const [name, path] of files) {
    if (isConfig(name)) described.set(name, readFileSync(path))
    if (isTokenizerFile(name)) vocabulary.set(name, readFileSync(path))
  }
  const text = described.get(CONFIG)
  if (text === undefined) throw new UnsupportedConfig(CONFIG, missingConfig)
  const config = parseConfig(new TextDecoder().decode(text))
  const architecture = readers.architecture(config)
  const generationText = described.get(GENERATION_CONFIG)
  const generation = generationText === undefined
    ? undefined
    : parseConfig(new TextDecoder().decode(generationText), GENERATION_CONFIG)
  const tokenizer = readers.tokenizer(vocabulary, architecture.modelType)
  if (tokenizer.size > architecture.vocabulary) {
    throw new UnsupportedConfig("vocab_size", fewerIds(architecture.vocabulary, tokenizer.size))
  }
  const end = tokenizer.encode("", Infinity).ids.at(-1)
  if (architecture.kind === "encoder-decoder" && end !== architecture.eosId) {
    throw new UnsupportedConfig("eos_token_id", otherEnd(architecture.eosId, end ?? null))
  }
  return { architecture, tokenizer, generation: decodingOf(config, generation), described }
}
