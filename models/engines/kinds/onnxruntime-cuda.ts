import type { Engine } from "../../ir/program.ts"
import { openOnnx } from "../onnx/open.ts"

/** onnxruntime on a CUDA device. Throws `EngineUnavailable`. */
export const open = (): Promise<Engine> => openOnnx("onnxruntime-cuda")
