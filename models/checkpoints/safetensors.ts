import type { Tensor, Weights } from "../architectures/weights.ts"
import { type Shape, sizeOf } from "../ir/shape.ts"
import { SafetensorsError } from "./errors.ts"
import { isObject, parseJson } from "./json.ts"
import {
  about,
  aboutHeader,
  headerClaims,
  headerTooLong,
  noOffsets,
  noShape,
  notObject,
  notStrings,
  otherDtype,
  otherSize,
  pointer,
  startsElsewhere,
  tensorsTake,
  tooFewBytes,
  unknownDtype,
} from "./messages.ts"
import { type ByteSource, bytesSource, isPointer, readBytes } from "./source.ts"
import {
  BYTES_OF,
  checkLength,
  floatPieces,
  isFloat,
  MAX_RANK,
  readFloats,
  type StoredTensor,
  type StoredType,
} from "./stored.ts"

// The format: 8 bytes of little-endian header length, a JSON header, then the data without gaps.
// https://huggingface.co/docs/safetensors

const LENGTH_BYTES = 8
// Room for fifty thousand tensors. The format's own implementation takes 100 MB, whose parsing takes gigabytes.
const MAX_HEADER = 2 ** 23
const METADATA = "__metadata__"
// The header, a tensor, its shape.
const DEPTH = 3

interface Entry {
  readonly name: string
  readonly dtype: StoredType
  readonly shape: Shape
  /** The first byte in the file and the one behind the last. */
  readonly start: number
  readonly end: number
}

/**
 * The tensors of a safetensors file by name, in the order of their data. Throws `SafetensorsError` for any header that
 * is malformed, overlaps, leaves a gap or does not fill the file.
 */
export const openSafetensors = (source: ByteSource): ReadonlyMap<string, StoredTensor> =>
  new Map(
    readHeader(source).map((entry): [string, StoredTensor] => {
      const { name, dtype, shape } = entry
      const read = (into: Float32Array): void => readEntry(source, entry, into)
      const pieces = (): Iterable<Float32Array> =>
        floatPieces(requireFloat(source.name, entry), sizeOf(shape), bytesOf(source, entry))
      return [name, { name, dtype, shape, file: source.name, read, pieces }]
    }),
  )

/**
 * Reads all tensors of a safetensors file in memory: float32 as views of `bytes` (a copy only where the data is not
 * 4-byte aligned), float16 and bfloat16 as float32 copies. Throws `SafetensorsError` as `openSafetensors` does, and for
 * any other dtype. `file` is the name in messages.
 */
export const readSafetensors = (bytes: Uint8Array, file = "model.safetensors"): Weights => {
  const source = bytesSource(file, bytes)
  return new Map(
    readHeader(source).map((entry): [string, Tensor] => {
      const { name, dtype, shape, start } = entry
      const elements = sizeOf(shape)
      if (dtype === "F32" && (bytes.byteOffset + start) % 4 === 0) {
        return [name, { shape, data: new Float32Array(bytes.buffer, bytes.byteOffset + start, elements) }]
      }
      requireFloat(file, entry)
      const data = new Float32Array(elements)
      readEntry(source, entry, data)
      return [name, { shape, data }]
    }),
  )
}

const readEntry = (source: ByteSource, entry: Entry, into: Float32Array): void => {
  checkLength(entry.name, entry.shape, into)
  readFloats(requireFloat(source.name, entry), into, bytesOf(source, entry))
}

const bytesOf = (source: ByteSource, { start }: Entry) => (bytes: Uint8Array, offset: number): void =>
  source.read(bytes, start + offset)

const requireFloat = (file: string, { name, dtype }: Entry): "F32" | "F16" | "BF16" => {
  if (isFloat(dtype)) return dtype
  throw new SafetensorsError(file, otherDtype(name, dtype))
}

/** The tensors that the header names, in the order of their data. */
const readHeader = (source: ByteSource): readonly Entry[] => {
  const fail = (reason: string): never => {
    throw new SafetensorsError(source.name, reason)
  }
  if (isPointer(source)) return fail(pointer)
  if (source.size < LENGTH_BYTES) return fail(tooFewBytes(source.size))
  const length = new DataView(readBytes(source, 0, LENGTH_BYTES).buffer).getBigUint64(0, true)
  if (length > BigInt(source.size - LENGTH_BYTES)) {
    return fail(headerClaims(String(length), source.size))
  }
  if (length > BigInt(MAX_HEADER)) return fail(headerTooLong(String(length), MAX_HEADER))
  const dataStart = LENGTH_BYTES + Number(length)
  const entries = parseEntries(readBytes(source, LENGTH_BYTES, Number(length)), fail)
    .sort((a, b) => a.start - b.start || a.end - b.end)
  let position = 0
  for (const { name, start, end } of entries) {
    if (start !== position) {
      fail(startsElsewhere(name, start, position))
    }
    position = end
  }
  const size = source.size - dataStart
  if (position !== size) return fail(tensorsTake(position, size))
  return entries.map((entry) => {
    return { ...entry, start: dataStart + entry.start, end: dataStart + entry.end }
  })
}

const parseEntries = (bytes: Uint8Array, fail: (reason: string) => never): Entry[] => {
  const header = parseJson(bytes, DEPTH, (reason) => fail(aboutHeader(reason)))
  if (!isObject(header)) return fail(aboutHeader(notObject))
  return Object.entries(header).flatMap(([name, value]) => {
    if (name !== METADATA) return [parseEntry(name, value, (reason) => fail(about(name, reason)))]
    if (isObject(value) && Object.values(value).every((text) => typeof text === "string")) return []
    return fail(notStrings(METADATA))
  })
}

const parseEntry = (name: string, value: unknown, fail: (reason: string) => never): Entry => {
  if (!isObject(value)) return fail(notObject)
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== "string" || !isStored(dtype)) {
    return fail(unknownDtype(typeof dtype === "string" ? dtype : null))
  }
  if (!naturals(shape) || shape.length > MAX_RANK) return fail(noShape)
  if (!naturals(offsets) || offsets.length !== 2) return fail(noOffsets)
  const [start = 0, end = 0] = offsets
  const size = sizeOf(shape) * BYTES_OF[dtype]
  if (end - start !== size) {
    return fail(otherSize(shape, size, end - start))
  }
  return { name, dtype, shape, start, end }
}

const isStored = (dtype: string): dtype is StoredType => Object.hasOwn(BYTES_OF, dtype)

const naturals = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
