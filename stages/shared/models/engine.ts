import { Effect } from "effect"
import { attemptPromise, choice } from "redag"
import { modelFailure } from "./failures.ts"

/** The engines that run tensor programs. */
export const engines = choice("engine", {
  "auto": () => import("../../../models/engines/kinds/auto.ts"),
  "onnxruntime": () => import("../../../models/engines/kinds/onnxruntime.ts"),
  "onnxruntime-webgpu": () => import("../../../models/engines/kinds/onnxruntime-webgpu.ts"),
  "onnxruntime-cuda": () => import("../../../models/engines/kinds/onnxruntime-cuda.ts"),
  "tensorflow": () => import("../../../models/engines/kinds/tensorflow.ts"),
})

/** The engine of a name, once it is found to work here. */
export const engineOf = Effect.fnUntraced(function*(name: typeof engines.options[number]) {
  const { open } = yield* engines.load(name)
  return yield* attemptPromise(() => open(), modelFailure)
})
