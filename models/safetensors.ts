import type { Tensor, Weights } from "./weights.ts"

// The format: 8 bytes of little-endian header length, a JSON header, then the data without gaps.
// https://huggingface.co/docs/safetensors

/** Bytes that are not a safetensors file redag can read. */
export class SafetensorsError extends Error {
  readonly _tag = "SafetensorsError"
  readonly reason: string

  constructor(reason: string) {
    super(`safetensors: ${reason}`)
    this.reason = reason
  }
}

const LENGTH_BYTES = 8
// The limit of the format's own implementation.
const MAX_HEADER = 100_000_000
const METADATA = "__metadata__"

const fail = (reason: string): never => {
  throw new SafetensorsError(reason)
}

interface Entry {
  readonly name: string
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/**
 * Reads float32 tensors as views of `bytes` (a copy only where the data is not 4-byte aligned in memory). Throws
 * `SafetensorsError` for any header that is malformed, overlaps, leaves a gap or does not fill the file.
 */
export const readSafetensors = (bytes: Uint8Array): Weights => {
  if (bytes.byteLength < LENGTH_BYTES) return fail(`${bytes.byteLength} bytes are too few for a header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getBigUint64(0, true)
  if (length > BigInt(Math.min(MAX_HEADER, bytes.byteLength - LENGTH_BYTES))) {
    return fail(`the header claims ${length} bytes of a file of ${bytes.byteLength}`)
  }
  const dataStart = LENGTH_BYTES + Number(length)
  const entries = readHeader(bytes.subarray(LENGTH_BYTES, dataStart)).sort((a, b) => a.start - b.start || a.end - b.end)
  let position = 0
  for (const { name, start, end } of entries) {
    if (start !== position) fail(`${name} starts at ${start}, not at ${position} where the data before it ends`)
    position = end
  }
  const size = bytes.byteLength - dataStart
  if (position !== size) return fail(`the tensors take ${position} bytes and the file holds ${size}`)
  return new Map(entries.map(({ name, shape, start, end }): [string, Tensor] => {
    const offset = bytes.byteOffset + dataStart + start
    const data = offset % 4 === 0
      ? new Float32Array(bytes.buffer, offset, (end - start) / 4)
      : new Float32Array(bytes.slice(dataStart + start, dataStart + end).buffer)
    return [name, { shape, data }]
  }))
}

const readHeader = (bytes: Uint8Array): Entry[] => {
  const header = parse(bytes)
  if (typeof header !== "object" || header === null || Array.isArray(header)) return fail("the header is not an object")
  return Object.entries(header).flatMap(([name, value]: [string, unknown]) => {
    if (name === METADATA) return []
    return [readEntry(name, value)]
  })
}

const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    return fail("the header is not JSON")
  }
}

const readEntry = (name: string, value: unknown): Entry => {
  if (typeof value !== "object" || value === null) return fail(`${name} is not an object`)
  const { dtype, shape, data_offsets: offsets } = value as Readonly<Record<string, unknown>>
  if (dtype !== "F32") return fail(`${name} has dtype ${JSON.stringify(dtype)}; only F32 is read`)
  if (!naturals(shape)) return fail(`${name} has no valid shape`)
  if (!naturals(offsets) || offsets.length !== 2) return fail(`${name} has no valid data_offsets`)
  const [start = 0, end = 0] = offsets
  const size = shape.reduce((product, dim) => product * dim, 4)
  if (end - start !== size) return fail(`${name} of shape [${shape.join(",")}] takes ${size} bytes, not ${end - start}`)
  return { name, shape, start, end }
}

const naturals = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)

/**
 * Writes tensors in the order of their names after a header padded with spaces to a multiple of 8 bytes: the same
 * tensors always give the same bytes.
 */
export const writeSafetensors = (weights: Weights, metadata: Readonly<Record<string, string>> = {}): Uint8Array => {
  const names = [...weights.keys()].sort((a, b) => a < b ? -1 : 1)
  const header: Record<string, unknown> = {}
  const keys = Object.keys(metadata).sort((a, b) => a < b ? -1 : 1)
  if (keys.length > 0) header[METADATA] = Object.fromEntries(keys.map((key) => [key, metadata[key]]))
  let position = 0
  for (const name of names) {
    const tensor = weights.get(name)
    if (tensor === undefined) continue
    const end = position + tensor.data.byteLength
    header[name] = { dtype: "F32", shape: tensor.shape, data_offsets: [position, end] }
    position = end
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(LENGTH_BYTES + padded + position)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true)
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + padded)
  bytes.set(json, LENGTH_BYTES)
  let at = LENGTH_BYTES + padded
  for (const name of names) {
    const data = weights.get(name)?.data
    if (data === undefined) continue
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}
