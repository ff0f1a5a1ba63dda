import { SaxesParser } from "saxes"
import { wrong } from "./checks.ts"
import * as messages from "./messages.ts"
import { readPieces, type Source } from "./source.ts"

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

/**
 * Streams an XML file through a handler and gives control back after each piece of the file, so that a generator can
 * yield what the handler has finished.
 */
export function* readXml(source: Source, handler: XmlHandler): Generator<void> {
  const parser = new SaxesParser({ xmlns: false, position: true })
  const texts: Array<string> = []
  let tagLine = 1
  parser.on("error", (error) => {
    const { message, help } = messages.malformedXml
    throw wrong({ source, line: parser.line }, message(error.message.replace(/^\d+:\d+: /u, "")), help)
  })
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
  for (const piece of readPieces(source)) {
    parser.write(piece)
    yield
  }
  parser.close()
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
