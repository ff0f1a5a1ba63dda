import type { Weights } from "../architectures/weights.ts"

/** A file in pieces, so that it can be written without standing in memory a second time. */
export interface SafetensorsPieces {
  /** In bytes. */
  readonly size: number
  /** The header, then each tensor's bytes, which are views of its data. */
  readonly pieces: readonly Uint8Array[]
}

const LENGTH_BYTES = 8

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort((a, b) => a < b ? -1 : 1)

/**
 * A safetensors file of the tensors as float32, in the order of their names after a header padded with spaces to a
 * multiple of 8 bytes: the same tensors always give the same bytes.
 */
export const safetensorsPieces = (
  weights: Weights,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsPieces => {
  // No prototype: a tensor may be called __proto__.
  const header = Object.create(null) as Record<string, unknown>
  const keys = sorted(Object.keys(metadata))
  if (keys.length > 0) header["__metadata__"] = Object.fromEntries(keys.map((key) => [key, metadata[key]]))
  const data: Uint8Array[] = []
  let position = 0
  for (const name of sorted(weights.keys())) {
    const tensor = weights.get(name)
    if (tensor === undefined) continue
    const { buffer, byteOffset, byteLength } = tensor.data
    header[name] = { dtype: "F32", shape: tensor.shape, data_offsets: [position, position + byteLength] }
    data.push(new Uint8Array(buffer, byteOffset, byteLength))
    position += byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(json.length / 8) * 8
  const head = new Uint8Array(LENGTH_BYTES + padded).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(json, LENGTH_BYTES)
  return { size: head.length + position, pieces: [head, ...data] }
}

/** The bytes of `safetensorsPieces` in one array. */
export const writeSafetensors = (weights: Weights, metadata: Readonly<Record<string, string>> = {}): Uint8Array => {
  const { size, pieces } = safetensorsPieces(weights, metadata)
  const bytes = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
