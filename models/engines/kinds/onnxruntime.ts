import type { Engine } from "../../ir/program.ts"
import { openOnnx } from "../onnx/open.ts"

/** onnxruntime on the CPU. Throws `EngineUnavailable`. */
export const open = (): Promise<Engine> => openOnnx("onnxruntime")
