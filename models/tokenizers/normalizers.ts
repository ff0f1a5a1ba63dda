import { charsmap } from "./charsmap.ts"
import type { Fields } from "./fields.ts"
import { replacer } from "./patterns.ts"

/** Changes a text before it is split. */
export type Normalizer = (text: string) => string

/**
 * The normalizer that a `tokenizer.json` describes. Throws `TokenizerError` for one that redag does not have; those of
 * Unicode's forms are among them, since the library's are of an older Unicode than JavaScript's.
 */
export const parseNormalizer = (fields: Fields | undefined): Normalizer => {
  if (fields === undefined) return (text) => text
  const type = fields.string("type")
  switch (type) {
    case "Sequence": {
      const steps = fields.objects("normalizers").map(parseNormalizer)
      return (text) => steps.reduce((made, step) => step(made), text)
    }
    case "Precompiled":
      // Some files have one that does nothing.
      return fields.has("precompiled_charsmap")
        ? charsmap(fields.file, Buffer.from(fields.string("precompiled_charsmap"), "base64"))
        : (text) => text
    case "Replace":
      return replacer(fields)
    case "Prepend": {
      const prepended = fields.string("prepend")
      return (text) => text === "" ? "" : prepended + text
    }
    case "Strip": {
      const [left, right] = [fields.flag("strip_left", true), fields.flag("strip_right", true)]
      const ends = [left ? "^\\p{White_Space}+" : "", right ? "(?<!\\p{White_Space})\\p{White_Space}+$" : ""]
      const pattern = new RegExp(ends.filter((end) => end !== "").join("|") || "(?!)", "gu")
      return (text) => text.replace(pattern, "")
    }
    default:
      return fields.fail("type", `is ${type}, a normalizer that redag does not have`)
  }
}
