import type { Engine } from "../../ir/program.ts"
import { openOnnx } from "../onnx/open.ts"
import { tensorFlowOnGpu } from "../tensorflow/open.ts"

/** TensorFlow where it finds a CUDA device, else onnxruntime on the CPU. */
export const open = async (): Promise<Engine> => (await tensorFlowOnGpu()) ?? openOnnx("onnxruntime")
