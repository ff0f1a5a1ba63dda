import { gpt2Words, toByteCharacters } from "./byte-level.ts"
import type { Readers } from "./component.ts"
import type { Fields } from "./fields.ts"
import { unknownScheme } from "./messages.ts"

/** Splits a normalized text into the words that the model encodes; `atStart` says whether it starts the whole text. */
export type PreTokenizer = (text: string, atStart: () => boolean) => readonly string[]

const SPACES = /\p{White_Space}+/u

/** White space goes, what is between it are words. */
export const whitespaceSplit: PreTokenizer = (text) => text.split(SPACES).filter((word) => word !== "")

/** When a text that does not start with a space gets one. */
export type Prepend = "always" | "first" | "never"

/** Writes spaces as `replacement` and splits before each of them. */
export const metaspace = (replacement: string, prepend: Prepend, split: boolean): PreTokenizer => {
  const before = new RegExp(`(?=${RegExp.escape(replacement)})`, "u")
  return (text, atStart) => {
    const written = text.replaceAll(" ", replacement)
    const missing = !written.startsWith(replacement) && (prepend === "always" || (prepend === "first" && atStart()))
    const whole = missing ? replacement + written : written
    if (!split) return whole === "" ? [] : [whole]
    return whole.split(before)
  }
}

/** GPT-2's: words of bytes. */
export const byteLevel = (prefixSpace: boolean, split: boolean): PreTokenizer => (text) => {
  const whole = prefixSpace && !text.startsWith(" ") ? ` ${text}` : text
  return (split ? gpt2Words(whole) : [whole]).map(toByteCharacters)
}

/** Each splits what the one before it left. */
export const sequence = (steps: readonly PreTokenizer[]): PreTokenizer => (text, atStart) =>
  steps.reduce<readonly string[]>(
    (words, step) =>
      words.flatMap((word, index) => step(word, () => index === 0 && text.startsWith(word) && atStart())),
    [text],
  )

/** Pre-tokenizers of a `tokenizer.json` that any kind of tokenizer may have. */
export const plainPreTokenizers: Readers<PreTokenizer> = {
  Sequence: (fields, read) => sequence(fields.objects("pretokenizers").map(read)),
  WhitespaceSplit: () => whitespaceSplit,
}

/** The Metaspace pre-tokenizer that fields describe. */
export const readMetaspace = (fields: Fields): PreTokenizer =>
  metaspace(fields.string("replacement", "▁"), prependOf(fields), fields.flag("split", true))

/** The ByteLevel pre-tokenizer that fields describe. */
export const readByteLevel = (fields: Fields): PreTokenizer =>
  byteLevel(fields.flag("add_prefix_space", true), fields.flag("use_regex", true))

/** The `prepend_scheme` of a Metaspace, which older files say as `add_prefix_space`. */
export const prependOf = (fields: Fields): Prepend => {
  const prefix = fields.flag("add_prefix_space", true)
  const scheme = fields.string("prepend_scheme", prefix ? "always" : "never")
  if (scheme === "always" || scheme === "first" || scheme === "never") return scheme
  return fields.fail("prepend_scheme", unknownScheme(scheme))
}
