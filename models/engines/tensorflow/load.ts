import { createRequire } from "node:module"
import util from "node:util"
import { computesElsewhere, doesNotLoad, notInstalled, packageMultipliesWrongly } from "../messages.ts"
import { isRight } from "../product.ts"
import type { TensorFlow } from "./kernels.ts"

const PACKAGE = "@tensorflow/tfjs-node-gpu"

/** TensorFlow, ready to compute: `gpu` says whether it found a CUDA device. */
export interface LoadedTensorFlow {
  readonly tf: TensorFlow
  readonly backend: string
  readonly gpu: boolean
}

/** Why TensorFlow cannot be used here, in one line. */
export interface AbsentTensorFlow {
  readonly absent: string
  /** Whether it is there and gives wrong numbers. */
  readonly wrong: boolean
}

/**
 * Loads `@tensorflow/tfjs-node-gpu` as the module `from` finds it, in `node_modules` or in a folder of the environment
 * variable `NODE_PATH`, and has it multiply two matrices. Where the package is absent it costs no more than looking.
 */
export const loadTensorFlow = async (
  from: string | URL = import.meta.url,
): Promise<LoadedTensorFlow | AbsentTensorFlow> => {
  const require = createRequire(from)
  try {
    require.resolve(PACKAGE)
  } catch {
    return { absent: notInstalled(PACKAGE), wrong: false }
  }
  try {
    restoreUtil()
    for (const [name, value] of Object.entries(ENVIRONMENT)) process.env[name] = value
    // The package exports all of the tfjs-core that it has added its backend to.
    const tf = require(PACKAGE) as TensorFlow
    await tf.ready()
    // A backend that cannot start is replaced by another without an error.
    const backend = tf.getBackend()
    if (backend !== "tensorflow") return { absent: computesElsewhere(PACKAGE, backend), wrong: false }
    const product = probe(tf)
    if (!isRight(product)) return { absent: packageMultipliesWrongly(PACKAGE, product), wrong: true }
    const { isUsingGpuDevice } = tf.backend() as { readonly isUsingGpuDevice?: boolean }
    return { tf, backend, gpu: isUsingGpuDevice === true }
  } catch (cause) {
    const [line = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n")
    return { absent: doesNotLoad(PACKAGE, line.trim()), wrong: false }
  }
}

// Read by TensorFlow's library when it is loaded. What the user has set is overruled, since no key holds it.
const ENVIRONMENT = {
  // Sums that several threads of a GPU make are otherwise rounded in a different order at every run.
  TF_DETERMINISTIC_OPS: "1",
  // Products on a GPU would otherwise keep 10 bits of the mantissa of float32.
  NVIDIA_TF32_OVERRIDE: "0",
  // Errors only: it reports its devices and its build otherwise.
  TF_CPP_MIN_LOG_LEVEL: "2",
} as const

/** Gives `node:util` two functions that tfjs-node 4.22 calls: Node 23 removed one and warns of the other. */
const restoreUtil = (): void => {
  const isNullOrUndefined = (value: unknown): boolean => value === undefined || value === null
  Object.assign(util, { isNullOrUndefined, isArray: Array.isArray })
}

/** The product of two matrices whose elements are small whole numbers, which no rounding changes. */
const probe = (tf: TensorFlow): readonly number[] =>
  tf.tidy(() => [...tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync()])
