import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu"
import * as tf from "@tensorflow/tfjs-core"
import { tensorflowEngine } from "../../../../models/engines/tensorflow/engine.ts"
import type { Engine } from "../../../../models/ir/program.ts"

// It is slow and says so at its first op, unless in this mode.
tf.enableProdMode()

/** The tensorflow engine on tfjs's own JavaScript backend, which runs everywhere. */
export const jsEngine = async (): Promise<Engine> => {
  await tf.setBackend("cpu")
  if (!(tf.backend() instanceof MathBackendCPU)) throw new Error(`tfjs computes on ${tf.getBackend()}`)
  return tensorflowEngine(tf, "tensorflow on JavaScript")
}

/** The number of tensors that tfjs holds. */
export const heldTensors = (): number => tf.memory().numTensors
