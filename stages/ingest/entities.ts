import * as messages from "./messages.ts"

/** The entities that every document has. */
const predefined = { amp: "&", lt: "<", gt: ">", apos: "'", quot: "\"" }

/** Longest text, in UTF-16 units, that one entity may stand for: entities made of entities double and double again. */
const longest = 64 * 2 ** 10

/** Most text, in UTF-16 units, that the entities of one file may add to it. */
const mostOfFile = 16 * 2 ** 20

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

const name = String.raw`[^\s"'<>&;%]+`
const declaration = new RegExp(
  String.raw`<!ENTITY\s+(${name})\s+(?:"([^"]*)"|'([^']*)'|(?:SYSTEM|PUBLIC)\s)`,
  "gu",
)
const characterReference = /&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/giu

/** The character of a reference such as `&#233;` or `&#xE9;`; the reference as it stands where there is none. */
const character = (written: string, hexadecimal: string | undefined, decimal: string | undefined): string => {
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
  return code > 0 && code <= 0x10_FFFF ? String.fromCodePoint(code) : written
}

/** The entities that a DTD's internal part declares; of two of one name the first counts, as XML has it. */
const declaredIn = (dtd: string): ReadonlyMap<string, Declared> => {
  const entities = new Map<string, Declared>()
  for (const [, id = "", double, single] of dtd.replace(/<!--.*?-->|<\?.*?\?>/gsu, "").matchAll(declaration)) {
    const value = double ?? single
    if (entities.has(id)) continue
    entities.set(
      id,
      value === undefined ? { _tag: "External" } : { _tag: "Text", text: value.replace(characterReference, character) },
    )
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
