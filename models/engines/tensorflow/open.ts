import type { Engine } from "../../ir/program.ts"
import { EngineUnavailable } from "../errors.ts"
import { tensorflowHelp } from "../messages.ts"
import { tensorflowEngine } from "./engine.ts"
import { loadTensorFlow } from "./load.ts"

/** TensorFlow, which computes on a CUDA device where it finds one. Throws `EngineUnavailable`. */
export const openTensorFlow = async (load = loadTensorFlow): Promise<Engine> => {
  const loaded = await load()
  if ("tf" in loaded) return tensorflowEngine(loaded.tf, "tensorflow")
  throw new EngineUnavailable("tensorflow", loaded.absent, tensorflowHelp, { wrong: loaded.wrong })
}

/** TensorFlow where it finds a CUDA device, undefined elsewhere. */
export const tensorFlowOnGpu = async (load = loadTensorFlow): Promise<Engine | undefined> => {
  const loaded = await load()
  return "tf" in loaded && loaded.gpu ? tensorflowEngine(loaded.tf, "tensorflow") : undefined
}
