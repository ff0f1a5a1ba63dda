import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Description } from "../../../models/architectures/architecture.ts"
import { openWeights } from "../../../models/checkpoints/files.ts"
import type { StoredTensor } from "../../../models/checkpoints/stored.ts"
import { checkWeights as checks } from "../../../models/checkpoints/weights.ts"
import type { Random } from "../../../models/kernels/random.ts"

/** Checks weights to the end. */
export const checkWeights = (files: ReadonlyMap<string, string>, description: Description): void => {
  for (const _ of checks(files, description));
}

/** The path of a file that reference/make.py made. */
export const referencePath = (name: string): string => join(import.meta.dirname, "reference", name)

/** Its bytes. */
export const reference = (name: string): Uint8Array => new Uint8Array(readFileSync(referencePath(name)))

/** All values of a tensor. */
export const valuesOf = (tensor: StoredTensor | undefined): Float32Array => {
  if (tensor === undefined) throw new Error("there is no such tensor")
  // Not zero, so that values that are not read show.
  const values = new Float32Array(tensor.shape.reduce((product, dim) => product * dim, 1)).fill(-12345)
  tensor.read(values)
  return values
}

/** The tensors of one weight file in memory or at a path, by the name that it is found under. */
export const openOne = (name: string, file: string | Uint8Array): ReadonlyMap<string, StoredTensor> =>
  openWeights(new Map([[name, file]])).tensors

/** A safetensors file with a given header and so many bytes of data, which count up. */
export const withHeader = (header: string | object, data: number): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  for (let index = 0; index < data; index++) bytes[8 + json.length + index] = index
  return bytes
}

/** What a 16-bit float stands for, by its definition: sign, exponent, fraction. */
export const float16 = (bits: number): number => {
  const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** What a bfloat16 stands for. */
export const bfloat16 = (bits: number): number => {
  const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 7) & 255, bits & 127]
  if (exponent === 255) return fraction === 0 ? sign * Infinity : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -133 : sign * (128 + fraction) * 2 ** (exponent - 134)
}

/**
 * One random change, now and then up to three, mostly before byte `hot`: a byte set, flipped, counted up or down or made
 * a digit, a part cut out, doubled or copied elsewhere, the end cut off.
 */
export const mutated = (original: Uint8Array, hot: number, random: Random): Uint8Array => {
  let bytes = original.slice()
  const below = (limit: number): number => Math.floor(random.uniform() * limit)
  const changes = random.uniform() < 0.7 ? 1 : 2 + below(2)
  for (let change = 0; change < changes; change++) {
    const at = below(random.uniform() < 0.8 ? Math.min(hot, bytes.length) : bytes.length)
    const length = 1 + below(12)
    const part = bytes.slice(at, at + length)
    const old = bytes[at] ?? 0
    const kind = below(8)
    if (kind === 0) bytes[at] = random.bits()
    else if (kind === 1) bytes[at] = old ^ (1 << below(8))
    else if (kind === 2) bytes[at] = old + (random.uniform() < 0.5 ? 1 : -1)
    else if (kind === 3) bytes[at] = 48 + below(10)
    else if (kind === 4) bytes = Uint8Array.from([...bytes.slice(0, at), ...part, ...bytes.slice(at)])
    else if (kind === 5) bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + length)])
    else if (kind === 6) bytes.set(part, below(Math.max(1, bytes.length - length)))
    else bytes = bytes.slice(0, below(bytes.length))
  }
  return bytes
}
