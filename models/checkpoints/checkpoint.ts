import { readFileSync } from "node:fs"
import type { Architecture } from "../architectures/architecture.ts"
import { parseConfig, UnsupportedConfig } from "../architectures/config.ts"
import { architectureOf } from "../architectures/registry.ts"
import { allocateWeights, initialise, type ModelWeights, WeightsMismatch } from "../architectures/weights.ts"
import type { Decoding } from "../generation/decoding.ts"
import { decodingOf, GENERATION_CONFIG } from "../generation/from-config.ts"
import { sameShape } from "../ir/shape.ts"
import { isTokenizerFile, Tokenizer } from "../tokenizers/tokenizer.ts"
import { openWeights } from "./files.ts"
import { safetensorsPieces } from "./safetensors-writer.ts"
import { isFloat, type StoredTensor } from "./stored.ts"

/** What computes: an architecture and its weights. */
export interface Model {
  readonly architecture: Architecture
  readonly weights: ModelWeights
}

/** A language model that reads and writes text. */
export interface Checkpoint extends Model {
  readonly tokenizer: Tokenizer
  /** How the model decodes by itself. */
  readonly generation: Decoding
  /** `config.json` and `generation_config.json` as they were read, to be written again beside other weights. */
  readonly described: ReadonlyMap<string, Uint8Array>
}

const CONFIG = "config.json"

const isConfig = (name: string): boolean => name === CONFIG || name === GENERATION_CONFIG

/** Whether a file of this name is part of what is said of a model beside its weights. */
export const isDescription = (name: string): boolean => isConfig(name) || isTokenizerFile(name)

/**
 * Reads a checkpoint from the files of a model in Hugging Face's layout, given as paths by name. Throws
 * `UnsupportedConfig`, `TokenizerError`, `WeightsMismatch` or an error of the weight files.
 */
export const readCheckpoint = (files: ReadonlyMap<string, string>): Checkpoint => {
  const described = readDescription(files)
  const stored = openWeights(files)
  try {
    return { ...described, weights: loadWeights(described.architecture, stored.tensors) }
  } finally {
    stored.close()
  }
}

/** A checkpoint with random weights, drawn from `seed` as the architecture's authors drew theirs. Throws as above. */
export const checkpointWithRandomWeights = (files: ReadonlyMap<string, string>, seed: number): Checkpoint => {
  const described = readDescription(files)
  return { ...described, weights: initialise(described.architecture.parameters, seed) }
}

/** What a model's files say beside its weights. Throws `UnsupportedConfig` or `TokenizerError`. */
export const readDescription = (files: ReadonlyMap<string, string>): Omit<Checkpoint, "weights"> => {
  const [described, vocabulary] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()]
  for (const [name, path] of files) {
    if (isConfig(name)) described.set(name, readFileSync(path))
    if (isTokenizerFile(name)) vocabulary.set(name, readFileSync(path))
  }
  const text = described.get(CONFIG)
  if (text === undefined) throw new UnsupportedConfig(CONFIG, "is not among the model's files")
  const config = parseConfig(new TextDecoder().decode(text))
  const architecture = architectureOf(config)
  const generationText = described.get(GENERATION_CONFIG)
  const generation = generationText === undefined
    ? undefined
    : parseConfig(new TextDecoder().decode(generationText), GENERATION_CONFIG)
  const tokenizer = Tokenizer.fromFiles(vocabulary, architecture.modelType)
  if (tokenizer.size > architecture.vocabulary) {
    throw new UnsupportedConfig(
      "vocab_size",
      `${architecture.vocabulary} is less than the tokenizer's ${tokenizer.size} ids`,
    )
  }
  const end = tokenizer.encode("", Infinity).ids.at(-1)
  if (architecture.kind === "encoder-decoder" && end !== architecture.eosId) {
    const found = end === undefined ? "nothing" : String(end)
    throw new UnsupportedConfig("eos_token_id", `is ${architecture.eosId}, and the tokenizer ends a text with ${found}`)
  }
  return { architecture, tokenizer, generation: decodingOf(config, generation), described }
}

/**
 * Checks a model's files without reading its weights: configuration, tokenizer, and the names and shapes of the tensors
 * where there are weights. Throws as `readCheckpoint`.
 */
export const checkModel = (files: ReadonlyMap<string, string>): void => {
  const { architecture } = readDescription(files)
  if (![...files.keys()].some((name) => name.endsWith(".safetensors") || name.endsWith(".bin"))) return
  const stored = openWeights(files)
  try {
    matchTensors(architecture, stored.tensors)
  } finally {
    stored.close()
  }
}

/** Reads the tensors that an architecture needs straight into its memory. Throws `WeightsMismatch`. */
export const loadWeights = (architecture: Architecture, stored: ReadonlyMap<string, StoredTensor>): ModelWeights => {
  const named = matchTensors(architecture, stored)
  const weights = allocateWeights(architecture.parameters)
  for (const [name, { data }] of weights.tensors) named.get(name)?.read(data)
  return weights
}

/** The stored tensors by the architecture's names. Throws `WeightsMismatch` unless they are those that it needs. */
const matchTensors = (
  { parameters, prefix, redundant }: Architecture,
  stored: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, StoredTensor> => {
  // A checkpoint of the model without its head has names without the prefix; both forms at once would be two tensors.
  const bare = ![...stored.keys()].some((name) => parameters.has(name) && name.startsWith(prefix))
  const named = new Map<string, StoredTensor>()
  for (const [name, tensor] of stored) {
    const known = parameters.has(name) || redundant(name)
    named.set(known || !bare ? name : prefix + name, tensor)
  }
  const missing = [...parameters].flatMap(([name, { buffer }]) => named.has(name) || buffer === true ? [] : [name])
  const unexpected = [...named].flatMap(([name, tensor]) =>
    parameters.has(name) || redundant(name) ? [] : [tensor.name]
  )
  const misshapen = [...parameters].flatMap(([name, { shape }]) => {
    const found = named.get(name)
    if (found === undefined) return []
    if (!isFloat(found.dtype)) return [`${name}: ${found.dtype}, which holds no weights`]
    return sameShape(found.shape, shape) ? [] : [`${name}: [${found.shape.join(",")}], not [${shape.join(",")}]`]
  })
  if (missing.length + unexpected.length + misshapen.length > 0) {
    throw new WeightsMismatch(missing, unexpected, misshapen)
  }
  return named
}

/** A checkpoint's files by name, each in parts; the same checkpoint always gives the same bytes. */
export const checkpointFiles = (
  { weights, tokenizer, described }: Pick<Checkpoint, "weights" | "tokenizer" | "described">,
): ReadonlyMap<string, readonly Uint8Array[]> => {
  const files = new Map<string, readonly Uint8Array[]>()
  for (const [name, content] of described) files.set(name, [name === CONFIG ? asFloat32(content) : content])
  for (const [name, content] of tokenizer.saved()) files.set(name, [content])
  // transformers reads no file without this entry.
  return files.set("model.safetensors", safetensorsPieces(weights.tensors, { format: "pt" }).pieces)
}

/** A configuration whose weights are float32: transformers would round them to the type that it names. */
const asFloat32 = (config: Uint8Array): Uint8Array =>
  // As text, since `1.0` parsed and written anew would be `1`, which transformers 5 refuses.
  new TextEncoder().encode(
    new TextDecoder().decode(config).replace(/"((?:torch_)?dtype)"(\s*:\s*)"(?:b?float16)"/gu, "\"$1\"$2\"float32\""),
  )
