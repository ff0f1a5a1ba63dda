import { closeSync, openSync, readSync } from "node:fs"
import { TextDecoder } from "node:util"
import { InputError } from "redag"
import * as messages from "./messages.ts"

/** A file to read: `name` is how the user knows it and what messages say, `path` is what is opened. */
export interface Source {
  readonly name: string
  readonly path: string
}

/** One line of a file without its line break, counted from 1. */
export interface Line {
  readonly number: number
  readonly text: string
}

const chunkSize = 64 * 1024
const byteOrderMark = "\uFEFF"

/** Opens a file for reading, or says why it cannot be read. */
const open = (source: Source): number => {
  try {
    return openSync(source.path, "r")
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new InputError({ ...messages.fileMissing, file: source.name })
    }
    const { message, help } = messages.fileClosed
    throw new InputError({ message: message((cause as Error).message), help, file: source.name })
  }
}

const read = (source: Source, descriptor: number, buffer: Buffer): number => {
  try {
    return readSync(descriptor, buffer)
  } catch (cause) {
    const { message, help } = messages.fileUnreadable
    throw new InputError({ message: message((cause as Error).message), help, file: source.name })
  }
}

/** The file's bytes, a chunk at a time; a chunk is valid only until the next one is asked for. */
function* chunks(source: Source): Generator<Buffer> {
  const descriptor = open(source)
  try {
    const buffer = Buffer.allocUnsafe(chunkSize)
    for (let length = read(source, descriptor, buffer); length > 0; length = read(source, descriptor, buffer)) {
      yield buffer.subarray(0, length)
    }
  } finally {
    closeSync(descriptor)
  }
}

const notUtf8 = (source: Source, line: number): InputError =>
  new InputError({ ...messages.notUtf8, file: source.name, line })

/** Decodes one line, so that a bad byte is reported with its line number. */
const decodeLine = (source: Source, decoder: TextDecoder, bytes: Buffer, number: number): Line => {
  try {
    const text = decoder.decode(bytes)
    const start = number === 1 && text.startsWith(byteOrderMark) ? 1 : 0
    return { number, text: text.slice(start, text.endsWith("\r") ? -1 : undefined) }
  } catch {
    throw notUtf8(source, number)
  }
}

/** The file's lines, blank ones included; a byte-order mark, CR LF breaks and a missing last break are all accepted. */
export function* readLines(source: Source): Generator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  let rest: Buffer = Buffer.alloc(0)
  let number = 0
  for (const chunk of chunks(source)) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const part = chunk.subarray(start, end)
      number += 1
      yield decodeLine(source, decoder, rest.length === 0 ? part : Buffer.concat([rest, part]), number)
      rest = Buffer.alloc(0)
      start = end + 1
    }
    if (start < chunk.length) rest = Buffer.concat([rest, chunk.subarray(start)])
  }
  if (rest.length > 0) yield decodeLine(source, decoder, rest, number + 1)
}

/** The file's text, a piece at a time, exactly as it stands but for a byte-order mark. */
export function* readPieces(source: Source): Generator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const decode = (bytes: Buffer | undefined): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      // Reading by lines meets the same byte and knows where it is.
      for (const _ of readLines(source));
      throw notUtf8(source, 1)
    }
  }
  for (const chunk of chunks(source)) {
    const text = decode(chunk)
    if (text.length > 0) yield text
  }
  decode(undefined)
}

/** The file's whole text, exactly as it stands but for a byte-order mark. */
export const readText = (source: Source): string => [...readPieces(source)].join("")
