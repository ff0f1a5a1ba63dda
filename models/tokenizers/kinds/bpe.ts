import { bpeModel } from "../bpe-model.ts"
import type { Merge } from "../bpe.ts"
import type { SubwordModel } from "../codec.ts"
import { byteLevelDecoder, plainDecoders, readSuffixDecoder } from "../decoders.ts"
import { reading } from "../errors.ts"
import { Fields } from "../fields.ts"
import { type Files, JSON_FILE, MERGES, needed, refuseForm, tokenizerFiles, VOCABULARY } from "../files.ts"
import { gpt2Files } from "../gpt2-files.ts"
import { notTwoSymbols } from "../messages.ts"
import { plainNormalizers } from "../normalizers.ts"
import { plainPreTokenizers, readByteLevel } from "../pre-tokenizers.ts"
import { type Components, tokenizerJson } from "../tokenizer-json.ts"
import { Tokenizer } from "../tokenizer.ts"
import { Vocabulary } from "../vocabulary.ts"

/**
 * Reads a tokenizer of a BPE model, byte-level or not: from `tokenizer.json` or, for GPT-2, GPT-Neo and BART, from
 * `vocab.json` and `merges.txt`. Throws `TokenizerError`, which names the file.
 */
export const readTokenizer = (files: Files, modelType: string): Tokenizer => {
  const own = tokenizerFiles(files)
  const json = own.get(JSON_FILE)
  if (json !== undefined) {
    return new Tokenizer(reading(JSON_FILE, () => tokenizerJson(Fields.parse(JSON_FILE, json), components)), own)
  }
  if (!["gpt2", "gpt_neo", "bart"].includes(modelType)) return refuseForm(modelType)
  const [vocabulary, merges] = [needed(own, VOCABULARY), needed(own, MERGES)]
  return new Tokenizer(reading(VOCABULARY, () => gpt2Files(own, vocabulary, merges, modelType === "bart")), own)
}

const readModel = (fields: Fields): SubwordModel => {
  fields.only("dropout", null, 0)
  fields.only("byte_fallback", false)
  fields.only("continuing_subword_prefix", null, "")
  return bpeModel(
    fields.file,
    Vocabulary.of(fields.object("vocab")),
    fields.list("merges").map(readMerge(fields)),
    {
      unknown: fields.has("unk_token") ? fields.string("unk_token") : undefined,
      fuseUnknown: fields.flag("fuse_unk", false),
      endOfWord: fields.string("end_of_word_suffix", ""),
      wholeWords: fields.flag("ignore_merges", false),
    },
  )
}

const readMerge = (fields: Fields) => (entry: unknown, index: number): Merge => {
  const parts: readonly unknown[] = typeof entry === "string" ? entry.split(" ") : Array.isArray(entry) ? entry : []
  const [left, right] = parts
  if (typeof left === "string" && typeof right === "string" && parts.length === 2) return [left, right]
  return fields.fail(`merges.${index}`, notTwoSymbols)
}

const components: Components = {
  normalizers: plainNormalizers,
  preTokenizers: { ...plainPreTokenizers, ByteLevel: readByteLevel },
  models: { BPE: readModel },
  decoders: { ...plainDecoders, ByteLevel: () => byteLevelDecoder, BPEDecoder: readSuffixDecoder },
}
