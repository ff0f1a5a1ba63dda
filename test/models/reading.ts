import type { Architecture, Config } from "../../models/architectures/architecture.ts"
import * as bart from "../../models/architectures/bart.ts"
import * as biogpt from "../../models/architectures/biogpt.ts"
import * as gptNeo from "../../models/architectures/gpt-neo.ts"
import * as gpt2 from "../../models/architectures/gpt2.ts"
import * as t5 from "../../models/architectures/t5.ts"
import { initialise } from "../../models/architectures/weights.ts"
import type { Checkpoint } from "../../models/checkpoints/checkpoint.ts"
import { type Described, readDescription as readDescriptionBy } from "../../models/checkpoints/description.ts"
import { readWeights } from "../../models/checkpoints/weights.ts"
import type { Files } from "../../models/tokenizers/files.ts"
import * as bpe from "../../models/tokenizers/kinds/bpe.ts"
import * as mosesBpe from "../../models/tokenizers/kinds/moses-bpe.ts"
import * as unigram from "../../models/tokenizers/kinds/unigram.ts"
import type { Tokenizer } from "../../models/tokenizers/tokenizer.ts"

// Tests and benches read models of whatever kind; stages are told the kind by their params.

/** The architectures by what a config.json calls them. */
export const architectures: Readonly<Record<string, (config: Config) => Architecture>> = {
  t5: t5.architectureOf,
  bart: bart.architectureOf,
  gpt2: gpt2.architectureOf,
  gpt_neo: gptNeo.architectureOf,
  biogpt: biogpt.architectureOf,
}

/** The architecture of a `config.json`, whichever it is. */
export const architectureOf = (config: Config): Architecture =>
  (architectures[String(config["model_type"])] ?? t5.architectureOf)(config)

/** The tokenizer of files, whichever kind of tokenizer they describe. */
export const readTokenizer = (files: Files, modelType: string): Tokenizer => {
  const json = new TextDecoder().decode(files.get("tokenizer.json"))
  const isBpe = json === "" ? ["gpt2", "gpt_neo", "bart"].includes(modelType) : /"type":\s*"BPE"/u.test(json)
  if (isBpe) return bpe.readTokenizer(files, modelType)
  return json === "" && modelType === "biogpt"
    ? mosesBpe.readTokenizer(files, modelType)
    : unigram.readTokenizer(files, modelType)
}

/** What a model's files say beside its weights, of whatever kind it is. */
export const readDescription = (files: ReadonlyMap<string, string>): Described<Architecture> =>
  readDescriptionBy<Architecture>(files, { architecture: architectureOf, tokenizer: readTokenizer })

/** A checkpoint of whatever kind. */
export const readCheckpoint = (files: ReadonlyMap<string, string>): Checkpoint => {
  const described = readDescription(files)
  return { ...described, weights: readWeights(files, described.architecture) }
}

/** A checkpoint with random weights. */
export const checkpointWithRandomWeights = (files: ReadonlyMap<string, string>, seed: number): Checkpoint => {
  const described = readDescription(files)
  return { ...described, weights: initialise(described.architecture.parameters, seed) }
}
