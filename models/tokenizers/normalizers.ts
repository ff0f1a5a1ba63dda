import { charsmap } from "./charsmap.ts"
import type { Readers } from "./component.ts"
import type { Fields } from "./fields.ts"
import { replacer } from "./patterns.ts"

/** Changes a text before it is split. */
export type Normalizer = (text: string) => string

/**
 * Normalizers of a `tokenizer.json` that any kind of tokenizer may have. Those of Unicode's forms are not among them,
 * since the library's are of an older Unicode than JavaScript's.
 */
export const plainNormalizers: Readers<Normalizer> = {
  Sequence: (fields, read) => {
    const steps = fields.objects("normalizers").map(read)
    return (text) => steps.reduce((made, step) => step(made), text)
  },
  Replace: (fields) => replacer(fields),
  Prepend: (fields) => {
    const prepended = fields.string("prepend")
    return (text) => text === "" ? "" : prepended + text
  },
  Strip: (fields) => {
    const [left, right] = [fields.flag("strip_left", true), fields.flag("strip_right", true)]
    const ends = [left ? "^\\p{White_Space}+" : "", right ? "(?<!\\p{White_Space})\\p{White_Space}+$" : ""]
    const pattern = new RegExp(ends.filter((end) => end !== "").join("|") || "(?!)", "gu")
    return (text) => text.replace(pattern, "")
  },
}

/** The normalizer that SentencePiece models carry. */
export const precompiled = (fields: Fields): Normalizer =>
  // Some files have one that does nothing.
  fields.has("precompiled_charsmap")
    ? charsmap(fields.file, Buffer.from(fields.string("precompiled_charsmap"), "base64"))
    : (text) => text
