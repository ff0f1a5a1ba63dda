import { keyTwice, nestedDeeper, notJson, notUtf8 } from "./messages.ts"

// JSON.parse takes the last of two equal keys in silence, and nesting without end costs it gigabytes.

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a]
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b])
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d])
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/** Where the string that starts at `start` ends: behind its second quote. */
const endOfString = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at + 1
  }
  return text.length
}

/** A key as its text between the quotes, escapes resolved; of text that is no JSON, whatever is there. */
const keyOf = (quoted: string): string => {
  if (!quoted.includes("\\")) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}

/** A key that stands twice in one object, or objects nested deeper than `depth`; undefined where there is neither. */
const fault = (text: string, depth: number): string | undefined => {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      let next = end
      while (BLANK.has(text.charCodeAt(next))) next++
      if (text.charCodeAt(next) === COLON) {
        const key = keyOf(text.slice(at, end))
        if (open.at(-1)?.has(key) === true) return keyTwice(key)
        open.at(-1)?.add(key)
      }
      at = next
      continue
    }
    if (OPENING.has(code)) {
      if (open.length === depth) return nestedDeeper(depth)
      open.push(new Set())
    } else if (CLOSING.has(code)) open.pop()
    at++
  }
  return undefined
}

/** Parses UTF-8 JSON from a file that is not trusted; `fail` is given what is wrong with it and throws. */
export const parseJson = (bytes: Uint8Array, depth: number, fail: (reason: string) => never): unknown => {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fail(notUtf8)
  }
  const found = fault(text, depth)
  try {
    if (found === undefined) return JSON.parse(text)
  } catch {
    return fail(notJson)
  }
  return fail(found)
}

/** Whether a JSON value is an object, no array and not null. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
