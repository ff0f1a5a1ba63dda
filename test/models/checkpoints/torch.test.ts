import { assert, describe, it } from "@effect/vitest"
import { PickleError, TorchFileError } from "../../../models/checkpoints/errors.ts"
import { readSafetensors } from "../../../models/checkpoints/safetensors.ts"
import { openOne, reference, referencePath, valuesOf } from "./support.ts"
import { joined, op, pickle, type PickledTensor, pickleOf, tensorOps, torchEntries, zipOf } from "./torch-file.ts"

const open = (file: string | Uint8Array) => openOne("pytorch_model.bin", file)

const storage = Float32Array.from({ length: 6 }, (_, index) => index + 0.5)
const bytes = new Uint8Array(storage.buffer)
const plain: PickledTensor = {
  name: "a",
  storage: "FloatStorage",
  key: "0",
  elements: 6,
  offset: 0,
  shape: [2, 3],
  strides: [3, 1],
}

/** A file of one tensor that differs from `plain`. */
const file = (change: Partial<PickledTensor>, storages: Readonly<Record<string, Uint8Array>> = { 0: bytes }) =>
  joined(zipOf(torchEntries(pickleOf([{ ...plain, ...change }]), storages)))

describe("files of torch.save", () => {
  it("give the values that PyTorch gives, from a file and from memory", () => {
    const expected = readSafetensors(reference("state.float32.safetensors"))
    for (const file of [referencePath("state.bin"), reference("state.bin")]) {
      const tensors = open(file)
      for (const [name, { shape, data }] of expected) {
        assert.deepStrictEqual(tensors.get(name)?.shape, shape, name)
        assert.deepStrictEqual(valuesOf(tensors.get(name)), data, name)
      }
      // Again, and in another order: tied tensors share one storage.
      for (const [name, { data }] of [...expected].toReversed()) {
        assert.deepStrictEqual(valuesOf(tensors.get(name)), data, name)
      }
    }
  })

  it("list integers and booleans, which only reading refuses", () => {
    const tensors = open(referencePath("state.bin"))
    const kinds = ["position_ids", "masked", "double"].map((
      name,
    ) => [tensors.get(name)?.dtype, tensors.get(name)?.shape])
    assert.deepStrictEqual(kinds, [["I64", [1, 5]], ["BOOL", [3, 3]], ["F64", [1]]])
    for (const name of ["position_ids", "masked", "double"]) {
      assert.throws(
        () => valuesOf(tensors.get(name)),
        TorchFileError,
        new RegExp(`^pytorch_model.bin: ${name} has dtype`, "u"),
      )
    }
  })

  it("give a module's parameters, the versions beside them left out", () => {
    assert.deepStrictEqual([...open(referencePath("module.bin")).keys()], ["weight", "bias"])
    assert.deepStrictEqual(valuesOf(open(referencePath("parameters.bin")).get("weight")), Float32Array.of(1.5, -2))
  })

  it("may say sizes and places in 64 bits", () => {
    const tensors = open(joined(zipOf(torchEntries(pickleOf([plain]), { 0: bytes }), { wide: true })))
    assert.deepStrictEqual(valuesOf(tensors.get("a")), storage)
  })

  it("may be pickled by protocol 4, with frames", () => {
    const framed = [...op.protocol(4), 0x95, 200, 0, 0, 0, 0, 0, 0, 0]
    const name = [0x8c, 1, 0x61, 0x94]
    const pickled = Uint8Array.from([
      ...framed,
      ...op.emptyDict,
      ...name,
      ...tensorOps(plain),
      ...op.setItem,
      ...op.stop,
    ])
    assert.deepStrictEqual(valuesOf(open(joined(zipOf(torchEntries(pickled, { 0: bytes })))).get("a")), storage)
  })

  it("give a part of a storage in any strides", () => {
    const read = (change: Partial<PickledTensor>) => [...valuesOf(open(file(change)).get("a"))]
    assert.deepStrictEqual(read({ offset: 2, shape: [2, 2], strides: [2, 1] }), [2.5, 3.5, 4.5, 5.5])
    assert.deepStrictEqual(read({ shape: [3, 2], strides: [1, 3] }), [0.5, 3.5, 1.5, 4.5, 2.5, 5.5])
    assert.deepStrictEqual(read({ offset: 1, shape: [2, 1, 2], strides: [4, 99, 0] }), [1.5, 1.5, 5.5, 5.5])
    assert.deepStrictEqual(read({ offset: 5, shape: [], strides: [] }), [5.5])
    assert.deepStrictEqual(read({ offset: 77, shape: [3, 0], strides: [1, 1] }), [])
  })

  it("are taken without sums where torch was told to spare them", () => {
    // The last entry but one is the storage; its sum is 16 bytes into its line of the directory.
    const content = file({})
    const view = new DataView(content.buffer)
    const name = Buffer.from(content).lastIndexOf("model/data/0")
    view.setUint32(name - 46 + 16, 0, true)
    assert.deepStrictEqual(valuesOf(open(content).get("a")), storage)
  })
})

describe("files of torch.save that are refused", () => {
  const refused: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    "the format before PyTorch 1.6": [reference("legacy.bin"), /before PyTorch 1\.6; `torch\.save\(torch\.load/u],
    "TorchScript": [reference("script.pt"), /TorchScript.*state_dict/u],
    "an empty file": [new Uint8Array(), /no zip archive/u],
    "a bare pickle": [pickleOf([plain]), /a bare pickle/u],
    "a Git LFS pointer": [new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"), /Git LFS pointer/u],
    "another zip archive": [joined(zipOf(new Map([["a/b", bytes]]))), /not of torch\.save: no data\.pkl/u],
    "compressed entries": [
      joined(zipOf(torchEntries(pickleOf([plain]), { 0: bytes }), { method: 8 })),
      /model\/data\.pkl is compressed/u,
    ],
    "encrypted entries": [
      joined(zipOf(torchEntries(pickleOf([plain]), { 0: bytes }), { flags: 0x809 })),
      /model\/data\.pkl is encrypted/u,
    ],
    "big-endian bytes": [
      joined(
        zipOf(new Map([...torchEntries(pickleOf([plain]), { 0: bytes }), ["model/byteorder", Buffer.from("big")]])),
      ),
      /little-endian/u,
    ],
    "a storage that is not there": [file({ key: "1" }), /a is not there: no entry data\/1/u],
    "a storage elsewhere": [file({ key: "../../etc/passwd" }), /no entry data\/\.\.\/\.\.\/etc\/passwd/u],
    "a storage of another size": [file({ elements: 7 }), /a needs 7 elements of F32, and model\/data\/0 has 24 bytes/u],
    "a storage of another type": [file({ storage: "HalfStorage" }), /a needs 6 elements of F16/u],
  }
  for (const [name, [bytes, reason]] of Object.entries(refused)) {
    it(name, () => assert.throws(() => open(bytes), TorchFileError, reason))
  }

  it("tensors that are not inside their storage", () => {
    const beyond: readonly Partial<PickledTensor>[] = [
      { shape: [2, 4], strides: [4, 1] },
      { offset: 1 },
      { strides: [4, 1] },
      { offset: 2 ** 31 - 1, shape: [], strides: [] },
      { shape: [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], strides: [1, 1, 1] },
    ]
    for (const change of beyond) {
      assert.throws(() => open(file(change)), PickleError, /a reaches beyond the 6 elements/u)
    }
  })

  it("tensors that are larger than their storage", () => {
    assert.throws(() => open(file({ shape: [7], strides: [0] })), PickleError, /more elements than its storage/u)
    assert.throws(
      () => open(file({ shape: [2 ** 31 - 1], strides: [0] })),
      PickleError,
      /more elements than its storage/u,
    )
  })

  it("tensors whose strides do not go with their shape", () => {
    for (const change of [{ strides: [1] }, { strides: [-3, 1] }, { shape: [-2, 3] }, { offset: -1 }]) {
      assert.throws(() => open(file(change)), PickleError, /what is no storage, offset, size and stride/u)
    }
  })

  it("a file cut off anywhere", () => {
    const bytes = reference("module.bin")
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => open(bytes.subarray(0, length)), TorchFileError, /^pytorch_model\.bin: /u)
    }
  })

  it("damage to a storage, when any tensor in it is read", () => {
    const tensors: readonly PickledTensor[] = [plain, { ...plain, name: "part", shape: [2], strides: [1] }, {
      ...plain,
      name: "turned",
      shape: [3, 2],
      strides: [1, 3],
    }]
    for (const { name } of tensors) {
      const content = joined(zipOf(torchEntries(pickleOf(tensors), { 0: bytes })))
      const at = Buffer.from(content).indexOf(bytes)
      content[at + 23] = 0xff
      const opened = open(content)
      assert.throws(() => valuesOf(opened.get(name)), TorchFileError, /model\/data\/0 is damaged: its CRC-32/u)
      // Not only the first time.
      assert.throws(() => valuesOf(opened.get(name)), TorchFileError, /model\/data\/0 is damaged: its CRC-32/u)
    }
  })

  it("damage to the pickle", () => {
    const content = file({})
    const at = Buffer.from(content).indexOf("FloatStorage")
    content.set(new TextEncoder().encode("HalfStorage\n"), at)
    assert.throws(() => open(content), TorchFileError, /model\/data\.pkl is damaged/u)
  })

  it("anything around the state dict", () => {
    assert.throws(
      () => open(referencePath("nested.bin")),
      PickleError,
      /^pytorch_model\.bin: epoch is a number, no tensor; save only/u,
    )
    const list = joined(zipOf(torchEntries(pickle(op.emptyList), {})))
    assert.throws(() => open(list), PickleError, /no dict of tensors/u)
  })
})
