import { type AddedToken, AddedTokens } from "./added-tokens.ts"
import type { Codec, SubwordModel } from "./codec.ts"
import { readComponent, type Readers } from "./component.ts"
import { type Decoder, spaced } from "./decoders.ts"
import type { Fields } from "./fields.ts"
import { otherId, otherToken } from "./messages.ts"
import type { Normalizer } from "./normalizers.ts"
import { pipeline } from "./pipeline.ts"
import { parsePostProcessor } from "./post-processors.ts"
import type { PreTokenizer } from "./pre-tokenizers.ts"

// Own code, since @huggingface/tokenizers 0.2.0 gives other ids than the original: it normalizes as no charsmap says,
// takes other characters for white space, and finds special tokens that only the normalized text has.

/** The components that one kind of tokenizer may have. */
export interface Components {
  readonly normalizers: Readers<Normalizer>
  readonly preTokenizers: Readers<PreTokenizer>
  readonly models: Readers<SubwordModel>
  readonly decoders: Readers<Decoder>
}

/**
 * The tokenizer that a `tokenizer.json` describes, but for its truncation and padding. Throws `TokenizerError` for a
 * component that is not among those given. The format: https://huggingface.co/docs/tokenizers/components
 */
export const tokenizerJson = (fields: Fields, components: Components): Codec => {
  const optional = <A>(key: string, sort: string, readers: Readers<A>, otherwise: A): A => {
    const described = fields.optional(key)
    return described === undefined ? otherwise : readComponent(described, sort, readers)
  }
  const normalize = optional("normalizer", "normalizer", components.normalizers, (text) => text)
  const model = readComponent(typed(fields.object("model")), "model", components.models)
  const added = fields.objects("added_tokens").map(parseAddedToken)
  for (const { id, content } of added) {
    const [known, other] = [model.id(content) ?? id, model.token(id) ?? content]
    if (known !== id) fields.fail("added_tokens", otherId(content, id, known))
    if (other !== content) fields.fail("added_tokens", otherToken(id, content, other))
  }
  return pipeline({
    ...parsePostProcessor(fields.optional("post_processor")),
    added: new AddedTokens(added, normalize),
    preTokenize: optional("pre_tokenizer", "pre-tokenizer", components.preTokenizers, (text) => [text]),
    model,
    decode: optional("decoder", "decoder", components.decoders, spaced),
  })
}

/** A model with its type, which older files do not say. */
const typed = (fields: Fields): Fields =>
  fields.has("type") ? fields : fields.with("type", Array.isArray(fields.get("vocab")) ? "Unigram" : "BPE")

/** An added token as files write it. */
const parseAddedToken = (fields: Fields): AddedToken => {
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
