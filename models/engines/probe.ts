import { createRequire } from "node:module"
import { availableParallelism } from "node:os"
import { Graph } from "../ir/graph.ts"
import { matmul } from "../ir/ops.ts"
import type { Engine } from "../ir/program.ts"
import { openCuda } from "./cuda/open.ts"
import { EngineUnavailable } from "./errors.ts"
import { devices, rightProduct, unknownVersion, wrongElements } from "./messages.ts"
import type { EngineName } from "./names.ts"
import { openOnnx } from "./onnx/open.ts"
import { loadTensorFlow } from "./tensorflow/load.ts"
import { openTensorFlow } from "./tensorflow/open.ts"

/** How an engine stands on this machine: `absent` is what it lacks, `broken` what it has and fails. */
export interface EngineFinding {
  readonly status: "usable" | "absent" | "broken"
  readonly detail: string
  /** What to do about it, in one line. */
  readonly help?: string
}

/** Rows, inner dimension and columns of the product that an engine is tried on: 134 million multiplications. */
const [ROWS, INNER, COLUMNS] = [512, 512, 512] as const

/**
 * Has an engine multiply two matrices of small whole numbers, whose product every correct engine gives exactly, and
 * says what came of it. A native library may take the process down, so the caller gives it one to lose.
 */
export const probeEngine = async (name: EngineName): Promise<EngineFinding> => {
  let tensorflow: Awaited<ReturnType<typeof loadTensorFlow>> | undefined
  const load = async () => (tensorflow = await loadTensorFlow())
  try {
    const engine = name === "tensorflow"
      ? await openTensorFlow(load)
      : name === "onnxruntime-cuda"
      ? await openCuda()
      : await openOnnx(name)
    const { wrong, seconds } = await multiply(engine)
    if (wrong > 0) return { status: "broken", detail: wrongElements(wrong, ROWS * COLUMNS) }
    const gpu = tensorflow !== undefined && "tf" in tensorflow && tensorflow.gpu
    const device = name === "tensorflow" ? devices[gpu ? "tensorflow-gpu" : "tensorflow-cpu"] : devices[name]
    const library = name === "tensorflow" ? TENSORFLOW : "onnxruntime-node"
    const speed = 2 * ROWS * INNER * COLUMNS / seconds / 1e9
    return { status: "usable", detail: rightProduct(versionOf(library), device, [ROWS, INNER, COLUMNS], speed) }
  } catch (cause) {
    if (!(cause instanceof EngineUnavailable)) throw cause
    // What is installed and does not work is no lack.
    const there = cause.wrong || (name === "tensorflow" && isInstalled())
    return { status: there ? "broken" : "absent", detail: cause.reason, help: cause.help }
  }
}

const TENSORFLOW = "@tensorflow/tfjs-node-gpu"

/** How many elements of a product the engine gets wrong, and the seconds of its fastest of three further runs. */
const multiply = async (engine: Engine): Promise<{ readonly wrong: number; readonly seconds: number }> => {
  const graph = new Graph()
  const product = matmul(graph.input("a", [ROWS, INNER]), graph.input("b", [INNER, COLUMNS]))
  const session = await engine.compile({ graph, outputs: new Map([["product", product]]) }, {
    threads: availableParallelism(),
  })
  const a = Float32Array.from({ length: ROWS * INNER }, (_, index) => index * 7 % 11 - 5)
  const b = Float32Array.from({ length: INNER * COLUMNS }, (_, index) => index * 5 % 13 - 6)
  const result = new Float32Array(ROWS * COLUMNS)
  const binding = session.bind(new Map([["a", a], ["b", b]]), new Map([["product", result]]))
  await session.run(binding)
  const expected = productOf(a, b)
  const wrong = result.reduce((count, value, index) => count + Number(value !== expected[index]), 0)
  let seconds = Infinity
  for (let run = 0; run < 3; run++) {
    const start = performance.now()
    await session.run(binding)
    seconds = Math.min(seconds, (performance.now() - start) / 1000)
  }
  await session.release()
  return { wrong, seconds }
}

/** The product [ROWS, COLUMNS] of `a` [ROWS, INNER] and `b` [INNER, COLUMNS]. */
const productOf = (a: Float32Array, b: Float32Array): Float32Array => {
  const product = new Float32Array(ROWS * COLUMNS)
  for (let row = 0; row < ROWS; row++) {
    for (let inner = 0; inner < INNER; inner++) {
      const factor = a[row * INNER + inner] ?? 0
      for (let column = 0; column < COLUMNS; column++) {
        product[row * COLUMNS + column] = (product[row * COLUMNS + column] ?? 0)
          + factor * (b[inner * COLUMNS + column] ?? 0)
      }
    }
  }
  return product
}

const require = createRequire(import.meta.url)

const versionOf = (name: string): string => {
  try {
    return (require(`${name}/package.json`) as { readonly version: string }).version
  } catch {
    return unknownVersion
  }
}

const isInstalled = (): boolean => {
  try {
    return require.resolve(TENSORFLOW) !== ""
  } catch {
    return false
  }
}
