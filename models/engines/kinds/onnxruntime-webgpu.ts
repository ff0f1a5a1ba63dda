import type { Engine } from "../../ir/program.ts"
import { openOnnx } from "../onnx/open.ts"

/** onnxruntime on a GPU by way of WebGPU. Throws `EngineUnavailable`. */
export const open = (): Promise<Engine> => openOnnx("onnxruntime-webgpu")
