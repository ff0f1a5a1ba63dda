import { fromByteCharacters } from "./byte-level.ts"
import type { Fields } from "./fields.ts"
import { replacer } from "./patterns.ts"
import { type Prepend, prependOf } from "./pre-tokenizers.ts"

/** Makes the parts of a text of its tokens. */
export type Decoder = (tokens: readonly string[]) => readonly string[]

/** Writes `replacement` as a space; that of the first token goes where one was prepended. */
export const metaspaceDecoder = (replacement: string, prepend: Prepend): Decoder => (tokens) =>
  tokens.map((token, index) => token.replaceAll(replacement, index === 0 && prepend !== "never" ? "" : " "))

/** The text of the bytes that tokens write. */
export const byteLevelDecoder: Decoder = (tokens) => [fromByteCharacters(tokens)]

/** Without a decoder there is a space between two tokens. */
const spaced: Decoder = (tokens) => [tokens.join(" ")]

/** The decoder that a `tokenizer.json` describes. Throws `TokenizerError` for one that redag does not have. */
export const parseDecoder = (fields: Fields | undefined): Decoder => {
  if (fields === undefined) return spaced
  const type = fields.string("type")
  switch (type) {
    case "Sequence": {
      const steps = fields.objects("decoders").map(parseDecoder)
      return (tokens) => steps.reduce((made, step) => step(made), tokens)
    }
    case "Metaspace":
      return metaspaceDecoder(fields.string("replacement", "▁"), prependOf(fields))
    case "ByteLevel":
      return byteLevelDecoder
    case "BPEDecoder": {
      const suffix = fields.string("suffix", "</w>")
      return (tokens) => tokens.map((token, at) => token.replaceAll(suffix, at === tokens.length - 1 ? "" : " "))
    }
    case "Replace": {
      const replace = replacer(fields)
      return (tokens) => tokens.map((token) => replace(token))
    }
    case "Fuse":
      return (tokens) => [tokens.join("")]
    case "Strip":
      return (tokens) => tokens.map(stripper(fields.string("content"), fields.integer("start"), fields.integer("stop")))
    default:
      return fields.fail("type", `is ${type}, a decoder that redag does not have`)
  }
}

/** Takes up to `start` and `stop` times `character` off the ends of a text. */
const stripper = (character: string, start: number, stop: number): (text: string) => string => (text) => {
  const characters = Array.from(text)
  let [from, to] = [0, characters.length]
  while (from < start && characters[from] === character) from++
  while (to > from && characters.length - to < stop && characters[to - 1] === character) to--
  return characters.slice(from, to).join("")
}
