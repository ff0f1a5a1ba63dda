import { crc32 } from "node:zlib"
import { TorchFileError } from "./errors.ts"
import {
  about,
  compressed,
  compressedHeader,
  directoryBeyond,
  directoryEntryDamaged,
  directoryMissing,
  directorySize,
  directoryTooLong,
  directoryTwice,
  encrypted,
  end64Missing,
  entryDamaged,
  entryEnds,
  intoDirectory,
  noHeader,
  otherHeader,
  twoSizes,
} from "./messages.ts"
import { type ByteSource, readBytes } from "./source.ts"

// The format: entries, each behind a local header, then a directory of them, then the end record; zip64 has a wider end
// record before that one. torch.save stores entries without compression, their sizes in the directory alone.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

const LOCAL = { signature: 0x04034b50, bytes: 30 } as const
const DIRECTORY = { signature: 0x02014b50, bytes: 46 } as const
const END = { signature: 0x06054b50, bytes: 22 } as const
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 } as const
const END64 = { signature: 0x06064b50, bytes: 56 } as const
const LONGEST_COMMENT = 0xffff
const EXTRA64 = 1
const ENCRYPTED = 1
// Room for a hundred thousand entries.
const MAX_DIRECTORY = 2 ** 24
const CHUNK = 2 ** 20

/** The uncompressed content of an entry, which is held against its CRC-32 when it has been read from end to end. */
export class ZipEntry {
  readonly name: string
  /** In bytes. */
  readonly size: number
  readonly #source: ByteSource
  readonly #start: number
  readonly #crc: number
  #sum = 0
  #next = 0
  #checked: boolean

  constructor(source: ByteSource, name: string, start: number, size: number, crc: number) {
    this.#source = source
    this.name = name
    this.#start = start
    this.size = size
    this.#crc = crc
    // torch writes 0 when it is set to spare the sum: torch.serialization.set_crc32_options.
    this.#checked = crc === 0
  }

  /** Fills `into` from byte `position` on. Throws `TorchFileError` when the last byte read in order shows damage. */
  read(into: Uint8Array, position: number): void {
    if (position + into.length > this.size) {
      throw new TorchFileError(this.#source.name, entryEnds(this.name, this.size))
    }
    this.#source.read(into, this.#start + position)
    if (position === 0) [this.#sum, this.#next] = [0, 0]
    if (this.#checked || position !== this.#next) return
    this.#sum = crc32(into, this.#sum)
    this.#next += into.length
    if (this.#next < this.size) return
    if (this.#sum !== this.#crc) {
      throw new TorchFileError(this.#source.name, entryDamaged(this.name))
    }
    this.#checked = true
  }

  /** Reads all of the entry for its CRC-32, unless that was done before. */
  check(): void {
    if (this.#checked) return
    const chunk = new Uint8Array(Math.min(CHUNK, this.size))
    for (let at = 0; at < this.size; at += CHUNK) this.read(chunk.subarray(0, this.size - at), at)
  }

  /** The content or a part of it, in a new array. */
  bytes(position = 0, length = this.size): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length)
    this.read(bytes, position)
    return bytes
  }
}

/** The entries of an archive by name. */
export interface ZipArchive {
  readonly names: ReadonlySet<string>
  /** Undefined where there is none of this name. Throws `TorchFileError` where it is compressed or misplaced. */
  readonly open: (name: string) => ZipEntry | undefined
}

interface Listed {
  readonly nameBytes: Uint8Array
  readonly flags: number
  readonly method: number
  readonly size: number
  readonly packed: number
  readonly offset: number
  readonly crc: number
}

/** Reads the directory of a zip archive. Throws `TorchFileError` where the file is cut off or contradicts itself. */
export const readZip = (source: ByteSource): ZipArchive => {
  const fail = (reason: string): never => {
    throw new TorchFileError(source.name, reason)
  }
  const directory = findDirectory(source, fail)
  if (directory.size > MAX_DIRECTORY) {
    return fail(directoryTooLong(directory.size, MAX_DIRECTORY))
  }
  const listed = readDirectory(readBytes(source, directory.start, directory.size), directory.count, fail)
  const opened = new Map<string, ZipEntry>()
  const open = (name: string): ZipEntry | undefined => {
    const entry = listed.get(name)
    if (entry === undefined) return undefined
    const made = opened.get(name) ?? openEntry(source, name, entry, directory.start)
    opened.set(name, made)
    return made
  }
  return { names: new Set(listed.keys()), open }
}

const readDirectory = (
  bytes: Uint8Array<ArrayBuffer>,
  count: number,
  fail: (reason: string) => never,
): ReadonlyMap<string, Listed> => {
  const view = new DataView(bytes.buffer)
  const listed = new Map<string, Listed>()
  let at = 0
  for (let index = 0; index < count; index++) {
    const damaged = (): never => fail(directoryEntryDamaged(index))
    if (at + DIRECTORY.bytes > bytes.length || view.getUint32(at, true) !== DIRECTORY.signature) return damaged()
    const nameEnd = at + DIRECTORY.bytes + view.getUint16(at + 28, true)
    const extraEnd = nameEnd + view.getUint16(at + 30, true)
    const end = extraEnd + view.getUint16(at + 32, true)
    if (end > bytes.length) return damaged()
    const nameBytes = bytes.subarray(at + DIRECTORY.bytes, nameEnd)
    const name = text(nameBytes)
    if (listed.has(name)) return fail(directoryTwice(name))
    listed.set(name, { nameBytes, ...readListed(view, at, nameEnd, extraEnd, damaged) })
    at = end
  }
  return at === bytes.length
    ? listed
    : fail(directorySize(bytes.length, count, at))
}

const openEntry = (source: ByteSource, name: string, entry: Listed, limit: number): ZipEntry => {
  const fail = (reason: string): never => {
    throw new TorchFileError(source.name, about(name, reason))
  }
  if ((entry.flags & ENCRYPTED) !== 0) return fail(encrypted)
  if (entry.method !== 0) return fail(compressed)
  if (entry.packed !== entry.size) return fail(twoSizes)
  const start = startOfData(source, entry, limit, fail)
  return entry.size <= limit - start
    ? new ZipEntry(source, name, start, entry.size, entry.crc)
    : fail(intoDirectory)
}

/** A name as one character a byte, so that no two names read alike. */
const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes)

/** Where the directory is, from the end of the file. */
const findDirectory = (source: ByteSource, fail: (reason: string) => never) => {
  const tail = readTail(source, END.bytes + LONGEST_COMMENT)
  const view = new DataView(tail.buffer)
  let at = tail.length - END.bytes
  const isEnd = (): boolean =>
    view.getUint32(at, true) === END.signature && view.getUint16(at + 20, true) === tail.length - at - END.bytes
  while (at >= 0 && !isEnd()) at--
  if (at < 0) return fail(directoryMissing)
  const narrow = { count: view.getUint16(at + 10, true), size: view.getUint32(at + 12, true) }
  const start = view.getUint32(at + 16, true)
  const end = source.size - tail.length + at
  const found = narrow.count === 0xffff || narrow.size === 0xffffffff || start === 0xffffffff
    ? findDirectory64(source, end, fail)
    : { ...narrow, start, end }
  if (found.start + found.size > found.end) return fail(directoryBeyond)
  return found
}

const findDirectory64 = (source: ByteSource, end: number, fail: (reason: string) => never) => {
  const broken = (): never => fail(end64Missing)
  if (end < LOCATOR64.bytes + END64.bytes) return broken()
  const locator = new DataView(readBytes(source, end - LOCATOR64.bytes, LOCATOR64.bytes).buffer)
  const at = Number(locator.getBigUint64(8, true))
  if (locator.getUint32(0, true) !== LOCATOR64.signature || at > end - LOCATOR64.bytes - END64.bytes) return broken()
  const record = new DataView(readBytes(source, at, END64.bytes).buffer)
  if (record.getUint32(0, true) !== END64.signature) return broken()
  const field = (offset: number): number => Number(record.getBigUint64(offset, true))
  return { count: field(32), size: field(40), start: field(48), end: at }
}

const readTail = (source: ByteSource, length: number): Uint8Array<ArrayBuffer> =>
  readBytes(source, Math.max(0, source.size - length), Math.min(length, source.size))

/** The fields of an entry of the directory; those that 32 bits do not hold are in its zip64 extra field, in this order. */
const readListed = (
  view: DataView,
  at: number,
  extraStart: number,
  extraEnd: number,
  damaged: () => never,
): Omit<Listed, "nameBytes"> => {
  let [next, end] = [0, 0]
  for (let field = extraStart; field + 4 <= extraEnd; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== EXTRA64) continue
    next = field + 4
    end = Math.min(extraEnd, next + view.getUint16(field + 2, true))
    break
  }
  const widen = (value: number): number => {
    if (value !== 0xffffffff) return value
    if (next + 8 > end) return damaged()
    next += 8
    return Number(view.getBigUint64(next - 8, true))
  }
  const size = widen(view.getUint32(at + 24, true))
  const packed = widen(view.getUint32(at + 20, true))
  const offset = widen(view.getUint32(at + 42, true))
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
  return { flags, method, size, packed, offset, crc: view.getUint32(at + 16, true) }
}

/** Where an entry's data starts: behind its local header, which must be of the same name. */
const startOfData = (
  source: ByteSource,
  { nameBytes, offset }: Listed,
  limit: number,
  fail: (reason: string) => never,
): number => {
  const length = LOCAL.bytes + nameBytes.length
  if (offset + length > limit) return fail(noHeader)
  const bytes = readBytes(source, offset, length)
  const view = new DataView(bytes.buffer)
  const same = view.getUint32(0, true) === LOCAL.signature && view.getUint16(26, true) === nameBytes.length
    && nameBytes.every((byte, at) => bytes[LOCAL.bytes + at] === byte)
  if (!same) return fail(otherHeader)
  if (view.getUint16(8, true) !== 0) return fail(compressedHeader)
  return offset + length + view.getUint16(28, true)
}
