import { Effect } from "effect"
import { attemptPromise, choice } from "redag"
import type { EngineParam } from "../params/engine.ts"
import { modelFailure } from "./failures.ts"

/** The libraries that engines run on. */
const libraries = choice("engine", {
  onnxruntime: () => import("../../../models/engines/onnx/open.ts"),
  tensorflow: () => import("../../../models/engines/tensorflow/open.ts"),
})

/** The engine of a name, once it is found to work here. */
export const engineOf = Effect.fnUntraced(function*(name: typeof EngineParam.Type) {
  if (name === "tensorflow") {
    const { openTensorFlow } = yield* libraries.load("tensorflow")
    return yield* attemptPromise(() => openTensorFlow(), modelFailure)
  }
  if (name === "auto") {
    const { tensorFlowOnGpu } = yield* libraries.load("tensorflow")
    const onGpu = yield* attemptPromise(() => tensorFlowOnGpu(), modelFailure)
    if (onGpu !== undefined) return onGpu
  }
  const { openOnnx } = yield* libraries.load("onnxruntime")
  return yield* attemptPromise(() => openOnnx(name === "auto" ? "onnxruntime" : name), modelFailure)
})
