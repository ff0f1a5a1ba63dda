import type { Engine } from "../../ir/program.ts"
import { EngineUnavailable } from "../errors.ts"
import { cudaHelp } from "../messages.ts"
import { triedEngine } from "../onnx/tried.ts"
import { isCudaAdded, loadCudaRuntime, providerMissing } from "./load.ts"

/** onnxruntime on a CUDA device, tried on a small product. Throws `EngineUnavailable`. */
export const openCuda = async (load = loadCudaRuntime): Promise<Engine> => {
  const runtime = await load()
  try {
    return await triedEngine("onnxruntime-cuda", "cuda", cudaHelp, async () => runtime)
  } catch (cause) {
    if (!(cause instanceof EngineUnavailable) || !cause.reason.includes("load shared library")) throw cause
    throw new EngineUnavailable(cause.engine, providerMissing() ?? cause.reason, cause.help, { cause })
  }
}

/** The same where its libraries were added and it finds a device, undefined elsewhere. */
export const onnxOnCuda = async (): Promise<Engine | undefined> => {
  if (!isCudaAdded()) return undefined
  try {
    return await openCuda()
  } catch (cause) {
    if (cause instanceof EngineUnavailable && !cause.wrong) return undefined
    throw cause
  }
}
