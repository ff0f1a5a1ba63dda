import type { Engine } from "../../ir/program.ts"
import { openCuda } from "../cuda/open.ts"

/** onnxruntime on a CUDA device. Throws `EngineUnavailable`. */
export const open = (): Promise<Engine> => openCuda()
