import { Effect, Schema } from "effect"
import { stageFailure } from "../models/failures.ts"

/** What the tensor programs run on. "auto" is TensorFlow where it finds a GPU, else onnxruntime. */
export const EngineParam = Schema.Literals([
  "auto",
  "onnxruntime",
  "onnxruntime-webgpu",
  "onnxruntime-cuda",
  "tensorflow",
])

/** The engine of a name, once it is found to work here. */
export const engineOf = Effect.fnUntraced(function*(name: typeof EngineParam.Type) {
  const { chooseEngine } = yield* Effect.promise(() => import("../../../models/engines/choose.ts"))
  return yield* Effect.tryPromise({ try: () => chooseEngine(name), catch: (cause) => cause }).pipe(
    Effect.catch(stageFailure),
  )
})
