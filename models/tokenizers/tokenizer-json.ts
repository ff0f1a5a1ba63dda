import { type AddedToken, AddedTokens } from "./added-tokens.ts"
import { bpeModel } from "./bpe-model.ts"
import type { Merge } from "./bpe.ts"
import type { Codec, SubwordModel } from "./codec.ts"
import { parseDecoder } from "./decoders.ts"
import type { Fields } from "./fields.ts"
import { parseNormalizer } from "./normalizers.ts"
import { pipeline } from "./pipeline.ts"
import { parsePostProcessor } from "./post-processors.ts"
import { parsePreTokenizer } from "./pre-tokenizers.ts"
import { unigram } from "./unigram.ts"
import { Vocabulary } from "./vocabulary.ts"

// Own code, since @huggingface/tokenizers 0.2.0 gives other ids than the original: it normalizes as no charsmap says,
// takes other characters for white space, and finds special tokens that only the normalized text has.

/**
 * The tokenizer that a `tokenizer.json` describes, but for its truncation and padding. Throws `TokenizerError` for a
 * part that redag does not have. The format: https://huggingface.co/docs/tokenizers/components
 */
export const tokenizerJson = (fields: Fields): Codec => {
  const normalize = parseNormalizer(fields.optional("normalizer"))
  const model = parseModel(fields.object("model"))
  const added = fields.objects("added_tokens").map(parseAddedToken)
  for (const { id, content } of added) {
    const [known, other] = [model.id(content) ?? id, model.token(id) ?? content]
    if (known !== id) fields.fail("added_tokens", `says ${content} is ${id}, the model says ${known}`)
    if (other !== content) fields.fail("added_tokens", `says ${id} is ${content}, the model says ${other}`)
  }
  return pipeline({
    ...parsePostProcessor(fields.optional("post_processor")),
    added: new AddedTokens(added, normalize),
    preTokenize: parsePreTokenizer(fields.optional("pre_tokenizer")),
    model,
    decode: parseDecoder(fields.optional("decoder")),
  })
}

/** An added token as files write it. */
export const parseAddedToken = (fields: Fields): AddedToken => {
  const special = fields.flag("special", false)
  return {
    id: fields.integer("id"),
    content: fields.string("content"),
    special,
    normalized: fields.flag("normalized", !special),
    lstrip: fields.flag("lstrip", false),
    rstrip: fields.flag("rstrip", false),
    singleWord: fields.flag("single_word", false),
  }
}

const parseModel = (fields: Fields): SubwordModel => {
  // Older files do not say the type.
  const type = fields.string("type", Array.isArray(fields.get("vocab")) ? "Unigram" : "BPE")
  switch (type) {
    case "Unigram":
      fields.only("byte_fallback", false)
      return unigram(fields.file, parsePieces(fields), fields.integer("unk_id"))
    case "BPE":
      fields.only("dropout", null, 0)
      fields.only("byte_fallback", false)
      fields.only("continuing_subword_prefix", null, "")
      return bpeModel(
        fields.file,
        Vocabulary.of(fields.object("vocab")),
        fields.list("merges").map(parseMerge(fields)),
        {
          unknown: fields.has("unk_token") ? fields.string("unk_token") : undefined,
          fuseUnknown: fields.flag("fuse_unk", false),
          endOfWord: fields.string("end_of_word_suffix", ""),
          wholeWords: fields.flag("ignore_merges", false),
        },
      )
    default:
      return fields.fail("type", `is ${type}, a model that redag does not have`)
  }
}

const parsePieces = (fields: Fields): readonly (readonly [string, number])[] =>
  fields.list("vocab").map((entry, index) => {
    if (Array.isArray(entry)) {
      const [piece, score]: readonly unknown[] = entry
      if (typeof piece === "string" && typeof score === "number") return [piece, score]
    }
    return fields.fail(`vocab.${index}`, "is no piece with its score")
  })

const parseMerge = (fields: Fields) => (entry: unknown, index: number): Merge => {
  const parts: readonly unknown[] = typeof entry === "string" ? entry.split(" ") : Array.isArray(entry) ? entry : []
  const [left, right] = parts
  if (typeof left === "string" && typeof right === "string" && parts.length === 2) return [left, right]
  return fields.fail(`merges.${index}`, "is not two symbols")
}
