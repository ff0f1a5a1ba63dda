import type { Engine } from "../../ir/program.ts"
import { onnxOnCuda } from "../cuda/open.ts"
import { openOnnx } from "../onnx/open.ts"
import { tensorFlowOnGpu } from "../tensorflow/open.ts"

/** onnxruntime or TensorFlow, whichever first finds a CUDA device, else onnxruntime on the CPU. */
export const open = async (): Promise<Engine> =>
  (await onnxOnCuda()) ?? (await tensorFlowOnGpu()) ?? openOnnx("onnxruntime")
