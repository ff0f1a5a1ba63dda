import { WeightFilesError } from "./errors.ts"
import { isObject, parseJson } from "./json.ts"
import { indexTooLong, noFile, noFileName, notInShard, noWeightMap, noWeights, shardsMissing } from "./messages.ts"
import { openSafetensors } from "./safetensors.ts"
import { type ByteSource, bytesSource, fileSource, readBytes } from "./source.ts"
import type { StoredTensor, WeightFiles } from "./stored.ts"
import { openTorch } from "./torch.ts"

/** A file of a model: its path, or its content. */
export type WeightFile = string | Uint8Array

type Open = (source: ByteSource) => ReadonlyMap<string, StoredTensor>

interface Kind {
  readonly open: Open
  /** Whether the file is the index of shards that `open` reads. */
  readonly sharded: boolean
}

/** The files that weights are read from, the first that is there. */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ["model.safetensors", { open: openSafetensors, sharded: false }],
  ["model.safetensors.index.json", { open: openSafetensors, sharded: true }],
  ["pytorch_model.bin", { open: openTorch, sharded: false }],
  ["pytorch_model.bin.index.json", { open: openTorch, sharded: true }],
])

const MAX_INDEX = 2 ** 23
const INDEX_DEPTH = 8

/**
 * Opens the weights among a model's files by their names in its folder: safetensors before files of `torch.save`, one
 * file before shards. All is checked but the data. Throws `WeightFilesError` where no weights are there or shards do
 * not belong together, else what `openSafetensors` and `openTorch` throw.
 */
export const openWeights = (files: ReadonlyMap<string, WeightFile>): WeightFiles => {
  const sources: ByteSource[] = []
  const close = (): void => {
    for (const source of sources) source.close()
  }
  const openFile = (name: string, file: WeightFile): ByteSource => {
    const source = typeof file === "string" ? fileSource(name, file) : bytesSource(name, file)
    sources.push(source)
    return source
  }
  try {
    for (const [name, { open, sharded }] of kinds) {
      const file = files.get(name)
      if (file === undefined) continue
      const source = openFile(name, file)
      return { tensors: sharded ? openShards(source, files, openFile, open) : open(source), close }
    }
    throw new WeightFilesError("weights", noWeights([...kinds.keys()]))
  } catch (error) {
    close()
    throw error
  }
}

const openShards = (
  index: ByteSource,
  files: ReadonlyMap<string, WeightFile>,
  openFile: (name: string, file: WeightFile) => ByteSource,
  open: Open,
): ReadonlyMap<string, StoredTensor> => {
  const places = readIndex(index)
  const shards = [...new Set(places.values())].sort()
  const missing = shards.filter((shard) => !files.has(shard))
  if (missing.length > 0) {
    throw new WeightFilesError(
      index.name,
      shardsMissing(missing),
    )
  }
  const tensors = new Map<string, StoredTensor>()
  for (const shard of shards) {
    const file = files.get(shard)
    if (file === undefined) continue
    for (const [name, tensor] of open(openFile(shard, file))) {
      // A tensor that the index puts elsewhere, or leaves out, is not the model's.
      if (places.get(name) === shard) tensors.set(name, tensor)
    }
  }
  for (const [name, shard] of places) {
    if (!tensors.has(name)) throw new WeightFilesError(index.name, notInShard(name, shard))
  }
  return tensors
}

/** The shard of each tensor. */
const readIndex = (source: ByteSource): ReadonlyMap<string, string> => {
  const fail = (reason: string): never => {
    throw new WeightFilesError(source.name, reason)
  }
  if (source.size > MAX_INDEX) return fail(indexTooLong(source.size, MAX_INDEX))
  const index = parseJson(readBytes(source, 0, source.size), INDEX_DEPTH, fail)
  const map = isObject(index) ? index["weight_map"] : undefined
  if (!isObject(map) || Object.keys(map).length === 0) return fail(noWeightMap)
  return new Map(
    Object.entries(map).map(([name, shard]): [string, string] => {
      if (typeof shard !== "string") return fail(noFile(name))
      // Shards are beside their index, and nowhere else.
      if (!/^[\w-][\w.-]*$/u.test(shard)) return fail(noFileName(name, shard))
      return [name, shard]
    }),
  )
}
