import { promisify } from "node:util"
import { constants, zstdCompress, zstdDecompress } from "node:zlib"
import { type Digest, digestOf } from "../../base/digest.ts"

/** A file of a store as it stands in a pack: its kind, its name there, and its text. */
export interface Packed {
  readonly kind: PackedKind
  readonly name: string
  readonly text: string
}

/**
 * Records; the code that they name; what was accepted for them, and what was released of them. "withdrawn" is named by the
 * sha256 of the text of something accepted that was taken back, and has no text of its own: whatever pack holds that text
 * besides, it does not count.
 */
export type PackedKind = (typeof kinds)[number]
const kinds = ["record", "code", "accepted", "released", "withdrawn"] as const

/** So many bytes of lines a pack has at most, but for a single file that is larger. */
export const MOST_TEXT = 32 << 20

/** No pack is larger, in bytes; and none has more bytes of lines. */
export const MOST_PACK = 64 << 20
export const MOST_UNPACKED = 128 << 20

/** A pack has no more files. */
export const MOST_FILES = 1 << 16

/** Records are much alike: a window over all of them makes a pack half as large. */
const params = {
  [constants.ZSTD_c_compressionLevel]: 9,
  [constants.ZSTD_c_windowLog]: 25,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1,
}

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

const lineOf = ({ kind, name, text }: Packed): string => `${JSON.stringify([kind, name, text])}\n`

/** The bytes of a pack: a line of JSON for each file, compressed by zstd. */
export const packOf = (files: ReadonlyArray<Packed>): Promise<Buffer> =>
  compress(files.map(lineOf).join(""), { params })

/** Packs are small, and what becomes of one may be large: one at a time is taken apart. */
let before: Promise<unknown> = Promise.resolve()

/**
 * The files in a pack; undefined where it is none. What a file says is for it to prove; one of a kind that this version
 * does not know is left out.
 */
export const filesOf = (pack: Uint8Array): Promise<ReadonlyArray<Packed> | undefined> => {
  const files = before.then(() => takenApart(pack)).catch(() => undefined)
  before = files
  return files
}

const takenApart = async (pack: Uint8Array): Promise<ReadonlyArray<Packed>> => {
  const bytes = await decompress(pack, {
    maxOutputLength: MOST_UNPACKED,
    params: { [constants.ZSTD_d_windowLogMax]: 27 },
  })
  const files: Array<Packed> = []
  for (let [at, lines] = [0, 1]; at < bytes.length; lines++) {
    if (lines > MOST_FILES) throw new Error(`a pack has no more than ${MOST_FILES} lines`)
    const newline = bytes.indexOf(10, at)
    const end = newline === -1 ? bytes.length : newline
    const file = packedIn(bytes.toString("utf8", at, end))
    if (file !== undefined) files.push(file)
    at = end + 1
  }
  return files
}

/** What a line begins with: the kind of the file and its name. */
const beginning = /^\["([a-z]{1,32})","([^"\\]{1,200})",(?=")/u

/** The file of a line; undefined where its kind is not known. Throws where it is no line of a pack. */
const packedIn = (line: string): Packed | undefined => {
  const [begins, named, name] = beginning.exec(line.slice(0, 300)) ?? []
  if (begins === undefined || name === undefined || !line.endsWith("\"]")) throw new Error("it is no line of a pack")
  const kind = kinds.find((each) => each === named)
  if (kind === undefined) return undefined
  // It begins with a quotation mark: it is one text, or none.
  const text: unknown = JSON.parse(line.slice(begins.length, -1))
  return typeof text === "string" ? { kind, name, text } : undefined
}

/**
 * The files of many packs as those of one, without what was taken back: what one of them says of that, or `isWithdrawn`,
 * holds for all, in whatever order they come. Of what else has one name the first counts; but each text that was accepted
 * for a key stays, since any of them may be the one that is taken back later.
 */
export const merged = (
  files: ReadonlyArray<Packed>,
  isWithdrawn: (text: Digest) => boolean,
): ReadonlyArray<Packed> => {
  const withdrawn = new Set(files.flatMap(({ kind, name }) => (kind === "withdrawn" ? [name] : [])))
  const all = new Map<string, Packed>()
  for (const file of files) {
    const text = file.kind === "accepted" ? digestOf(file.text) : undefined
    if (text !== undefined && (withdrawn.has(text) || isWithdrawn(text))) continue
    const name = `${file.kind} ${file.name} ${text ?? ""}`
    if (!all.has(name)) all.set(name, file)
  }
  return [...all.values()]
}

/** Files in lots of which each makes one pack. */
export const lotsOf = (files: ReadonlyArray<Packed>): ReadonlyArray<ReadonlyArray<Packed>> => {
  const lots: Array<Array<Packed>> = []
  let [lot, size]: [Array<Packed>, number] = [[], 0]
  for (const file of files) {
    const bytes = Buffer.byteLength(lineOf(file))
    // Nobody would read it: its record is found by itself.
    if (bytes > MOST_UNPACKED) continue
    if (lot.length === MOST_FILES || (lot.length > 0 && size + bytes > MOST_TEXT)) {
      lots.push(lot)
      lot = []
      size = 0
    }
    lot.push(file)
    size += bytes
  }
  if (lot.length > 0) lots.push(lot)
  return lots
}
