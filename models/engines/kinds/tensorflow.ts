import type { Engine } from "../../ir/program.ts"
import { openTensorFlow } from "../tensorflow/open.ts"

/** TensorFlow, which computes on a CUDA device where it finds one. Throws `EngineUnavailable`. */
export const open = (): Promise<Engine> => openTensorFlow()
