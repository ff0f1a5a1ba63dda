import type { Engine } from "../../ir/program.ts"
import { webgpuHelp } from "../messages.ts"
import { onnxEngine } from "./engine.ts"
import { triedEngine } from "./tried.ts"

/** The engine of a name, tried on a small product where it is not on the CPU. Throws `EngineUnavailable`. */
export const openOnnx = async (name: "onnxruntime" | "onnxruntime-webgpu"): Promise<Engine> => {
  switch (name) {
    case "onnxruntime":
      return onnxEngine
    case "onnxruntime-webgpu":
      return triedEngine(name, "webgpu", webgpuHelp)
  }
}
