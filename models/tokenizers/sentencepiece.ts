import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import { TokenizerError } from "./errors.ts"
import { isNumber, noPieces } from "./messages.ts"

/** The kinds of pieces; the numbers are the format's. */
export const PIECE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

const MODELS: readonly string[] = ["", "unigram", "bpe", "word", "char"]

export interface Piece {
  readonly text: string
  readonly score: number
  readonly type: number
}

/** What redag reads of a SentencePiece model; fields that a file leaves out have the format's defaults. */
export interface SentencePieceModel {
  readonly pieces: readonly Piece[]
  readonly model: string
  readonly unknownId: number
  readonly byteFallback: boolean
  readonly charsmap: Uint8Array
  readonly addDummyPrefix: boolean
  readonly removeExtraWhitespaces: boolean
  readonly escapeWhitespaces: boolean
}

/** The values of a message's fields: of one that is repeated all, in order. */
type Message = ReadonlyMap<number, readonly (bigint | number | Uint8Array)[]>

/**
 * Reads a `.model` file. The format:
 * https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
 */
export const readSentencePiece = (file: string, bytes: Uint8Array): SentencePieceModel => {
  const model = readMessage(bytes)
  const pieces = (model.get(1) ?? []).map((each, index): Piece => {
    const piece = readMessage(asBytes(file, `piece ${index}`, each))
    const score = piece.get(2)?.at(-1) ?? 0
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        asBytes(file, `piece ${index}`, piece.get(1)?.at(-1) ?? new Uint8Array()),
      ),
      score: typeof score === "number" ? score : Number.NaN,
      type: asNumber(piece, 3, PIECE.normal),
    }
  })
  if (pieces.length === 0) throw new TokenizerError(file, noPieces)
  const trainer = readMessage(asBytes(file, "trainer_spec", model.get(2)?.at(-1) ?? new Uint8Array()))
  const normalizer = readMessage(asBytes(file, "normalizer_spec", model.get(3)?.at(-1) ?? new Uint8Array()))
  return {
    pieces,
    model: MODELS[asNumber(trainer, 3, 1)] ?? "unknown",
    unknownId: asNumber(trainer, 40, 0),
    byteFallback: asNumber(trainer, 35, 0) !== 0,
    charsmap: asBytes(file, "precompiled_charsmap", normalizer.get(2)?.at(-1) ?? new Uint8Array()),
    addDummyPrefix: asNumber(normalizer, 3, 1) !== 0,
    removeExtraWhitespaces: asNumber(normalizer, 4, 1) !== 0,
    escapeWhitespaces: asNumber(normalizer, 5, 1) !== 0,
  }
}

const readMessage = (bytes: Uint8Array): Message => {
  const reader = new BinaryReader(bytes)
  const fields = new Map<number, (bigint | number | Uint8Array)[]>()
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    const values = fields.get(field) ?? []
    if (values.length === 0) fields.set(field, values)
    if (type === WireType.Varint) values.push(BigInt(reader.int64()))
    else if (type === WireType.Bit32) values.push(reader.float())
    else if (type === WireType.LengthDelimited) values.push(reader.bytes())
    else reader.skip(type, field)
  }
  return fields
}

const asNumber = (message: Message, field: number, otherwise: number): number => {
  const value = message.get(field)?.at(-1) ?? otherwise
  return typeof value === "object" ? Number.NaN : Number(value)
}

const asBytes = (file: string, what: string, value: bigint | number | Uint8Array): Uint8Array => {
  if (value instanceof Uint8Array) return value
  throw new TokenizerError(file, isNumber(what))
}
