/**
 * How long a checkpoint of T5-small's size takes to be read into one array, and how much memory: as safetensors and as
 * a file of `torch.save`, of float32, bfloat16 and float16.
 *
 * Run as `node bench/load.ts`; writes files of 730 MB in all to the temporary folder and removes them. Prints medians
 * over processes that each load once, the files being in the system's cache: milliseconds from opening to the last
 * value, and the peak of resident memory, also in units of the file, then and after a session has run with the weights
 * as its inputs. A half-width file becomes twice its size.
 */
import { execFileSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { viewsOf } from "../models/architectures/weights.ts"
import { openWeights } from "../models/checkpoints/files.ts"
import { safetensorsPieces } from "../models/checkpoints/safetensors-writer.ts"
import { BYTES_OF } from "../models/checkpoints/stored.ts"
import { loadWeights } from "../models/checkpoints/weights.ts"
import { onnxEngine } from "../models/engines/onnx/engine.ts"
import type { TensorData } from "../models/ir/program.ts"
import { sizeOf } from "../models/ir/shape.ts"
import { Random } from "../models/kernels/random.ts"
import { batchOf } from "../models/training/batches.ts"
import { logitsProgram, trainedShapes } from "../models/training/programs.ts"
import { type PickledTensor, pickleOf, torchEntries, zipOf } from "../test/models/checkpoints/torch-file.ts"
import { architectureOf } from "../test/models/reading.ts"
import { median } from "./report.ts"
import { SHAPES } from "./shapes.ts"

const ROUNDS = 5

const architecture = architectureOf(SHAPES["t5-small"])

/** The shapes of T5-small: 60.5M parameters in 131 tensors. */
const shapes = (): ReadonlyMap<string, readonly number[]> => trainedShapes(architecture)

interface Loaded {
  readonly milliseconds: number
  /** Bytes, once the weights are there. */
  readonly peak: number
  /** Bytes, once a session has run on them. */
  readonly sessionPeak: number
}

/** Reads the model in the file, or nothing; then runs it on a few tokens, its weights being inputs of the session. */
const load = async (name: string, path: string): Promise<Loaded> => {
  const start = performance.now()
  const peak = (): number => process.resourceUsage().maxRSS * 1024
  if (path === "") return { milliseconds: 0, peak: peak(), sessionPeak: peak() }
  const { tensors, close } = openWeights(new Map([[name, path]]))
  const weights = loadWeights(architecture, tensors)
  close()
  const loaded = { milliseconds: performance.now() - start, peak: peak() }

  const shape = { batch: 1, source: 8, target: 8 }
  const session = await onnxEngine.compile(logitsProgram(architecture, shape), { threads: 2 })
  const inputs = new Map<string, TensorData>(batchOf(architecture, shape).inputs)
  for (const [name, { data }] of weights.tensors) inputs.set(name, data)
  const logits = new Float32Array(shape.target * architecture.vocabulary)
  await session.run(session.bind(inputs, new Map([["logits", logits]])))
  await session.release()
  return { ...loaded, sessionPeak: peak() }
}

const write = (path: string, pieces: readonly Uint8Array[]): void => {
  const file = openSync(path, "w")
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += writeSync(file, piece, at)
  }
  closeSync(file)
}

/** A safetensors file of halves, cut from the data of a file of float32. */
const halves = (dtype: "F16" | "BF16", data: Uint8Array): readonly Uint8Array[] => {
  let end = 0
  const header = Object.fromEntries([...shapes()].map(([name, shape]) => {
    const start = end
    end += BYTES_OF[dtype] * sizeOf(shape)
    return [name, { dtype, shape, data_offsets: [start, end] }]
  }))
  const json = new TextEncoder().encode(JSON.stringify(header))
  return [new Uint8Array(BigUint64Array.of(BigInt(json.length)).buffer), json, data.subarray(0, end)]
}

const torchFile = (flat: Float32Array): readonly Uint8Array[] => {
  const storages: Record<string, Uint8Array> = {}
  const tensors = [...viewsOf(flat, shapes())].map(([name, { shape, data }], index): PickledTensor => {
    storages[index] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
    return { name, storage: "FloatStorage", key: String(index), elements: data.length, offset: 0, shape, strides }
  })
  return zipOf(torchEntries(pickleOf(tensors), storages))
}

/** The median of both measures over fresh processes. */
const measure = (name: string, path: string): Loaded => {
  const runs = Array.from(
    { length: ROUNDS },
    () =>
      JSON.parse(
        execFileSync(process.execPath, [import.meta.filename, "load", name, path], { encoding: "utf8" }),
      ) as Loaded,
  )
  return {
    milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
    peak: median(runs.map(({ peak }) => peak)),
    sessionPeak: median(runs.map(({ sessionPeak }) => sessionPeak)),
  }
}

/** The file of each kind in the folder, and the name that it is found under. */
const files = {
  "safetensors float32": "model.safetensors",
  "safetensors bfloat16": "model.safetensors",
  "safetensors float16": "model.safetensors",
  "torch.save float32": "pytorch_model.bin",
} as const

const make = (folder: string): void => {
  const all = shapes()
  const flat = new Float32Array([...all.values()].reduce((total, shape) => total + sizeOf(shape), 0))
  const random = new Random(1)
  for (let index = 0; index < flat.length; index++) flat[index] = random.uniform() - 0.5
  const pieces: Readonly<Record<keyof typeof files, readonly Uint8Array[]>> = {
    "safetensors float32": safetensorsPieces(viewsOf(flat, all)).pieces,
    "safetensors bfloat16": halves("BF16", new Uint8Array(flat.buffer)),
    "safetensors float16": halves("F16", new Uint8Array(flat.buffer)),
    "torch.save float32": torchFile(flat),
  }
  for (const [what, content] of Object.entries(pieces)) write(join(folder, what), content)
}

const compare = (): void => {
  const folder = mkdtempSync(join(tmpdir(), "redag-load-"))
  const megabytes = (size: number): string => (size / 1e6).toFixed(0)
  try {
    // In another process: Linux counts the memory of the process that starts one to that one's peak.
    execFileSync(process.execPath, [import.meta.filename, "make", folder])
    const nothing = measure("", "")
    process.stdout.write(`a process that loads nothing: peak ${megabytes(nothing.peak)} MB\n`)
    for (const [what, name] of Object.entries(files)) {
      const path = join(folder, what)
      const { size } = statSync(path)
      const { milliseconds, peak, sessionPeak } = measure(name, path)
      process.stdout.write(
        `${what.padEnd(20)} ${megabytes(size)} MB: ${milliseconds.toFixed(0)} ms, peak ${megabytes(peak)} MB, `
          + `${(peak / size).toFixed(2)} times the file; ${megabytes(sessionPeak)} MB, `
          + `${(sessionPeak / size).toFixed(2)} times, after a session has run on the weights\n`,
      )
    }
    process.stdout.write(`node ${process.versions.node}, ${cpus()[0]?.model}, ${cpus().length} cores\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const [mode, ...args] = process.argv.slice(2)
if (mode === "load") process.stdout.write(JSON.stringify(await load(args[0] ?? "", args[1] ?? "")))
else if (mode === "make") make(args[0] ?? "")
else compare()
