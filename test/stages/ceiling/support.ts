import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { DepartureName } from "../../../experiment/departures.ts"
import { protocolOf } from "../../../experiment/protocol.ts"
import { parseYaml } from "../../../pipeline/graph/yaml.ts"
import type { Document } from "../../../schemas/documents.ts"
import { ceilingsOf, type Counted, type Task } from "../../../stages/ceiling/ceiling.ts"
import type { Described } from "../../../stages/ceiling/channel.ts"
import type { CeilingProtocol } from "../../../stages/ceiling/protocol.ts"
import { Language } from "../../../stages/shared/language/language.ts"
import { corpusOf } from "../../experiment/corpus.ts"
import { readDescription } from "../../models/reading.ts"
import { repository } from "../../rig/project.ts"
import { corpusFile, measurerOf } from "../support.ts"

/** A bundled template file. */
export const language = (name: string): Language => {
  const yaml = join(repository, `stages/template/${name}.yaml`)
  return parseYaml(readFileSync(yaml, "utf8"), yaml, Language)
}

/** The protocol of a corpus with departures, scored strictly or officially. */
export const protocol = (
  corpus: string,
  departs: ReadonlyArray<DepartureName> = [],
  by: "strict" | "official" = "strict",
): CeilingProtocol => {
  const { matching, lengths, ...rest } = protocolOf(corpusOf(corpus), new Set(departs))
  const { evaluation } = corpusOf(corpus)
  const measure = by === "strict" || evaluation === null
    ? { by: "strict" as const, matching }
    : { by, evaluation }
  const words = corpus === "dce" && departs.includes("merged-classes") ? "dce.authors" : corpus
  return { ...language(words), ...rest, sharedTokens: lengths === "shared" ? 1024 : null, measure }
}

/** What a config.json beside a published tokenizer needs to say; sizes are no matter without weights. */
const configs = {
  t5: {
    model_type: "t5",
    vocab_size: 32128,
    d_model: 8,
    d_kv: 4,
    d_ff: 8,
    num_layers: 1,
    num_heads: 2,
    pad_token_id: 0,
    eos_token_id: 1,
    decoder_start_token_id: 0,
  },
  // Generation as facebook/bart-base has it.
  bart: {
    model_type: "bart",
    vocab_size: 50265,
    d_model: 8,
    encoder_layers: 1,
    decoder_layers: 1,
    encoder_attention_heads: 2,
    decoder_attention_heads: 2,
    encoder_ffn_dim: 8,
    decoder_ffn_dim: 8,
    max_position_embeddings: 1024,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
    decoder_start_token_id: 2,
    forced_bos_token_id: 0,
    forced_eos_token_id: 2,
    num_beams: 4,
    no_repeat_ngram_size: 3,
    early_stopping: true,
  },
  gpt2: {
    model_type: "gpt2",
    vocab_size: 50257,
    n_embd: 8,
    n_layer: 1,
    n_head: 2,
    n_positions: 1024,
    eos_token_id: 50256,
  },
  biogpt: {
    model_type: "biogpt",
    vocab_size: 42384,
    hidden_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 8,
    max_position_embeddings: 1024,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
  },
} as const
export type Published = keyof typeof configs

/** A published tokenizer, with what is needed beside it. */
export const publishedModel = (name: Published): Described => {
  const folder = mkdtempSync(join(tmpdir(), "redag-test-"))
  const from = corpusFile(`tokenizers/${name}`).path
  const files = readdirSync(from).filter((file) => !/README|LICENSE|config\.json$/u.test(file))
  try {
    const config = join(folder, "config.json")
    writeFileSync(config, JSON.stringify(configs[name]))
    return readDescription(
      new Map([["config.json", config], ...files.map((file) => [file, join(from, file)] as const)]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** All documents as what is tested. */
export const taskOf = (
  corpus: string,
  model: string,
  described: Described,
  documents: ReadonlyArray<Document>,
  limits: Partial<Pick<Task, "maxSourceTokens" | "maxTargetTokens">> = {},
): Task => ({
  corpus,
  model,
  described,
  documents,
  splits: documents.map(({ id }) => ({ document: id, partition: "test" })),
  maxSourceTokens: 512,
  maxTargetTokens: 512,
  ...limits,
})

/** The only ceiling of a task under a protocol that is one evaluation. */
export const ceilingOf = (task: Task, rules: CeilingProtocol, name = "paper"): Counted => {
  const [only, ...others] = ceilingsOf(task, name, rules, measurerOf(rules.measure))
  if (only === undefined || others.length > 0) throw new Error("not one ceiling")
  return only
}

/** The relations that each step loses, in order. */
export const lossesIn = (row: Counted): ReadonlyArray<number> => [
  row.lostToTemplate,
  row.lostToTokenizer,
  row.lostToTargetLength,
  row.lostToSourceLength,
  row.lostToDecoding,
  row.lostToSurroundings,
]

/** A ratio in percent, to one decimal. */
export const percent = (ratio: number): number => Math.round(ratio * 1000) / 10
