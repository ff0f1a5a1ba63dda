import { AddedTokens } from "./added-tokens.ts"
import { bpeModel } from "./bpe-model.ts"
import type { Codec } from "./codec.ts"
import { byteLevelDecoder } from "./decoders.ts"
import { TokenizerError } from "./errors.ts"
import { Fields } from "./fields.ts"
import { type Files, MERGES, VOCABULARY } from "./files.ts"
import { parseMerges } from "./merges.ts"
import { roleMissing } from "./messages.ts"
import { pipeline } from "./pipeline.ts"
import { byteLevel } from "./pre-tokenizers.ts"
import { type Defaults, readSpecialTokens, type Role, tokenizerConfig } from "./special-tokens.ts"
import { Vocabulary } from "./vocabulary.ts"

const END_OF_TEXT = "<|endoftext|>"
const GPT2: Defaults = { roles: { bos: END_OF_TEXT, eos: END_OF_TEXT, unk: END_OF_TEXT }, others: [] }
const BART: Defaults = {
  roles: { bos: "<s>", eos: "</s>", unk: "<unk>", sep: "</s>", pad: "<pad>", cls: "<s>", mask: "<mask>" },
  others: [],
}

/**
 * GPT-2's byte-level BPE from `vocab.json` and `merges.txt`; `around` puts `<s>` before a text and `</s>` behind it, as
 * BART has them, and without it no special token is added. Throws `TokenizerError`.
 */
export const gpt2Files = (
  files: Files,
  vocabularyBytes: Uint8Array,
  mergesBytes: Uint8Array,
  around: boolean,
): Codec => {
  const vocabulary = Vocabulary.of(Fields.parse(VOCABULARY, vocabularyBytes))
  const model = bpeModel(MERGES, vocabulary, parseMerges(MERGES, mergesBytes), {})
  const config = tokenizerConfig(files)
  config.only("add_bos_token", null, false)
  config.only("add_eos_token", null, false)
  const { added, roles } = readSpecialTokens(files, model.id, vocabulary.count, around ? BART : GPT2)
  const idOf = (role: Role): number => {
    const id = roles.get(role)
    if (id === undefined) throw new TokenizerError(config.file, roleMissing(role))
    return id
  }
  return pipeline({
    added: new AddedTokens(added, (text) => text),
    preTokenize: byteLevel(config.flag("add_prefix_space", false), true),
    model,
    decode: byteLevelDecoder,
    prefix: around ? [idOf("cls")] : [],
    suffix: around ? [idOf("sep")] : [],
  })
}
