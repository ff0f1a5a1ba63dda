import { assert, describe, it } from "@effect/vitest"
import { PickleError, SafetensorsError, TorchFileError } from "../../../models/checkpoints/errors.ts"
import type { StoredTensor } from "../../../models/checkpoints/stored.ts"
import { readStateDict } from "../../../models/checkpoints/torch-state.ts"
import { Random } from "../../../models/kernels/random.ts"
import { often } from "../../rig/often.ts"
import { bfloat16, float16, mutated, openOne, reference, valuesOf } from "./support.ts"
import { joined, type PickledTensor, pickleOf, torchEntries, zipOf } from "./torch-file.ts"

const ROUNDS = often(750, 3000)

const isRefusal = (error: unknown): boolean =>
  (error instanceof SafetensorsError && error.message.startsWith("model.safetensors: "))
  || ((error instanceof TorchFileError || error instanceof PickleError)
    && error.message.startsWith("pytorch_model.bin: "))

interface Values {
  readonly dtype: string
  readonly shape: readonly number[]
  /** Of the tensors that hold floats; undefined where reading them is refused. */
  readonly values: Float32Array | undefined
}

/** All that a checkpoint gives, or undefined where it is refused; any other failure is thrown. */
const outcome = (open: () => ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, Values> | undefined => {
  try {
    const found = new Map<string, Values>()
    for (const [name, tensor] of open()) {
      const { dtype, shape } = tensor
      const float = dtype === "F32" || dtype === "F16" || dtype === "BF16"
      if (!float) assert.throws(() => valuesOf(tensor), Error, /has dtype/u)
      found.set(name, { dtype, shape, values: float ? valuesOf(tensor) : undefined })
    }
    return found
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

/** The floats of stored bytes, element by element. */
const decoded = (dtype: string, bytes: Uint8Array): Float32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (dtype === "F32") return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true))
  const value = dtype === "F16" ? float16 : bfloat16
  return Float32Array.from({ length: bytes.length / 2 }, (_, at) => value(view.getUint16(2 * at, true)))
}

const product = (shape: readonly number[]): number => shape.reduce((total, dim) => total * dim, 1)

const report = (what: string, refused: number, taken: number): void => {
  console.log(`${what}: of ${refused + taken} mutations ${refused} are refused, ${taken} give what the file says`)
}

describe("random mutations", () => {
  it("of a safetensors file are refused, or give the bytes that its header points to", () => {
    const original = reference("state.safetensors")
    const headerEnd = 8 + Number(new DataView(original.buffer).getBigUint64(0, true))
    let [refused, taken] = [0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = mutated(original, headerEnd, new Random(1, round))
      const found = outcome(() => openOne("model.safetensors", bytes))
      if (found === undefined) {
        refused++
        continue
      }
      taken++
      const dataStart = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, dataStart))) as Readonly<
        Record<string, { readonly dtype: string; readonly shape: number[]; readonly data_offsets: [number, number] }>
      >
      let total = 0
      assert.deepStrictEqual(
        [...found.keys(), "__metadata__"].sort(),
        [...new Set([...Object.keys(header), "__metadata__"])].sort(),
      )
      for (const [name, { dtype, shape, values }] of found) {
        const said = header[name]
        assert(said !== undefined)
        assert.deepStrictEqual({ dtype, shape }, { dtype: said.dtype, shape: said.shape }, `round ${round}`)
        const [start, end] = said.data_offsets
        total += end - start
        if (values === undefined) continue
        assert.strictEqual(values.length, product(shape))
        assert.deepStrictEqual(
          values,
          decoded(dtype, bytes.subarray(dataStart + start, dataStart + end)),
          `round ${round}`,
        )
      }
      assert.strictEqual(total, bytes.length - dataStart)
    }
    report("safetensors", refused, taken)
    assert.isAbove(refused, ROUNDS / 2)
    assert.isAbove(taken, ROUNDS / 30)
  })

  it("of a file of torch.save are refused, or change nothing: its parts have sums", () => {
    const original = reference("state.bin")
    const expected = outcome(() => openOne("pytorch_model.bin", original))
    let [refused, taken] = [0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = mutated(original, original.length, new Random(2, round))
      const found = outcome(() => openOne("pytorch_model.bin", bytes))
      if (found === undefined) refused++
      else {
        taken++
        assert.deepStrictEqual(found, expected, `round ${round}`)
      }
    }
    report("torch archive", refused, taken)
    assert.isAbove(refused, ROUNDS / 2)
    assert.isAbove(taken, ROUNDS / 30)
  })

  it("of a pickle whose sum is right, are refused, or give the elements that it points to", () => {
    const storages = {
      "0": new Uint8Array(Float32Array.from({ length: 24 }, (_, index) => index + 0.5).buffer),
      "1": new Uint8Array(Uint16Array.from({ length: 24 }, (_, index) => 0x3c00 + index).buffer),
    } as const
    const at = (name: string, change: Partial<PickledTensor>): PickledTensor => {
      return {
        name,
        storage: "FloatStorage",
        key: "0",
        elements: 24,
        offset: 0,
        shape: [4, 6],
        strides: [6, 1],
        ...change,
      }
    }
    const original = pickleOf([
      at("whole", {}),
      at("part", { offset: 4, shape: [2, 5], strides: [6, 1] }),
      at("turned", { shape: [6, 4], strides: [1, 6] }),
      at("half", { storage: "HalfStorage", key: "1", shape: [2, 3, 4], strides: [12, 4, 1] }),
      at("bfloat", { storage: "BFloat16Storage", key: "1", offset: 1, shape: [5], strides: [2] }),
    ])
    const anywhere = (random: Random): Uint8Array => {
      const few = (limit: number): number => Math.floor(random.uniform() * limit)
      const rank = few(4)
      const numbers = (limit: number): number[] => Array.from({ length: rank }, () => few(limit))
      return pickleOf([at("any", { offset: few(10), shape: numbers(5), strides: numbers(9) })])
    }
    let [refused, taken, changed] = [0, 0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      const random = new Random(3, round)
      // Every third pickle is whole, of a tensor with a layout that may or may not be inside its storage.
      const pickled = round % 3 === 0 ? anywhere(random) : mutated(original, original.length, random)
      const found = outcome(() => openOne("pytorch_model.bin", joined(zipOf(torchEntries(pickled, storages)))))
      if (found === undefined) {
        refused++
        continue
      }
      taken++
      if (!Buffer.from(pickled).equals(original)) changed++
      for (const [name, { storage, layout }] of readStateDict("model.bin", pickled)) {
        const { dtype, shape, values } = found.get(name) ?? assert.fail(`${name} is lost`)
        assert.deepStrictEqual({ dtype, shape }, { dtype: storage.dtype, shape: layout.shape })
        if (values === undefined) continue
        const bytes = Object.entries(storages).find(([key]) => key === storage.key)?.[1]
        assert(bytes !== undefined)
        const stored = decoded(dtype, bytes)
        const expected = Float32Array.from({ length: product(shape) }, (_, index) => {
          // The place of a row-major index, axis by axis from the last.
          let [place, rest] = [layout.offset, index]
          for (let axis = shape.length - 1; axis >= 0; axis--) {
            const dim = shape[axis] ?? 1
            place += (rest % dim) * (layout.strides[axis] ?? 0)
            rest = Math.floor(rest / dim)
          }
          return stored[place] ?? assert.fail(`${name} reaches beyond its storage in round ${round}`)
        })
        assert.deepStrictEqual(values, expected, `round ${round}`)
      }
    }
    report("pickle", refused, taken)
    assert.isAbove(refused, ROUNDS / 2)
    assert.isAbove(changed, ROUNDS / 30)
  })
})
