import { assert, describe, it } from "@effect/vitest"
import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SafetensorsError, WeightFilesError } from "../../../models/checkpoints/errors.ts"
import { openWeights, type WeightFile } from "../../../models/checkpoints/files.ts"
import { writeSafetensors } from "../../../models/checkpoints/safetensors-writer.ts"
import { readSafetensors } from "../../../models/checkpoints/safetensors.ts"
import { reference, referencePath, valuesOf } from "./support.ts"

const SHARDS = {
  "model.safetensors.index.json": ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
  "pytorch_model.bin.index.json": ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"],
} as const

type Index = keyof typeof SHARDS
const indices = Object.keys(SHARDS) as readonly Index[]

/** The files of a sharded model, some of them replaced or, by undefined, left out. */
const sharded = (index: Index, changes: Readonly<Record<string, WeightFile | undefined>> = {}) => {
  const files = new Map<string, WeightFile>()
  for (const name of [index, ...SHARDS[index]]) files.set(name, referencePath(name))
  for (const [name, file] of Object.entries(changes)) {
    if (file === undefined) files.delete(name)
    else files.set(name, file)
  }
  return files
}

const indexOf = (weightMap: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify({ weight_map: weightMap }))

/** A file of one scalar, so that it shows which file was read. */
const scalar = (value: number): Uint8Array =>
  writeSafetensors(new Map([["a", { shape: [], data: Float32Array.of(value) }]]))

/** A folder for one test. */
const inFolder = async (test: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "redag-weights-"))
  try {
    await test(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const openFiles = async (): Promise<number> => (await readdir("/proc/self/fd")).length

describe("openWeights", () => {
  it("takes one safetensors file first, then its shards, then files of torch.save", () => {
    const all = new Map<string, WeightFile>([
      ...sharded("pytorch_model.bin.index.json"),
      ["pytorch_model.bin", referencePath("module.bin")],
      ...sharded("model.safetensors.index.json"),
      ["model.safetensors", scalar(1)],
      ["README.md", "nowhere"],
    ])
    const chosen: string[] = []
    for (const name of ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"]) {
      chosen.push([...openWeights(all).tensors.values()][0]?.file ?? "")
      all.delete(name)
    }
    chosen.push([...openWeights(all).tensors.values()][0]?.file ?? "")
    assert.deepStrictEqual(chosen, [
      "model.safetensors",
      "model-00001-of-00002.safetensors",
      "pytorch_model.bin",
      "pytorch_model-00001-of-00002.bin",
    ])
  })

  it("says which files it looks for where none is there", () => {
    assert.throws(
      () => openWeights(new Map([["config.json", "config.json"], ["tf_model.h5", "tf_model.h5"]])),
      WeightFilesError,
      /none of model\.safetensors, model\.safetensors\.index\.json, pytorch_model\.bin, .* is there/u,
    )
  })

  it("names a file that cannot be read, not its path", () => {
    const missing = new Map([["model.safetensors", join(tmpdir(), "redag", "nowhere")]])
    assert.throws(() => openWeights(missing), WeightFilesError, /^model\.safetensors: cannot be read: ENOENT$/u)
    const folder = new Map([["pytorch_model.bin", tmpdir()]])
    assert.throws(() => openWeights(folder), WeightFilesError, /^pytorch_model\.bin: is not a file$/u)
  })

  it("says when a file was cut or closed before it was read", () =>
    inFolder(async (folder) => {
      const path = join(folder, "blob")
      const { length } = scalar(1)
      await writeFile(path, scalar(1))
      const { tensors, close } = openWeights(new Map([["model.safetensors", path]]))
      await truncate(path, length - 2)
      assert.throws(
        () => valuesOf(tensors.get("a")),
        WeightFilesError,
        new RegExp(`^model\\.safetensors: ends at byte ${length - 2}`, "u"),
      )
      close()
      close()
      assert.throws(() => valuesOf(tensors.get("a")), WeightFilesError, /after it was closed/u)
    }))

  it.skipIf(process.platform !== "linux")("leaves no file open", () =>
    inFolder(async (folder) => {
      const path = join(folder, "blob")
      await writeFile(path, scalar(1).subarray(0, 50))
      const before = await openFiles()
      for (const index of indices) {
        const { tensors, close } = openWeights(sharded(index))
        assert.strictEqual(await openFiles(), before + 3)
        for (const tensor of tensors.values()) valuesOf(tensor)
        close()
        assert.throws(() => openWeights(sharded(index, { [SHARDS[index][1]]: path })))
      }
      assert.throws(() => openWeights(new Map([["model.safetensors", path]])), SafetensorsError)
      assert.strictEqual(await openFiles(), before)
    }))
})

for (const index of indices) {
  describe(`shards of ${index}`, () => {
    const [first, second] = SHARDS[index]

    it("give the tensors of the whole model", () => {
      const expected = readSafetensors(reference("sharded.float32.safetensors"))
      const { tensors, close } = openWeights(sharded(index))
      assert.deepStrictEqual([...tensors.keys()].sort(), [...expected.keys()].sort())
      for (const [name, { shape, data }] of expected) {
        assert.deepStrictEqual(tensors.get(name)?.shape, shape, name)
        assert.deepStrictEqual(valuesOf(tensors.get(name)), data, name)
      }
      close()
    })

    const refused: Readonly<Record<string, readonly [Readonly<Record<string, WeightFile | undefined>>, RegExp]>> = {
      "a shard is missing": [{ [second]: undefined }, new RegExp(`names files that are not there: ${second}$`, "u")],
      "a tensor is in another shard": [
        { [index]: indexOf({ "layer.0.weight": second }) },
        new RegExp(`layer\\.0\\.weight is not in ${second}$`, "u"),
      ],
      "a tensor is in no shard": [{ [index]: indexOf({ "layer.9.weight": first }) }, /layer\.9\.weight is not in/u],
      "a shard is in a folder above": [
        { [index]: indexOf({ a: `../${first}` }), [`../${first}`]: referencePath(first) },
        /a is in \.\.\/.*, which is no file name/u,
      ],
      "a shard has a path": [
        { [index]: indexOf({ a: "/etc/passwd" }) },
        /a is in \/etc\/passwd, which is no file name/u,
      ],
      "a shard is the folder above": [{ [index]: indexOf({ a: ".." }) }, /a is in \.\., which is no file name/u],
      "a tensor has no file": [{ [index]: indexOf({ a: 1 }) }, /a has no file/u],
      "the map is empty": [{ [index]: indexOf({}) }, /has no weight_map/u],
      "the map is a list": [{ [index]: indexOf([first]) }, /has no weight_map/u],
      "the index is a list": [{ [index]: Buffer.from("[]") }, /has no weight_map/u],
      "the index is not JSON": [{ [index]: Buffer.from("{") }, /is not JSON/u],
      "a tensor stands twice": [
        { [index]: Buffer.from(`{"weight_map":{"a":"${first}","a":"${second}"}}`) },
        /has the key "a" twice/u,
      ],
    }
    for (const [name, [changes, reason]] of Object.entries(refused)) {
      it(`are refused where ${name}`, () => {
        assert.throws(() => openWeights(sharded(index, changes)), WeightFilesError, reason)
      })
    }

    it("are refused where one is damaged, which is named", () => {
      const cut = reference(second).subarray(0, 400)
      assert.throws(() => openWeights(sharded(index, { [second]: cut })), Error, new RegExp(`^${second}: `, "u"))
    })
  })
}
