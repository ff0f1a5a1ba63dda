import type { AddedTokens } from "./added-tokens.ts"
import { type Codec, remembering, type SubwordModel } from "./codec.ts"
import type { Decoder } from "./decoders.ts"
import type { Around } from "./post-processors.ts"
import type { PreTokenizer } from "./pre-tokenizers.ts"

/** The parts of a tokenizer as Hugging Face's library puts them together. */
export interface PipelineParts extends Around {
  readonly added: AddedTokens
  readonly preTokenize: PreTokenizer
  readonly model: SubwordModel
  readonly decode: Decoder
}

/** Added tokens are found first; what is between them is normalized, split into words, and each word into tokens. */
export const pipeline = ({ added, preTokenize, model, decode, prefix, suffix }: PipelineParts): Codec => {
  const encodeWord = remembering(model.encode)
  return {
    size: Math.max(model.size, added.size),
    prefix,
    suffix,
    id: (token) => added.id(token) ?? model.id(token),
    encode: (text) => {
      const ids: number[] = []
      for (const part of added.split(text)) {
        if ("id" in part) ids.push(part.id)
        else for (const word of preTokenize(part.text, part.atStart)) for (const id of encodeWord(word)) ids.push(id)
      }
      return ids
    },
    decode: (ids) => {
      const tokens = ids.flatMap((id) => {
        const token = added.content(id) ?? model.token(id)
        return token === undefined || added.isSpecial(token) ? [] : [token]
      })
      return decode(tokens).join("")
    },
  }
}
