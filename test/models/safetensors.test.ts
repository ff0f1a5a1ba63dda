import { assert, describe, it } from "@effect/vitest"
import { Random } from "../../models/random.ts"
import { readSafetensors, SafetensorsError, writeSafetensors } from "../../models/safetensors.ts"
import type { Tensor, Weights } from "../../models/weights.ts"
import { referenceBytes } from "./support.ts"

const sample: Weights = new Map([
  ["b.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ["a.bias", { shape: [], data: Float32Array.of(-0.5) }],
  ["none", { shape: [0, 4], data: new Float32Array() }],
])

/** Tensors by name, whatever their order. */
const byName = (weights: Weights): Readonly<Record<string, Tensor>> => Object.fromEntries(weights)

/** A file with a given header and so many bytes of data. */
const file = (header: string, data: number): Uint8Array => {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + data)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

describe("safetensors", () => {
  it("reads what it wrote", () => {
    const read = readSafetensors(writeSafetensors(sample, { format: "pt" }))
    assert.deepStrictEqual(byName(read), byName(sample))
  })

  it("writes the same bytes in whatever order the tensors come", () => {
    const reversed = new Map([...sample].toReversed())
    assert.deepStrictEqual(writeSafetensors(reversed, { b: "2", a: "1" }), writeSafetensors(sample, { a: "1", b: "2" }))
  })

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

  it("reads the file of Python's safetensors, and writes its tensors as sorted bytes", () => {
    const bytes = referenceBytes("t5_relu_tied.safetensors")
    const weights = readSafetensors(bytes)
    assert.deepStrictEqual(weights.get("shared.weight")?.shape, [48, 16])
    assert.deepStrictEqual(byName(readSafetensors(writeSafetensors(weights))), byName(weights))
  })

  const malformed: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    "an empty file": [new Uint8Array(), /too few/u],
    "a header longer than the file": [file("{}", 0).subarray(0, 9), /claims 2 bytes of a file of 9/u],
    "a header of 2⁶³ bytes": [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125), /claims 9223372036854775808/u],
    "a header that is not JSON": [file("{", 0), /not JSON/u],
    "a header that is an array": [file("[]", 0), /not an object/u],
    "a tensor that is null": [file("{\"a\":null}", 0), /a is not an object/u],
    "another dtype": [file("{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8), /dtype "I64"/u],
    "a negative dimension": [
      file("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4),
      /no valid shape/u,
    ],
    "offsets that contradict the shape": [
      file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4),
      /takes 8 bytes, not 4/u,
    ],
    "offsets beyond the file": [
      file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4),
      /take 8 bytes and the file holds 4/u,
    ],
    "a gap": [file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8), /starts at 4, not at 0/u],
    "overlapping tensors": [
      file(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        4,
      ),
      /b starts at 0, not at 4/u,
    ],
    "data after the last tensor": [
      file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 9),
      /take 4 bytes and the file holds 9/u,
    ],
  }
  for (const [name, [bytes, reason]] of Object.entries(malformed)) {
    it(`refuses ${name}`, () => {
      assert.throws(() => readSafetensors(bytes), SafetensorsError, reason)
    })
  }

  it("takes 1000 random mutations as an error or as tensors that fill the file", () => {
    const original = writeSafetensors(sample, { format: "pt" })
    const headerEnd = 8 + Number(new DataView(original.buffer).getBigUint64(0, true))
    const random = new Random(11)
    let refused = 0
    for (let round = 0; round < 1000; round++) {
      let bytes: Uint8Array = original.slice()
      for (let change = 0; change <= round % 3; change++) {
        // Mostly in the header, where a change can do harm.
        const range = round % 5 === 0 ? bytes.length : headerEnd
        bytes[Math.floor(random.uniform() * range)] = round % 2 === 0
          ? random.bits()
          : 48 + Math.floor(random.uniform() * 10)
      }
      if (round % 7 === 0) bytes = bytes.subarray(0, Math.floor(random.uniform() * bytes.length))
      try {
        let total = 0
        for (const { shape, data } of readSafetensors(bytes).values()) {
          assert.strictEqual(data.length, shape.reduce((product, dim) => product * dim, 1))
          total += data.byteLength
        }
        assert.strictEqual(
          total,
          bytes.length - 8 - Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)),
        )
      } catch (error) {
        assert.instanceOf(error, SafetensorsError, `round ${round}`)
        refused += 1
      }
    }
    assert.isAbove(refused, 200)
  })
})
