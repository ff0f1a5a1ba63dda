import { Graph } from "../ir/graph.ts"
import { matmul } from "../ir/ops.ts"
import { type Engine, EngineError } from "../ir/program.ts"
import { onnxEngine, onnxEngineOn, type OnnxProvider } from "./onnx/engine.ts"
import { tensorflowEngine } from "./tensorflow/engine.ts"
import { loadTensorFlow } from "./tensorflow/load.ts"

/** The engines that can be asked for by name. */
export const engineNames = ["auto", "onnxruntime", "onnxruntime-webgpu", "onnxruntime-cuda", "tensorflow"] as const

/** The name of an engine; `auto` is `tensorflow` where it finds a CUDA device, else `onnxruntime`. */
export type EngineName = typeof engineNames[number]

/** An engine that was asked for by name and cannot compute on this machine. */
export class EngineUnavailable extends Error {
  readonly _tag = "EngineUnavailable"
  readonly engine: EngineName
  readonly reason: string
  /** What to do about it, in one line. */
  readonly help: string

  constructor(engine: EngineName, reason: string, help: string, cause?: unknown) {
    super(`the engine ${engine} cannot be used here: ${reason}`, { cause })
    this.engine = engine
    this.reason = reason
    this.help = help
  }
}

/**
 * The engine of a name, tried out on a small product where it needs more than onnxruntime. Throws `EngineUnavailable`.
 * `load` is how TensorFlow is looked for.
 */
export const chooseEngine = async (name: EngineName, load = loadTensorFlow): Promise<Engine> => {
  switch (name) {
    case "onnxruntime":
      return onnxEngine
    case "onnxruntime-webgpu":
      return probed(
        name,
        "webgpu",
        "It needs a GPU with its Vulkan, Metal or Direct3D 12 driver; or choose onnxruntime.",
      )
    case "onnxruntime-cuda":
      return probed(
        name,
        "cuda",
        "It needs a CUDA device, CUDA 12, cuDNN, and onnxruntime's CUDA libraries, which redag's .npmrc leaves out: run"
          + " ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install; or choose onnxruntime.",
      )
    case "tensorflow": {
      const loaded = await load()
      if ("tf" in loaded) return tensorflowEngine(loaded.tf, "tensorflow")
      throw new EngineUnavailable(
        name,
        loaded.absent,
        "Install it where it can download TensorFlow, or build it with bench/tensorflow/build.sh; or choose onnxruntime.",
      )
    }
    case "auto": {
      const loaded = await load()
      return "tf" in loaded && loaded.gpu ? tensorflowEngine(loaded.tf, "tensorflow") : onnxEngine
    }
  }
}

const probed = async (name: EngineName, provider: OnnxProvider, help: string): Promise<Engine> => {
  const engine = onnxEngineOn(provider)
  const product = await probe(engine).catch((cause: unknown) => {
    // onnxruntime puts the place in its source before some reasons.
    const [line = ""] = (cause instanceof EngineError ? cause.reason : String(cause)).split("\n")
    throw new EngineUnavailable(name, line.replace(/^.* was false\. /u, ""), help, cause)
  })
  if (product.join(" ") === "19 22 43 50") return engine
  throw new EngineUnavailable(name, `it multiplies wrongly: got ${product.join(" ")}`, help)
}

/** The product of two matrices whose elements are small whole numbers, which no rounding changes. */
const probe = async (engine: Engine): Promise<Float32Array> => {
  const graph = new Graph()
  const product = matmul(graph.input("a", [2, 2]), graph.input("b", [2, 2]))
  const session = await engine.compile({ graph, outputs: new Map([["product", product]]) }, { threads: 1 })
  const result = new Float32Array(4)
  const inputs = new Map([["a", Float32Array.of(1, 2, 3, 4)], ["b", Float32Array.of(5, 6, 7, 8)]])
  await session.run(session.bind(inputs, new Map([["product", result]])))
  await session.release()
  return result
}
