import * as messages from "./messages.ts"

/** The entities that every document has. */
const predefined = { amp: "&", lt: "<", gt: ">", apos: "'", quot: "\"" }

/** Longest text, in UTF-16 units, that one entity may stand for: entities made of entities double and double again. */
const longest = 64 * 2 ** 10

/** Most text, in UTF-16 units, that the entities of one file may add to it. */
const mostOfFile = 16 * 2 ** 20

/** How deep entities may stand in entities; no corpus needs more than a few. */
const deepest = 64

/** What is wrong with a document's own entities; the reader of the file adds its place. */
export class EntityError extends Error {
  readonly help: string

  constructor({ message, help }: { readonly message: string; readonly help: string }) {
    super(message)
    this.help = help
  }
}

/** What a document's DTD says of an entity. */
type Declared = { readonly _tag: "Text"; readonly text: string } | { readonly _tag: "External" }

// Each is tried where the one before it ended, so that a DTD is read once from its start to its end.
const name = /[^\s"'<>&;%]+/uy
const space = /\s+/uy
const external = /(?:SYSTEM|PUBLIC)\s/uy
const characterReference = /&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/giu

/** The character of a reference such as `&#233;` or `&#xE9;`; the reference as it stands where there is none. */
const character = (written: string, hexadecimal: string | undefined, decimal: string | undefined): string => {
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
  return code > 0 && code <= 0x10_FFFF ? String.fromCodePoint(code) : written
}

/** Where a string ends that begins before a place, its end included; where the text ends if it does not. */
const after = (text: string, end: string, from: number): number => {
  const found = text.indexOf(end, from)
  return found === -1 ? text.length : found + end.length
}

/** The parts of a DTD in which nothing is declared, by what begins them. */
const skipped = [["<!--", "-->"], ["<?", "?>"], ["\"", "\""], ["'", "'"]] as const

/** The entities that a DTD's internal part declares; of two of one name the first counts, as XML has it. */
const declaredIn = (dtd: string): ReadonlyMap<string, Declared> => {
  const entities = new Map<string, Declared>()
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(dtd)?.[0]
    at += found?.length ?? 0
    return found
  }
  /** A string between quotes of one kind. */
  const takeQuoted = (): string | undefined => {
    const quote = dtd[at]
    if (quote !== "\"" && quote !== "'") return undefined
    const end = dtd.indexOf(quote, at + 1)
    if (end === -1) return undefined
    const text = dtd.slice(at + 1, end)
    at = end + 1
    return text
  }
  const takeEntity = (): void => {
    if (take(space) === undefined) return
    const id = take(name)
    if (id === undefined || take(space) === undefined) return
    const text = takeQuoted()
    if (entities.has(id)) return
    if (text !== undefined) entities.set(id, { _tag: "Text", text: text.replace(characterReference, character) })
    else if (take(external) !== undefined) entities.set(id, { _tag: "External" })
  }
  while (at < dtd.length) {
    const skip = skipped.find(([start]) => dtd.startsWith(start, at))
    if (skip !== undefined) at = after(dtd, skip[1], at + skip[0].length)
    else if (dtd.startsWith("<!ENTITY", at)) {
      at += "<!ENTITY".length
      takeEntity()
    } else at += 1
  }
  return entities
}

/**
 * The entities of one XML document, for the parser to look up: XML's own, and those that its DTD declares as text.
 *
 * What another file declares is not read. An entity that stands for markup, for itself or for too much text is refused.
 */
export class Entities {
  #declared: ReadonlyMap<string, Declared> = new Map()
  readonly #texts = new Map(Object.entries(predefined))
  #added = 0

  /** Takes the declarations of the document's DTD. */
  declare(dtd: string): void {
    this.#declared = declaredIn(dtd)
  }

  /** The text that an entity stands for. Throws an EntityError where it may not be used. */
  textOf(id: string): string {
    const text = this.#expand(id, [])
    if (!Object.hasOwn(predefined, id)) this.#added += text.length
    if (this.#added > mostOfFile) throw new EntityError(messages.entitiesTooLong)
    return text
  }

  #expand(id: string, within: ReadonlyArray<string>): string {
    const known = this.#texts.get(id)
    if (known !== undefined) return known
    const declared = this.#declared.get(id)
    const fail = ({ message, help }: { readonly message: (id: string) => string; readonly help: string }): never => {
      throw new EntityError({ message: message(id), help })
    }
    if (declared === undefined) return fail(messages.entityUnknown)
    if (declared._tag === "External") return fail(messages.entityExternal)
    if (within.includes(id)) return fail(messages.entityOfItself)
    if (within.length === deepest) throw new EntityError(messages.entitiesTooDeep)
    if (declared.text.includes("<")) return fail(messages.entityOfMarkup)
    let text = ""
    let rest = 0
    for (const { 0: written, index } of declared.text.matchAll(/&[^;]*;?/gu)) {
      const inner = written.endsWith(";") ? written.slice(1, -1) : ""
      text += declared.text.slice(rest, index)
      text += inner.startsWith("#")
        ? written.replace(characterReference, character)
        : this.#expand(inner, [...within, id])
      rest = index + written.length
      if (text.length > longest) return fail(messages.entityTooLong)
    }
    text += declared.text.slice(rest)
    if (text.length > longest) return fail(messages.entityTooLong)
    this.#texts.set(id, text)
    return text
  }
}
