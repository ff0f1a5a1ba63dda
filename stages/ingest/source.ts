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
export const byteOrderMark = "\uFEFF"

/** Longest line, and longest text of a document, that is read, in bytes: no one text must fill the memory. */
const longest = 256 * 2 ** 20

/** The error for a text or a line that is longer. */
export const tooLong = (source: Source, what: "line" | "text", line?: number): InputError => {
  const { message, help } = messages.tooLong
  const at = line === undefined ? {} : { line }
  return new InputError({ message: message(what, longest / 2 ** 20), help, file: source.name, ...at })
}

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

/** The beginning of a line that goes on in the next chunk, in pieces that are put together once. */
class Unended {
  readonly #source: Source
  #pieces: Array<Buffer> = []
  #length = 0

  constructor(source: Source) {
    this.#source = source
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  /** Takes a copy of bytes of line `number`. */
  add(part: Buffer, number: number): void {
    this.#length += part.length
    if (this.#length > longest) throw tooLong(this.#source, "line", number)
    this.#pieces.push(Buffer.from(part))
  }

  /** The whole line, whose last part is given; the next one begins. */
  end(part: Buffer): Buffer {
    if (this.isEmpty) return part
    const line = Buffer.concat([...this.#pieces, part], this.#length + part.length)
    this.#pieces = []
    this.#length = 0
    return line
  }
}

/**
 * The file's lines, blank ones included; a byte-order mark, CR LF breaks and a missing last break are all accepted.
 *
 * A line whose bytes are not UTF-8 ends the reading, or is left out where `broken` takes its error and what can be read.
 */
export function* readLines(source: Source, broken?: (error: InputError, text: string) => void): Generator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  const line = (bytes: Buffer, number: number): ReadonlyArray<Line> => {
    try {
      return [decodeLine(source, decoder, bytes, number)]
    } catch (error) {
      if (broken === undefined || !(error instanceof InputError)) throw error
      broken(error, bytes.toString("utf8"))
      return []
    }
  }
  const unended = new Unended(source)
  let number = 0
  for (const chunk of chunks(source)) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      number += 1
      yield* line(unended.end(chunk.subarray(start, end)), number)
      start = end + 1
    }
    if (start < chunk.length) unended.add(chunk.subarray(start), number + 1)
  }
  if (!unended.isEmpty) yield* line(unended.end(Buffer.alloc(0)), number + 1)
}

/** The file's text, a piece at a time, exactly as it stands but for a byte-order mark, which may be kept. */
export function* readPieces(source: Source, mark: "without mark" | "with mark" = "without mark"): Generator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: mark === "with mark" })
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

/** The file's whole text, exactly as it stands, a byte-order mark included. */
export const readText = (source: Source): string => {
  const pieces: Array<string> = []
  let length = 0
  for (const piece of readPieces(source, "with mark")) {
    length += piece.length
    if (length > longest) throw tooLong(source, "text")
    pieces.push(piece)
  }
  return pieces.join("")
}
