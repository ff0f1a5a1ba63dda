import { afterAll, assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { initialise, WeightsNotFinite } from "../../../models/architectures/weights.ts"
import { writeSafetensors } from "../../../models/checkpoints/safetensors-writer.ts"
import { PIECE } from "../../../models/checkpoints/stored.ts"
import { differences, notFinite } from "../../../models/checkpoints/values.ts"
import { checkWeights as checks, readWeights } from "../../../models/checkpoints/weights.ts"
import { architectureOf } from "../reading.ts"
import { tinyT5 } from "../support.ts"
import { checkWeights, openOne, referencePath, valuesOf, withHeader } from "./support.ts"

const folder = mkdtempSync(join(tmpdir(), "redag-values-"))
afterAll(() => rmSync(folder, { recursive: true }))

const failure = (call: () => unknown): unknown => {
  try {
    return call()
  } catch (error) {
    return error
  }
}

describe("values that are not finite", () => {
  it("are counted over all pieces, and the first is named with its place", () => {
    const [a, b] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, Number.NaN, -Infinity, 8)]
    assert.deepStrictEqual(notFinite([a, b], [2, 2, 2]), { count: 2, at: [1, 0, 1], value: Number.NaN })
    assert.strictEqual(notFinite([a, a], [8]), undefined)
    assert.deepStrictEqual(notFinite([Float32Array.of(Infinity)], []), { count: 1, at: [], value: Infinity })
    assert.strictEqual(notFinite([Float32Array.of(3.4e38, -3.4e38, 1e-45)], [3]), undefined)
  })

  it("are refused before training and when weights are loaded, every tensor of them named", () => {
    const architecture = architectureOf({ ...tinyT5, vocab_size: 11 })
    const weights = initialise(architecture.parameters, 3)
    const path = join(folder, "model.safetensors")
    const stored = new Map([["model.safetensors", path]])
    writeFileSync(path, writeSafetensors(weights.tensors))
    const steps = [...checks(stored, architecture)]
    assert.deepStrictEqual(steps.map(({ done }) => done).at(-1), steps[0]?.total)
    assert.lengthOf(steps, architecture.parameters.size)
    weights.tensors.get("shared.weight")?.data.fill(Number.NaN, 10, 13)
    weights.tensors.get("decoder.final_layer_norm.weight")?.data.fill(-Infinity, 7)
    writeFileSync(path, writeSafetensors(weights.tensors))
    for (const read of [checkWeights, readWeights]) {
      const error = failure(() => read(stored, architecture))
      assert.instanceOf(error, WeightsNotFinite)
      assert.deepStrictEqual(error.tensors, [
        "shared.weight: 3, the first NaN at [1,2]",
        "decoder.final_layer_norm.weight: 1, the first -Infinity at [7]",
      ])
    }
  })

  it("are found in 16 bits", () => {
    const bits = { F16: [0x3c00, 0x7c00], BF16: [0x3f80, 0x7f80] } as const
    for (const [dtype, words] of Object.entries(bits)) {
      const file = withHeader({ a: { dtype, shape: [2], data_offsets: [0, 4] } }, 4)
      new DataView(file.buffer).setUint16(file.length - 4, words[0], true)
      new DataView(file.buffer).setUint16(file.length - 2, words[1], true)
      const tensor = openOne("model.safetensors", file).get("a")
      assert.deepStrictEqual(notFinite(tensor?.pieces() ?? [], [2]), { count: 1, at: [1], value: Infinity })
    }
  })
})

describe("a tensor in pieces", () => {
  it("has the values that it has as a whole, contiguous or not", () => {
    const files = ["state.safetensors", "state.bin", "parameters.bin"] as const
    for (const file of files) {
      const name = file.endsWith(".bin") ? "pytorch_model.bin" : "model.safetensors"
      let floats = 0
      for (const [key, tensor] of openOne(name, referencePath(file))) {
        if (!["F32", "F16", "BF16"].includes(tensor.dtype)) continue
        floats++
        const pieces = [...tensor.pieces()].flatMap((piece) => [...piece])
        assert.deepStrictEqual(pieces, [...valuesOf(tensor)], `${file} ${key}`)
      }
      assert.isAbove(floats, 0, file)
    }
  })

  it("comes in pieces of one length, whose differences are counted", () => {
    const data = Float32Array.from({ length: PIECE + 3 }, (_, index) => index % 7)
    const other = Float32Array.from(data)
    other[PIECE + 1] = -1
    const file = writeSafetensors(
      new Map([["a", { shape: [PIECE + 3], data }], ["b", { shape: [PIECE + 3], data: other }]]),
    )
    const tensors = openOne("model.safetensors", file)
    const pieces = (name: string): Iterable<Float32Array> => tensors.get(name)?.pieces() ?? []
    assert.deepStrictEqual([...pieces("a")].map(({ length }) => length), [PIECE, 3])
    assert.strictEqual(differences(pieces("a"), pieces("b")), 1)
    assert.strictEqual(differences(pieces("a"), pieces("a")), 0)
  })
})
