import type { Fields } from "./fields.ts"
import { empty, patternNotUnderstood } from "./messages.ts"

// What the library's regular expressions and JavaScript's write and mean alike, once white space is spelled out.
const ALIKE = /^(?:\\[spPntr.+*?()[\]{}|^$\\/-]|\{[A-Za-z_=]+\}|\{\d+(?:,\d*)?\}|[^\\{}[\]&]|\[\^?|\])*$/u

/** Replaces what the `pattern` of a normalizer or decoder finds by its `content`. Throws `TokenizerError`. */
export const replacer = (fields: Fields): (text: string) => string => {
  const content = fields.string("content")
  const pattern = fields.object("pattern")
  if (pattern.has("String")) {
    const sought = pattern.string("String")
    return sought === "" ? pattern.fail("String", empty) : (text) => text.replaceAll(sought, () => content)
  }
  const source = pattern.string("Regex")
  const refuse = (): never => pattern.fail("Regex", patternNotUnderstood(source))
  if (!ALIKE.test(source) || source.includes("(?")) return refuse()
  try {
    const spelled = source.replace(/\\./gu, (each) => each === "\\s" ? "\\p{White_Space}" : each)
    const compiled = new RegExp(spelled, "gu")
    return (text) => text.replace(compiled, () => content)
  } catch {
    return refuse()
  }
}
