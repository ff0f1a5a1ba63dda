import { SaxesParser } from "saxes"
import { wrong } from "./checks.ts"
import { Entities, EntityError } from "./entities.ts"
import * as messages from "./messages.ts"
import { readLines, readPieces, type Source, tooLong } from "./source.ts"

/** An element being opened, with the line its tag starts at. */
export interface Opened {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly line: number
}

/** What a reader does with the parts of an XML file; `text` is the character data directly inside the closed element. */
export interface XmlHandler {
  readonly open: (element: Opened) => void
  readonly close: (name: string, text: string, line: number) => void
}

/** What is wrong with XML, in the words of the user, and on which line. */
class Malformed extends Error {
  readonly line: number
  readonly help: string

  constructor({ message, help }: { readonly message: string; readonly help: string }, line: number) {
    super(message)
    this.line = line
    this.help = help
  }
}

/** What may be the name of an entity. */
const entityName = /^[\p{L}_:][^\s&<>"']*$/u

/** What the parser finds wrong where a "&" begins no entity. */
const bareAmpersand = new Set(["disallowed character in entity name.", "empty entity name."])

/** A parser that throws a Malformed for the first thing that is wrong. */
const makeParser = (): SaxesParser => {
  const parser = new SaxesParser({ xmlns: false, position: true })
  const entities = new Entities()
  /** The part of an entity's name that stood in what was written to the parser before. */
  const pending = (): string => String(parser["entity"])
  /** The line of what is wrong: the parser sees that a name is none only where it ends, or the file does. */
  const line = (): number => parser.line - (pending().match(/\n/gu)?.length ?? 0)
  parser.ENTITIES = new Proxy(parser.ENTITIES, {
    get: (_, name) => {
      if (typeof name !== "string" || !entityName.test(name)) return undefined
      try {
        return entities.textOf(name)
      } catch (thrown) {
        if (!(thrown instanceof EntityError)) throw thrown
        throw new Malformed(thrown, line())
      }
    },
  })
  parser.on("doctype", (dtd) => entities.declare(dtd))
  parser.on("error", (error) => {
    const reason = error.message.replace(/^\d+:\d+: /u, "")
    const { message, help } = messages.malformedXml
    throw new Malformed(
      bareAmpersand.has(reason) || pending() !== "" ? messages.bareAmpersand : { message: message(reason), help },
      line(),
    )
  })
  return parser
}

/** The first thing that is wrong in a file: read line by line, so that its line is known. */
const firstMistake = (source: Source): Malformed | undefined => {
  const parser = makeParser()
  try {
    for (const { number, text } of readLines(source)) {
      // The break by itself, so that it is pending where it is within what should be a name.
      if (number > 1) parser.write("\n")
      parser.write(text)
    }
    parser.close()
    return undefined
  } catch (thrown) {
    if (thrown instanceof Malformed) return thrown
    throw thrown
  }
}

/**
 * Streams an XML file through a handler and gives control back after each piece of the file, so that a generator can
 * yield what the handler has finished.
 */
export function* readXml(source: Source, handler: XmlHandler): Generator<void> {
  const parser = makeParser()
  const texts: Array<string> = []
  let tagLine = 1
  parser.on("opentagstart", () => {
    tagLine = parser.line
  })
  parser.on("opentag", (tag) => {
    texts.push("")
    handler.open({ name: tag.name, attributes: tag.attributes, line: tagLine })
  })
  const onText = (text: string): void => {
    if (texts.length > 0) texts.push((texts.pop() ?? "") + text)
  }
  parser.on("text", onText)
  parser.on("cdata", onText)
  parser.on("closetag", (tag) => handler.close(tag.name, texts.pop() ?? "", parser.line))
  try {
    for (const piece of readPieces(source)) {
      parser.write(piece)
      yield
    }
    parser.close()
  } catch (thrown) {
    // The engine's own limit of a string, within a value that the parser puts together.
    if (thrown instanceof RangeError && /string length/u.test(thrown.message)) {
      throw tooLong(source, "text", parser.line)
    }
    if (!(thrown instanceof Malformed)) throw thrown
    const { message, help, line } = firstMistake(source) ?? thrown
    throw wrong({ source, line }, message, help)
  }
  yield
}

/** An attribute's value, or an error that names it. */
export const attribute = (source: Source, element: Opened, name: string): string => {
  const value = element.attributes[name]
  if (value === undefined) {
    const { message, help } = messages.attributeMissing
    throw wrong({ source, line: element.line, field: name }, message(element.name, name), help)
  }
  return value
}
