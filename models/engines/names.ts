/** The engines that can be asked for by name; `auto` is `tensorflow` where it finds a CUDA device, else `onnxruntime`. */
export const engineNames = ["auto", "onnxruntime", "onnxruntime-webgpu", "onnxruntime-cuda", "tensorflow"] as const

export type EngineName = typeof engineNames[number]

/** The engines that are onnxruntime, on the CPU or another of its providers. */
export type OnnxName = "onnxruntime" | "onnxruntime-webgpu" | "onnxruntime-cuda"
