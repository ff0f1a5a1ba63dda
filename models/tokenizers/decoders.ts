import { fromByteCharacters } from "./byte-level.ts"
import type { Readers } from "./component.ts"
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
export const spaced: Decoder = (tokens) => [tokens.join(" ")]

/** Decoders of a `tokenizer.json` that any kind of tokenizer may have. */
export const plainDecoders: Readers<Decoder> = {
  Sequence: (fields, read) => {
    const steps = fields.objects("decoders").map(read)
    return (tokens) => steps.reduce((made, step) => step(made), tokens)
  },
  Replace: (fields) => {
    const replace = replacer(fields)
    return (tokens) => tokens.map((token) => replace(token))
  },
  Fuse: () => (tokens) => [tokens.join("")],
  Strip: (fields) => (tokens) =>
    tokens.map(stripper(fields.string("content"), fields.integer("start"), fields.integer("stop"))),
}

/** The Metaspace decoder that fields describe. */
export const readMetaspaceDecoder = (fields: Fields): Decoder =>
  metaspaceDecoder(fields.string("replacement", "▁"), prependOf(fields))

/** The decoder of tokens of which the last of each word ends in a suffix. */
export const readSuffixDecoder = (fields: Fields): Decoder => {
  const suffix = fields.string("suffix", "</w>")
  return (tokens) => tokens.map((token, at) => token.replaceAll(suffix, at === tokens.length - 1 ? "" : " "))
}

/** Takes up to `start` and `stop` times `character` off the ends of a text. */
const stripper = (character: string, start: number, stop: number): (text: string) => string => (text) => {
  const characters = Array.from(text)
  let [from, to] = [0, characters.length]
  while (from < start && characters[from] === character) from++
  while (to > from && characters.length - to < stop && characters[to - 1] === character) to--
  return characters.slice(from, to).join("")
}
