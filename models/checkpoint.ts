import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { readSafetensors, writeSafetensors } from "./safetensors.ts"
import { parseT5Config, type T5Config, UnsupportedConfig } from "./t5-config.ts"
import { initialise, t5Weights } from "./t5-parameters.ts"
import { Tokenizer } from "./tokenizer.ts"
import type { Weights } from "./weights.ts"

/** A language model: architecture, tokenizer and weights. */
export interface Checkpoint {
  readonly config: T5Config
  readonly tokenizer: Tokenizer
  readonly weights: Weights
}

/** The content of the three files of a checkpoint. */
export interface CheckpointBytes {
  /** `config.json` */
  readonly config: Uint8Array
  /** `tokenizer.json` */
  readonly tokenizer: Uint8Array
  /** `model.safetensors` */
  readonly weights: Uint8Array
}

const FILES = { config: "config.json", tokenizer: "tokenizer.json", weights: "model.safetensors" } as const

/**
 * Reads a checkpoint from the bytes of its files; the weights are views of them. Throws `UnsupportedConfig`,
 * `TokenizerError`, `SafetensorsError` or `WeightsMismatch`.
 */
export const checkpointFromBytes = (files: CheckpointBytes): Checkpoint => {
  const { config, tokenizer } = withoutWeights(files)
  return { config, tokenizer, weights: t5Weights(config, readSafetensors(files.weights)) }
}

const withoutWeights = (files: Pick<CheckpointBytes, "config" | "tokenizer">): Omit<Checkpoint, "weights"> => {
  const config = parseT5Config(new TextDecoder().decode(files.config))
  const tokenizer = Tokenizer.fromJson(new TextDecoder().decode(files.tokenizer))
  if (tokenizer.size > config.vocabulary) {
    throw new UnsupportedConfig("vocab_size", `${config.vocabulary} is less than the tokenizer's ${tokenizer.size} ids`)
  }
  const end = tokenizer.encode("", Infinity).ids.at(-1)
  if (end !== config.eosId) {
    throw new UnsupportedConfig(
      "eos_token_id",
      `is ${config.eosId}, and the tokenizer ends a text with ${end ?? "nothing"}`,
    )
  }
  return { config, tokenizer }
}

/** A checkpoint with random weights, drawn from `seed` as the architecture's authors drew theirs. Throws as above. */
export const checkpointWithRandomWeights = (
  files: Pick<CheckpointBytes, "config" | "tokenizer">,
  seed: number,
): Checkpoint => {
  const { config, tokenizer } = withoutWeights(files)
  return { config, tokenizer, weights: initialise(config, seed) }
}

/** The bytes of a checkpoint's files; the same checkpoint always gives the same bytes. */
export const checkpointToBytes = (checkpoint: Checkpoint): CheckpointBytes => ({
  config: new TextEncoder().encode(checkpoint.config.text),
  tokenizer: new TextEncoder().encode(checkpoint.tokenizer.text),
  // transformers reads no file without this entry.
  weights: writeSafetensors(checkpoint.weights, { format: "pt" }),
})

/** Reads a checkpoint from the folder of its files. */
export const readCheckpoint = async (folder: string): Promise<Checkpoint> => {
  const read = (name: string): Promise<Uint8Array> => readFile(join(folder, name))
  const [config, tokenizer, weights] = await Promise.all([
    read(FILES.config),
    read(FILES.tokenizer),
    read(FILES.weights),
  ])
  return checkpointFromBytes({ config, tokenizer, weights })
}

/** Writes a checkpoint's files into a folder, which is made if it is not there. */
export const writeCheckpoint = async (folder: string, checkpoint: Checkpoint): Promise<void> => {
  const { config, tokenizer, weights } = checkpointToBytes(checkpoint)
  await mkdir(folder, { recursive: true })
  await Promise.all([
    writeFile(join(folder, FILES.config), config),
    writeFile(join(folder, FILES.tokenizer), tokenizer),
    writeFile(join(folder, FILES.weights), weights),
  ])
}
