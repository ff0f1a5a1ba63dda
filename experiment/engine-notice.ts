import { Effect } from "effect"
import type { Experiment } from "redag"

type EngineNotice = NonNullable<Experiment["notices"]>[number]
type About = Parameters<EngineNotice["of"]>[0]
type Said = Effect.Success<ReturnType<EngineNotice["of"]>>

const say = (nodes: About["nodes"], findings: About["findings"]): Said => {
  const [cuda, tensorflow] = [findings.get("onnxruntime-cuda"), findings.get("tensorflow")]
  const isOnCuda = cuda?.status === "usable"
  const isOnGpu = isOnCuda || (tensorflow?.status === "usable" && tensorflow.detail.includes("CUDA device"))
  const others = isOnCuda
    ? []
    : [
      { engine: "onnxruntime-cuda", finding: cuda },
      ...(isOnGpu ? [] : [{ engine: "tensorflow", finding: tensorflow }]),
    ]
      .map(({ engine, finding }) => ({ engine, why: finding?.detail ?? "it was not tried" }))
  const engine = isOnCuda ? "onnxruntime-cuda" : isOnGpu ? "tensorflow" : "onnxruntime"
  const count = nodes.length === 1 ? "1 node" : `${nodes.length.toLocaleString("en")} nodes`
  // What a node reserves of the machine is all that it takes there: no more of it can be on the device.
  const bytes = Math.max(...nodes.map(({ resources }) => resources.memory)) * 2 ** 20
  const facts = { engine, device: isOnGpu ? "gpu" : "cpu", nodes: nodes.length, not: others }
  const lines = [
    `engine auto: ${engine}${isOnGpu ? "" : " on the CPU"}, for ${count}${isOnCuda ? ` (${cuda.detail})` : ""}`,
    ...others.map(({ engine, why }) => `not ${engine}: ${why}`),
  ]
  if (isOnGpu) {
    return {
      lines: [...lines, `a node needs up to ${(bytes / 1e9).toFixed(1)} GB on the GPU`],
      facts: { ...facts, gpuBytes: bytes },
    }
  }
  return {
    lines: [...lines, "the paper's models take days to weeks on a CPU; docs/gpu.md says how to use a GPU"],
    facts,
    asks: {
      question: "Compute the paper's models on the CPU?",
      message: `no GPU can be used, and the paper's models take days to weeks on the CPU: ${count}`,
      help: "docs/gpu.md says how to use a GPU; or use --yes to compute on the CPU",
    },
  }
}

/**
 * Which engine the nodes take that leave the choice to this machine, and why not the others: said before they start. Only
 * the paper's models leave it; the bundled ones name theirs.
 */
export const engineNotice: EngineNotice = {
  concerns: (params) => "engine" in params && params.engine === "auto",
  checks: ["onnxruntime-cuda", "tensorflow"],
  of: ({ nodes, findings }) => Effect.succeed(say(nodes, findings)),
}
