/**
 * Canonical JSON, as RFC 8785 (JSON Canonicalization Scheme) defines it: one text for one value.
 *
 * Keys of actions are digests of this text, so a value that JSON cannot hold without loss is refused rather than
 * dropped: two different values must never share a text.
 */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Says which part of a value cannot be written as canonical JSON. */
export class NotCanonical extends Error {
  readonly _tag = "NotCanonical"
  readonly path: string
  constructor(path: string, problem: string) {
    super(`${path === "" ? "the value" : path} ${problem}`)
    this.path = path
  }
}

/** The canonical text of `value`; throws {@link NotCanonical} on anything that JSON cannot hold exactly. */
export const canonical = (value: unknown): string => write(value, "")

const write = (value: unknown, path: string): string => {
  if (value === null || typeof value === "boolean") return String(value)
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new NotCanonical(path, `is ${value}, which JSON cannot hold`)
    return JSON.stringify(value)
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new NotCanonical(path, "holds a lone surrogate")
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) {
    const items: Array<string> = []
    for (let index = 0; index < value.length; index++) {
      if (!(index in value)) throw new NotCanonical(`${path}[${index}]`, "is a hole in an array")
      items.push(write(value[index], `${path}[${index}]`))
    }
    return `[${items.join(",")}]`
  }
  if (typeof value === "object" && isPlain(value)) {
    // RFC 8785 §3.2.3 orders names by UTF-16 code units, which is how JavaScript compares strings.
    const names = Object.keys(value).sort()
    if (Object.getOwnPropertySymbols(value).length > 0) throw new NotCanonical(path, "has a symbol as a name")
    return `{${
      names.map((name) =>
        `${write(name, path)}:${
          write((value as Record<string, unknown>)[name], path === "" ? name : `${path}.${name}`)
        }`
      ).join(",")
    }}`
  }
  throw new NotCanonical(path, `is ${describe(value)}, which JSON cannot hold`)
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const describe = (value: unknown): string =>
  value === undefined ? "undefined" : typeof value === "object" ? `a ${value?.constructor.name}` : `a ${typeof value}`
