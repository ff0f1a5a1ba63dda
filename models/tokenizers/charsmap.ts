import { TokenizerError } from "./errors.ts"
import { charsmapCutOff } from "./messages.ts"

// The bytes of a precompiled charsmap: the size of a double-array trie, its 32-bit units, then the replacements, each
// ended by a zero byte. A unit's bits are as darts-clone writes them: https://github.com/s-yata/darts-clone
const SIZE_BYTES = 4
const HAS_LEAF = 1 << 8
const WIDE_OFFSET = 1 << 9
const LABEL = 0x8000_00ff
const VALUE = 0x7fff_ffff

// A cluster of characters is looked up as a whole if it has fewer bytes than this.
const CLUSTER_BYTES = 6

// What may be in a cluster of several characters; the one before and the one after may belong to it. They are marks,
// joiners and modifiers, Korean letters, and a few letters of India and Thailand.
const JOINING =
  "\\p{M}\\p{Cf}\\p{Grapheme_Extend}\\p{Emoji_Modifier}\\u1100-\\u11ff\\ua960-\\ua97f\\ud7b0-\\ud7ff\\u0d4e\\u0e33\\u0eb3"
  + "\\u{111c2}\\u{111c3}\\u{1193f}\\u{11941}\\u{11a3a}\\u{11a84}-\\u{11a89}\\u{11d46}\\u{11f02}\\u{113d1}"
const CLUSTERED = new RegExp(
  `[^${JOINING}]?[${JOINING}]+(?:[^${JOINING}][${JOINING}]+)*(?:\\r\\n|[^${JOINING}])?|\\r\\n`,
  "gu",
)

const clusters = new Intl.Segmenter("en", { granularity: "grapheme" })

/**
 * The normalizer that a SentencePiece model carries, as Hugging Face's tokenizers apply it: a cluster of characters
 * that is short enough is replaced by what its shortest listed beginning has, else each of its characters is. (The
 * original takes the longest listed beginning at each place; transformers does not.) Throws `TokenizerError`.
 */
export const charsmap = (file: string, bytes: Uint8Array): (text: string) => string => {
  const fail = (): never => {
    throw new TokenizerError(file, charsmapCutOff)
  }
  if (bytes.byteLength < SIZE_BYTES) return fail()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = view.getUint32(0, true)
  if (size % 4 !== 0 || size === 0 || SIZE_BYTES + size > bytes.byteLength) return fail()
  const units = Uint32Array.from({ length: size / 4 }, (_, index) => view.getUint32(SIZE_BYTES + 4 * index, true))
  const replacements = bytes.subarray(SIZE_BYTES + size)

  /** Where the replacement of the shortest listed beginning of `key` starts, or -1. */
  const find = (key: Uint8Array): number => {
    let unit = units[0] ?? 0
    let node = offsetOf(unit)
    for (const byte of key) {
      if (byte === 0) return -1
      node ^= byte
      unit = units[node] ?? 0
      if ((unit & LABEL) !== byte) return -1
      node ^= offsetOf(unit)
      if ((unit & HAS_LEAF) !== 0) return (units[node] ?? 0) & VALUE
    }
    return -1
  }
  const encoder = new TextEncoder()
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  const look = (text: string): string | null => {
    const start = find(encoder.encode(text))
    if (start === -1 || start > replacements.length) return null
    const end = replacements.indexOf(0, start)
    return decoder.decode(replacements.subarray(start, end === -1 ? undefined : end))
  }
  // What each character or cluster becomes, null where it stays; filled as they are met.
  const known = new Map<string, string | null>()
  const replacement = (text: string): string | null => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = look(text)
    known.set(text, made)
    return made
  }
  const changed = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code))
    .filter((character) => replacement(character) !== null)
  const looked = new RegExp(
    `[${changed.map((character) => RegExp.escape(character)).join("")}\\u0080-\\u{10ffff}]`,
    "gu",
  )
  const each = (text: string): string => text.replace(looked, (character) => replacement(character) ?? character)
  const clustered = (text: string): string => {
    let made = ""
    for (const { segment } of clusters.segment(text)) {
      const whole = segment.length < CLUSTER_BYTES && encoder.encode(segment).length < CLUSTER_BYTES
      made += (whole ? replacement(segment) : null) ?? each(segment)
    }
    return made
  }

  return (text) => {
    let made = ""
    let done = 0
    for (const { 0: part, index } of text.matchAll(CLUSTERED)) {
      made += each(text.slice(done, index)) + clustered(part)
      done = index + part.length
    }
    return made + each(text.slice(done))
  }
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & WIDE_OFFSET) >>> 6)
