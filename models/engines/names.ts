/** The engines that are onnxruntime, on the CPU or on another of its providers. */
export type OnnxName = "onnxruntime" | "onnxruntime-webgpu" | "onnxruntime-cuda"

/** The engines that can be asked for by their own names. */
export type EngineName = OnnxName | "tensorflow"
