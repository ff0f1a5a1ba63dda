/**
 * What is to be asked of a machine with a GPU, in five minutes once PyTorch is installed: whether every architecture
 * computes there what transformers computes (the references of test/parity), and optimizer steps of T5-base beside
 * PyTorch's on the same device, from the same weights and batches, without dropout: losses, norms and seconds.
 *
 * Run as `node bench/gpu.ts`, after `dag engine add cuda`; `--tensorflow` takes that engine. `--cpu` shows on any machine
 * that it works: onnxruntime and PyTorch on the CPU, with the bundled T5 in the place of T5-base. Ends with status 1 where
 * a figure is past its limit or there is no GPU.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { initialise } from "../models/architectures/weights.ts"
import { safetensorsPieces } from "../models/checkpoints/safetensors-writer.ts"
import { openCuda } from "../models/engines/cuda/open.ts"
import { EngineUnavailable } from "../models/engines/errors.ts"
import { onnxEngine } from "../models/engines/onnx/engine.ts"
import { tensorFlowOnGpu } from "../models/engines/tensorflow/open.ts"
import type { Engine } from "../models/ir/program.ts"
import { figuresOf, limits } from "../test/parity/figures.ts"
import { variants } from "../test/parity/reference.ts"
import { type Measured, Peer } from "./processes.ts"
import { type Stepped, stepsOf } from "./redag/steps.ts"
import { circumstances, median, table, toldCircumstances } from "./report.ts"
import { SHAPES } from "./shapes.ts"

/** What steps may differ by, relatively. */
const STEP_LIMITS = { loss: 1e-3, norm: 5e-3 }
/** The first of the steps also compiles. */
const STEPS = 4
const LARGE = { batch: 2, accumulation: 4, source: 512, target: 128 }
const SMALL = { batch: 2, accumulation: 4, source: 64, target: 16 }

const { values: { cpu, tensorflow } } = parseArgs({
  options: { cpu: { type: "boolean", default: false }, tensorflow: { type: "boolean", default: false } },
})
const began = performance.now()
const threads = availableParallelism()
const say = (text: string): void => void process.stdout.write(text)
const percent = (one: number, other: number): number => Math.abs(one - other) / Math.abs(other)

const engineWanted = async (): Promise<{ readonly name: string; readonly engine: Engine }> => {
  if (cpu) return { name: "onnxruntime on the CPU", engine: onnxEngine }
  if (!tensorflow) return { name: "onnxruntime-cuda", engine: await openCuda() }
  const engine = await tensorFlowOnGpu()
  if (engine === undefined) {
    throw new EngineUnavailable("tensorflow", "it finds no GPU", "dag doctor says what it lacks")
  }
  return { name: "tensorflow on a GPU", engine }
}

/** Whether every architecture is within the limits. */
const parity = async (engine: Engine): Promise<boolean> => {
  const names = Object.keys(limits) as readonly (keyof typeof limits)[]
  const rows: (readonly string[])[] = []
  let isRight = true
  for (const variant of variants) {
    const figures = await figuresOf(engine, variant)
    const isWithin = names.every((name) => figures[name] <= limits[name])
    isRight &&= isWithin
    rows.push([variant, ...names.map((name) => figures[name].toExponential(1)), isWithin ? "right" : "WRONG"])
  }
  say("\nevery architecture beside transformers' reference\n")
  say(table([["variant", ...names, ""], ["limit", ...names.map((name) => limits[name].toExponential(1)), ""], ...rows]))
  return isRight
}

/** Whether steps are those of PyTorch. */
const besidePyTorch = async (engine: Engine, name: string): Promise<boolean> => {
  const peer = new Peer("step.py")
  const folder = mkdtempSync(join(tmpdir(), "redag-gpu-"))
  try {
    const bundled = join(import.meta.dirname, "../bundled/models/t5")
    const [model, from] = cpu ? ["the bundled T5", bundled] : ["T5-base", folder]
    const lengths = cpu ? SMALL : LARGE
    const write = (file: string, text: string): void => writeFileSync(join(folder, file), text)
    const ours: Stepped = await stepsOf({
      engine,
      threads,
      ...lengths,
      steps: STEPS,
      model: cpu ? { folder: bundled } : {
        config: SHAPES["t5-base"],
        made: (architecture) => {
          const weights = initialise(architecture.parameters, 1)
          write("config.json", JSON.stringify(SHAPES["t5-base"]))
          const path = join(folder, "model.safetensors")
          for (const piece of safetensorsPieces(weights.tensors).pieces) writeFileSync(path, piece, { flag: "a" })
          return weights
        },
      },
    })
    const { sources, targets, rates } = ours
    const environment: Readonly<Record<string, string>> = cpu
      ? {}
      : { CUDA_VISIBLE_DEVICES: process.env["CUDA_VISIBLE_DEVICES"] ?? "0" }
    const job = { folder: from, device: cpu ? "cpu" : "cuda", threads, batch: lengths.batch, sources, targets, rates }
    const theirs = peer.run(job, { environment, setting: {} }) as Measured & {
      readonly device: string
      readonly losses: readonly number[]
      readonly norms: readonly number[]
    }
    const rows = ours.losses.map((loss, index) => {
      const [norm = NaN, theirLoss = NaN, theirNorm = NaN] = [
        ours.norms[index],
        theirs.losses[index],
        theirs.norms[index],
      ]
      const isWithin = percent(loss, theirLoss) <= STEP_LIMITS.loss && percent(norm, theirNorm) <= STEP_LIMITS.norm
      return {
        cells: [String(index + 1), ...[loss, theirLoss, norm, theirNorm].map((each) => each.toFixed(5))],
        isWithin,
      }
    })
    say(
      `\nsteps of ${model}, batch ${lengths.batch} × ${lengths.accumulation}, ${lengths.source} + ${lengths.target} tokens; `
        + `PyTorch on ${theirs.device}, ${peer.python.versions.torch}\n`,
    )
    say(table([
      ["step", "loss", "PyTorch's", "norm", "PyTorch's", ""],
      ...rows.map(({ cells, isWithin }) => [...cells, isWithin ? "right" : "WRONG"]),
    ]))
    const [own, other] = [median(ours.seconds), median(theirs.seconds)]
    say(
      `seconds of a step, median of ${ours.seconds.length}: ${name} ${own.toFixed(3)} (the first ${
        ours.warmUp.toFixed(1)
      }), PyTorch ${other.toFixed(3)} (${theirs.warmUp.toFixed(1)}), ratio ${(own / other).toFixed(2)}\n`,
    )
    return rows.every(({ isWithin }) => isWithin)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  const { name, engine } = await engineWanted()
  say(`${toldCircumstances(circumstances(threads))}\nengine: ${name}\n`)
  const isRight = await parity(engine)
  const isSame = await besidePyTorch(engine, name)
  say(`\n${isRight && isSame ? "all within the limits" : "NOT within the limits"}, `)
  say(`in ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
  if (!isRight || !isSame) process.exitCode = 1
} catch (cause) {
  if (!(cause instanceof EngineUnavailable)) throw cause
  process.stderr.write(`${cause.message}\n${cause.help}\nnode bench/gpu.ts --cpu shows the script on a CPU\n`)
  process.exitCode = 1
}
