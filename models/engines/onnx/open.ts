import { type Engine, EngineError } from "../../ir/program.ts"
import { EngineUnavailable } from "../errors.ts"
import { cudaHelp, multipliesWrongly, webgpuHelp } from "../messages.ts"
import type { OnnxName } from "../names.ts"
import { isRight, smallProduct } from "../product.ts"
import { onnxEngine, onnxEngineOn, type OnnxProvider } from "./engine.ts"

/** The engine of a name, tried on a small product where it is not on the CPU. Throws `EngineUnavailable`. */
export const openOnnx = async (name: OnnxName): Promise<Engine> => {
  switch (name) {
    case "onnxruntime":
      return onnxEngine
    case "onnxruntime-webgpu":
      return tried(name, "webgpu", webgpuHelp)
    case "onnxruntime-cuda":
      return tried(name, "cuda", cudaHelp)
  }
}

const tried = async (name: OnnxName, provider: OnnxProvider, help: string): Promise<Engine> => {
  const engine = onnxEngineOn(provider)
  const product = await smallProduct(engine).catch((cause: unknown) => {
    // onnxruntime puts the place in its source before some reasons.
    const [line = ""] = (cause instanceof EngineError ? cause.reason : String(cause)).split("\n")
    throw new EngineUnavailable(name, line.replace(/^.* was false\. /u, ""), help, { cause })
  })
  if (isRight(product)) return engine
  throw new EngineUnavailable(name, multipliesWrongly(product), help, { wrong: true })
}
