import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Tensor, Weights } from "../../../models/architectures/weights.ts"
import { SafetensorsError } from "../../../models/checkpoints/errors.ts"
import { safetensorsPieces, writeSafetensors } from "../../../models/checkpoints/safetensors-writer.ts"
import { readSafetensors } from "../../../models/checkpoints/safetensors.ts"
import { bfloat16, float16, openOne, reference, referencePath, valuesOf, withHeader } from "./support.ts"

const sample: Weights = new Map([
  ["b.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ["a.bias", { shape: [], data: Float32Array.of(-0.5) }],
  ["none", { shape: [0, 4], data: new Float32Array() }],
])

/** Tensors by name, whatever their order. */
const byName = (weights: Weights): Readonly<Record<string, Tensor>> => Object.fromEntries(weights)

const open = (file: string | Uint8Array) => openOne("model.safetensors", file)

/** Every pattern of 16 bits as one tensor. */
const allBits = (dtype: string): Uint8Array => {
  const bytes = withHeader({ all: { dtype, shape: [256, 256], data_offsets: [0, 131072] } }, 131072)
  const data = new DataView(bytes.buffer, bytes.length - 131072)
  for (let bits = 0; bits < 65536; bits++) data.setUint16(2 * bits, bits, true)
  return bytes
}

describe("writing safetensors", () => {
  it("gives what is read again", () => {
    assert.deepStrictEqual(byName(readSafetensors(writeSafetensors(sample, { format: "pt" }))), byName(sample))
  })

  it("gives the same bytes in whatever order the tensors come", () => {
    const reversed = new Map([...sample].toReversed())
    assert.deepStrictEqual(writeSafetensors(reversed, { b: "2", a: "1" }), writeSafetensors(sample, { a: "1", b: "2" }))
  })

  it("gives the bytes of the committed models again", () => {
    const folder = join(import.meta.dirname, "../../../bundled/models")
    const models = globSync("**/model.safetensors", { cwd: folder })
    assert.isNotEmpty(models)
    for (const model of models) {
      const bytes = readFileSync(join(folder, model))
      assert.isTrue(bytes.equals(writeSafetensors(readSafetensors(bytes), { format: "pt" })), model)
    }
  })

  it("gives pieces that are views of the tensors, and their size", () => {
    const { size, pieces } = safetensorsPieces(sample, { format: "pt" })
    assert.deepStrictEqual(new Uint8Array(Buffer.concat(pieces)), writeSafetensors(sample, { format: "pt" }))
    assert.strictEqual(size, pieces.reduce((total, piece) => total + piece.length, 0))
    const memory = new Set<ArrayBufferLike>([...sample.values()].map(({ data }) => data.buffer))
    assert.isTrue(pieces.slice(1).every(({ buffer }) => memory.has(buffer)))
  })

  it("keeps a tensor of any name", () => {
    const odd: Weights = new Map(
      ["__proto__", "7", "ü\n\"", ""].map((name) => [name, { shape: [1], data: Float32Array.of(2) }]),
    )
    assert.deepStrictEqual([...readSafetensors(writeSafetensors(odd)).keys()].sort(), [...odd.keys()].sort())
  })
})

describe("reading safetensors in memory", () => {
  it("gives views, not copies", () => {
    const bytes = writeSafetensors(sample)
    for (const { data } of readSafetensors(bytes).values()) assert.strictEqual(data.buffer, bytes.buffer)
  })

  it("copies where the file lies unaligned in memory", () => {
    const bytes = writeSafetensors(sample)
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)
    assert.deepStrictEqual(byName(readSafetensors(shifted.subarray(1))), byName(sample))
  })

  it("refuses integers", () => {
    assert.throws(() => readSafetensors(reference("state.safetensors")), SafetensorsError, /dtype (?:I64|BOOL|F64)/u)
  })
})

describe("reading safetensors by position", () => {
  it("gives the values that PyTorch gives for every float dtype, from a file and from memory", () => {
    const expected = readSafetensors(reference("state.float32.safetensors"))
    for (const file of [referencePath("state.safetensors"), reference("state.safetensors")]) {
      const tensors = open(file)
      for (const [name, { shape, data }] of expected) {
        assert.deepStrictEqual(tensors.get(name)?.shape, shape, name)
        assert.deepStrictEqual(valuesOf(tensors.get(name)), data, name)
      }
    }
  })

  it("lists integers and booleans, which only reading refuses", () => {
    const tensors = open(referencePath("state.safetensors"))
    const { name, dtype, shape } = tensors.get("position_ids") ?? {}
    assert.deepStrictEqual({ name, dtype, shape }, { name: "position_ids", dtype: "I64", shape: [1, 5] })
    assert.strictEqual(tensors.get("masked")?.dtype, "BOOL")
    for (const name of ["position_ids", "masked", "double"]) {
      assert.throws(
        () => valuesOf(tensors.get(name)),
        SafetensorsError,
        new RegExp(`^model.safetensors: ${name} has dtype`, "u"),
      )
    }
  })

  it("widens every pattern of 16 bits", () => {
    for (const [dtype, value] of [["F16", float16], ["BF16", bfloat16]] as const) {
      const values = valuesOf(open(allBits(dtype)).get("all"))
      assert.deepStrictEqual(values, Float32Array.from(values, (_, bits) => value(bits)), dtype)
    }
  })

  it("widens tensors of more than one chunk", () => {
    const count = 700_001
    const bytes = withHeader({ long: { dtype: "F16", shape: [count], data_offsets: [0, 2 * count] } }, 2 * count)
    const data = new DataView(bytes.buffer, bytes.length - 2 * count)
    const expected = Float32Array.from({ length: count }, (_, index) => float16(data.getUint16(2 * index, true)))
    assert.deepStrictEqual(valuesOf(open(bytes).get("long")), expected)
  })

  it("refuses an array of another length", () => {
    assert.throws(
      () => open(writeSafetensors(sample)).get("b.weight")?.read(new Float32Array(5)),
      RangeError,
      /6 elements/u,
    )
  })
})

const f32 = (shape: readonly number[], start: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
})

const malformed: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "an empty file": [new Uint8Array(), /0 bytes are too few/u],
  "a header longer than the file": [withHeader("{}", 0).subarray(0, 9), /claims 2 bytes of a file of 9/u],
  "a header of 2⁶³ bytes": [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125), /claims 9223372036854775808/u],
  "a header of 9 MiB": [withHeader(" ".repeat(9 * 2 ** 20), 0), /is longer than 8388608/u],
  "a header that is not JSON": [withHeader("{", 0), /header is not JSON/u],
  "a header that is not UTF-8": [withHeader({ a: f32([1], 0, 4) }, 4).fill(0xff, 10, 11), /header is not UTF-8/u],
  "a header that is an array": [withHeader("[]", 0), /not an object/u],
  "a header nested without end": [withHeader("[".repeat(1_000_000), 0), /nested deeper than 3/u],
  "a name that stands twice": [
    withHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"\\u0061\" :{}}", 4),
    /the key "a" twice/u,
  ],
  "a field that stands twice": [
    withHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4),
    /the key "shape" twice/u,
  ],
  "metadata that are not strings": [withHeader({ __metadata__: { format: 1 } }, 0), /__metadata__ is not/u],
  "a tensor that is null": [withHeader({ a: null }, 0), /a is not an object/u],
  "a dtype that nobody has": [withHeader({ a: { ...f32([1], 0, 4), dtype: "F31" } }, 4), /a has the dtype F31/u],
  "no dtype": [withHeader({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /a has the dtype of no text/u],
  "a dtype that every object has": [withHeader({ a: { ...f32([1], 0, 4), dtype: "toString" } }, 4), /dtype toString/u],
  "a negative dimension": [withHeader({ a: f32([-1], 0, 4) }, 4), /a has no valid shape/u],
  "a broken dimension": [withHeader({ a: f32([0.5], 0, 2) }, 2), /a has no valid shape/u],
  "dimensions beyond counting": [withHeader({ a: f32([2 ** 52, 2 ** 52], 0, 4) }, 4), /not 4$/u],
  "a thousand dimensions": [
    withHeader({ a: f32(Array.from({ length: 1000 }, () => 1), 0, 4) }, 4),
    /a has no valid shape/u,
  ],
  "three offsets": [withHeader({ a: { ...f32([1], 0, 4), data_offsets: [0, 4, 8] } }, 4), /no valid data_offsets/u],
  "offsets that contradict the shape": [withHeader({ a: f32([2], 0, 4) }, 4), /a of shape \[2\] takes 8 bytes, not 4/u],
  "offsets that run backwards": [withHeader({ a: f32([1], 8, 4) }, 8), /takes 4 bytes, not -4/u],
  "offsets beyond the file": [withHeader({ a: f32([2], 0, 8) }, 4), /take 8 bytes and the file holds 4/u],
  "a gap": [withHeader({ a: f32([1], 4, 8) }, 8), /a starts at 4, not at 0/u],
  "overlapping tensors": [withHeader({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), /b starts at 0, not at 4/u],
  "data after the last tensor": [withHeader({ a: f32([1], 0, 4) }, 9), /take 4 bytes and the file holds 9/u],
  "a Git LFS pointer": [
    new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"),
    /Git LFS pointer.*git lfs pull/u,
  ],
}

describe("safetensors that are refused", () => {
  for (const [name, [bytes, reason]] of Object.entries(malformed)) {
    it(name, () => {
      assert.throws(() => open(bytes), SafetensorsError, reason)
      assert.throws(() => readSafetensors(bytes, "x.safetensors"), SafetensorsError, /^x\.safetensors: /u)
    })
  }

  it("names of any length and kind, in a message of one short line", () => {
    try {
      open(withHeader({ [`\n${"x".repeat(1e6)}`]: null }, 0))
      assert.fail("accepted")
    } catch (error) {
      assert.instanceOf(error, SafetensorsError)
      assert.match(error.message, /^model\.safetensors: "\\nx{99}…" is not an object$/u)
    }
  })

  it("a file cut off anywhere", () => {
    const bytes = reference("state.safetensors")
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => open(bytes.subarray(0, length)), SafetensorsError)
    }
  })
})
