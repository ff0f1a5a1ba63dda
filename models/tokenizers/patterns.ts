import { finder } from "../patterns/linear.ts"
import { PatternError, translate } from "../patterns/translate.ts"
import type { Fields } from "./fields.ts"
import { empty, patternMatchesNothing, patternNotLinear, patternNotUnderstood } from "./messages.ts"

/**
 * What the library's regular expressions and JavaScript's write and mean alike, once white space is spelled out. What an
 * expression goes on with is known by its next two characters, so this looks at none of it twice.
 */
const ALIKE = /^(?:\\[spPntr.+*?()[\]{}|^$\\/-]|\{[A-Za-z_=]+\}|\{\d+(?:,\d*)?\}|\[\^?|\]|[^\\{}[\]&^$.])*$/u

/** Patterns of published tokenizers: JavaScript's own engine matches each in linear time, and faster than another. */
const PUBLISHED: ReadonlySet<string> = new Set([String.raw`\s+`, String.raw`\s{2,}`, " {2,}", " +"])

/** Replaces what the `pattern` of a normalizer or decoder finds by its `content`. Throws `TokenizerError`. */
export const replacer = (fields: Fields): (text: string) => string => {
  const content = fields.string("content")
  const pattern = fields.object("pattern")
  if (pattern.has("String")) {
    const sought = pattern.string("String")
    return sought === "" ? pattern.fail("String", empty) : (text) => text.replaceAll(sought, () => content)
  }
  const source = pattern.string("Regex")
  if (!ALIKE.test(source) || source.includes("(?")) return pattern.fail("Regex", patternNotUnderstood(source))
  const spelled = source.replace(/\\./gu, (each) => each === "\\s" ? "\\p{White_Space}" : each)
  if (PUBLISHED.has(source)) {
    const compiled = new RegExp(spelled, "gu")
    return (text) => text.replace(compiled, () => content)
  }
  try {
    // What finds nothing between any two characters is no pattern of a tokenizer, and engines take it differently.
    if (translate(spelled).nullable) return pattern.fail("Regex", patternMatchesNothing(source))
    const find = finder(spelled)
    return (text) => replaced(text, find(text), content)
  } catch (cause) {
    if (cause instanceof PatternError) return pattern.fail("Regex", patternNotLinear(source, cause.message))
    throw cause
  }
}

const replaced = (text: string, stretches: ReturnType<ReturnType<typeof finder>>, content: string): string => {
  const parts: Array<string> = []
  let at = 0
  for (const { start, end } of stretches) {
    parts.push(text.slice(at, start), content)
    at = end
  }
  return parts.join("") + text.slice(at)
}
