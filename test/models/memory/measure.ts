/**
 * Runs a T5's training graph eight times on onnxruntime and prints what that took of memory beyond the arrays that it was
 * given, and what was planned: `node measure-memory.ts LAYERS WIDTH VOCABULARY BATCH SOURCE TARGET`. The peak is one of
 * the process's whole life, so each measurement needs a process of its own.
 */
import type { Config } from "../../../models/architectures/architecture.ts"
import { architectureOf } from "../../../models/architectures/t5.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { peakBytes } from "../../../models/ir/memory.ts"
import { reachable, type TensorData } from "../../../models/ir/program.ts"
import { sizeOf } from "../../../models/ir/shape.ts"
import { onnxruntimeTakes as takes } from "../../../models/memory/plan.ts"
import { trainingProgram } from "../../../models/training/programs.ts"

/** The architecture of a configuration without its model type. */
const t5 = (config: Config) => architectureOf({ model_type: "t5", ...config })

const [layers = 0, width = 0, vocabulary = 0, batch = 0, source = 0, target = 0] = process.argv.slice(2).map(Number)
const architecture = t5({
  model_type: "t5",
  vocab_size: vocabulary,
  d_model: width,
  d_kv: 64,
  num_heads: width / 64,
  d_ff: 4 * width,
  num_layers: layers,
  feed_forward_proj: "relu",
  tie_word_embeddings: true,
  pad_token_id: 0,
  eos_token_id: 1,
})
const { program } = trainingProgram(architecture, { batch, source, target }, { dropout: 0, accumulate: false })
/** Written to, for a page of zeros that is only read takes no memory. */
const arrayOf = (dtype: string, size: number): TensorData =>
  dtype === "int32" ? new Int32Array(size).fill(1) : new Float32Array(size).fill(0.01)
const inputs = new Map(
  reachable(program).flatMap((node): readonly [string, TensorData][] =>
    node.kind === "input" ? [[node.attributes.name, arrayOf(node.dtype, sizeOf(node.shape))]] : []
  ),
)
const outputs = new Map([...program.outputs].map(([name, node]) => [name, arrayOf(node.dtype, sizeOf(node.shape))]))

const before = process.memoryUsage.rss()
const session = await onnxEngine.compile(program, { threads: 2 })
const compiled = process.memoryUsage.rss()
const binding = session.bind(inputs, outputs)
for (let run = 0; run < 8; run++) await session.run(binding)
const peak = process.resourceUsage().maxRSS * 1024

const { activations } = peakBytes(program)
process.stdout.write(`${
  JSON.stringify({
    activations,
    session: compiled - before,
    took: peak - before,
    planned: takes.activations * activations + takes.session + takes.library,
  })
}\n`)
