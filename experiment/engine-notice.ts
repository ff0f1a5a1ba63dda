import type { Experiment } from "redag"

type Notice = NonNullable<Experiment["notice"]>

/** Which engine the nodes take that leave the choice to this machine, and why not the others: said before they start. */
export const engineNotice: Notice = {
  concerns: (params) => "engine" in params && params.engine === "auto",
  checks: ["onnxruntime-cuda", "tensorflow"],
  text: (nodes, findings) => {
    const [cuda, tensorflow] = [findings.get("onnxruntime-cuda"), findings.get("tensorflow")]
    const why = (name: string, detail: string | undefined) => `not ${name}: ${detail ?? "it was not tried"}`
    if (cuda?.status === "usable") return `engine auto: onnxruntime-cuda, for ${nodes} nodes (${cuda.detail})`
    const isOnGpu = tensorflow?.status === "usable" && tensorflow.detail.includes("CUDA device")
    return [
      `engine auto: ${isOnGpu ? "tensorflow" : "onnxruntime on the CPU"}, for ${nodes} nodes`,
      why("onnxruntime-cuda", cuda?.detail),
      ...(isOnGpu ? [] : [
        why("tensorflow", tensorflow?.detail),
        "the paper's models take days to weeks on a CPU; docs/gpu.md says how to use a GPU",
      ]),
    ].join("\n  ")
  },
}
