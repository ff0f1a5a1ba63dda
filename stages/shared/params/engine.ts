import { Schema } from "effect"

/** What the tensor programs run on. "auto" is TensorFlow where it finds a GPU, else onnxruntime. */
export const EngineParam = Schema.Literals([
  "auto",
  "onnxruntime",
  "onnxruntime-webgpu",
  "onnxruntime-cuda",
  "tensorflow",
])

/** The options of choices that an engine takes. */
export const engineOptions = (name: typeof EngineParam.Type) => ({
  engine: name === "auto"
    ? ["onnxruntime", "tensorflow"] as const
    : name === "tensorflow"
    ? [name] as const
    : ["onnxruntime"] as const,
})
