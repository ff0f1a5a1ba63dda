/**
 * The tensorflow engine on a real libtensorflow against onnxruntime: every op with its gradient, then training steps of
 * a model of T5-small's size without the optimizer, which is the same for both. Two threads each.
 *
 * Run as `node bench/tensorflow/compare.ts`, with `NODE_PATH` set as build.sh says where the package is not installed.
 * Prints milliseconds: wall time, and processor time, which other programs disturb less.
 */
import { cpus } from "node:os"
import type { Config } from "../../models/architectures/architecture.ts"
import { architectureOf } from "../../models/architectures/t5.ts"
import { initialise } from "../../models/architectures/weights.ts"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import { tensorflowEngine } from "../../models/engines/tensorflow/engine.ts"
import { loadTensorFlow } from "../../models/engines/tensorflow/load.ts"
import { Graph } from "../../models/ir/graph.ts"
import { argmax, scatterAdd } from "../../models/ir/ops.ts"
import { type Engine, type Program, reachable, type Session, type TensorData } from "../../models/ir/program.ts"
import { sizeOf } from "../../models/ir/shape.ts"
import { Random } from "../../models/kernels/random.ts"
import { arrayFor, trainingProgram } from "../../models/training/programs.ts"
import { differentiated, ints, opCases } from "../../test/models/ir/op-cases.ts"

/** The architecture of a configuration without its model type. */
const t5 = (config: Config) => architectureOf({ model_type: "t5", ...config })

const THREADS = 2
const ROUNDS = 7

process.env["TF_NUM_INTRAOP_THREADS"] ??= String(THREADS)
process.env["TF_NUM_INTEROP_THREADS"] ??= "1"

type Arrays = ReadonlyMap<string, TensorData>

/** Milliseconds of one run. */
interface Time {
  readonly wall: number
  readonly processor: number
}

/** A program compiled by one engine, with arrays for its results. */
interface Prepared {
  readonly session: Session
  readonly outputs: Arrays
  readonly run: () => Promise<Time>
}

const prepare = async (engine: Engine, program: Program, inputs: Arrays): Promise<Prepared> => {
  const session = await engine.compile(program, { threads: THREADS })
  const outputs = new Map([...program.outputs].map(([name, { dtype, shape }]) => [name, arrayFor(dtype, shape)]))
  const binding = session.bind(inputs, outputs)
  const run = async (): Promise<Time> => {
    const [start, before] = [performance.now(), process.cpuUsage()]
    await session.run(binding)
    const { user, system } = process.cpuUsage(before)
    return { wall: performance.now() - start, processor: (user + system) / 1000 }
  }
  return { session, outputs, run }
}

/** `‖a - b‖ / ‖b‖`, or `‖a - b‖` where `b` is small. */
const difference = (a: TensorData | undefined, b: TensorData): number => {
  let [apart, size] = [0, 0]
  b.forEach((value, index) => {
    apart += ((a?.[index] ?? Number.NaN) - value) ** 2
    size += value ** 2
  })
  return Math.sqrt(apart) / Math.max(Math.sqrt(size), 1e-3)
}

/** The largest difference of two sets of arrays, and where it is. */
const worstOf = (ours: Arrays, theirs: Arrays): readonly [number, string] => {
  let worst: readonly [number, string] = [0, "nowhere"]
  for (const [name, values] of theirs) {
    const apart = difference(ours.get(name), values)
    if (!(apart <= worst[0])) worst = [apart, name]
  }
  return worst
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const loaded = await loadTensorFlow()
if ("absent" in loaded) {
  print(loaded.absent)
  process.exit(1)
}
const { tf } = loaded
const engine = tensorflowEngine(tf, "tensorflow")
const { binding } = tf.backend() as unknown as { readonly binding: { readonly TF_Version: string } }
print(`backend ${loaded.backend}, CUDA ${loaded.gpu ? "found" : "not found"}`)
print(`tfjs-core ${tf.version_core}, libtensorflow ${binding.TF_Version}`)
print(`node ${process.versions.node}, ${cpus()[0]?.model}, ${cpus().length} cores`)

/** The largest difference between the engines on one program. */
const compare = async (program: Program, inputs: Arrays): Promise<number> => {
  const [ours, theirs] = [await prepare(engine, program, inputs), await prepare(onnxEngine, program, inputs)]
  await ours.run()
  await theirs.run()
  await ours.session.release()
  await theirs.session.release()
  return worstOf(ours.outputs, theirs.outputs)[0]
}

const byCase: number[] = []
for (const opCase of Object.values(opCases)) {
  const { graph, outputs, point } = differentiated(opCase)
  byCase.push(await compare({ graph, outputs: new Map(Object.entries(outputs)) }, new Map(Object.entries(point))))
}
print(`${byCase.length} op cases, values and gradients: worst difference ${Math.max(...byCase).toExponential(1)}`)

/** Many rows added into few and many equal maxima, shared among the threads. */
const crowded = async (): Promise<number> => {
  const [rows, table, classes] = [20_000, 13, 32_128]
  const graph = new Graph()
  const repeated = ints(graph, Array.from({ length: rows }, (_, row) => (row * 7919) % table), [rows])
  const sums = scatterAdd(graph.input("base", [table, 64]), repeated, graph.input("updates", [rows, 64]))
  const largest = argmax(graph.input("flat", [64, classes]))
  const flat = new Float32Array(64 * classes)
  for (let row = 0; row < 64; row++) flat.fill(1, row * classes + row * 500, row * classes + 32_000)
  const inputs = new Map([
    ["base", new Float32Array(table * 64)],
    ["updates", new Float32Array(rows * 64).fill(1)],
    ["flat", flat],
  ])
  return compare({ graph, outputs: new Map([["sums", sums], ["largest", largest]]) }, inputs)
}
print(`repeated rows and equal maxima: worst difference ${await crowded()}`)

const architecture = t5({
  model_type: "t5",
  vocab_size: 32_128,
  d_model: 512,
  d_kv: 64,
  num_heads: 8,
  d_ff: 2048,
  num_layers: 6,
  feed_forward_proj: "relu",
  tie_word_embeddings: true,
  pad_token_id: 0,
  eos_token_id: 1,
})
const weights = initialise(architecture.parameters, 1)
const { program } = trainingProgram(architecture, { batch: 2, source: 256, target: 64 }, {
  dropout: 0,
  accumulate: false,
})
const random = new Random(2)
const inputs = new Map<string, TensorData>([...weights.tensors].map(([name, { data }]) => [name, data]))
for (const node of reachable(program)) {
  if (node.kind !== "input" || inputs.has(node.attributes.name)) continue
  const size = sizeOf(node.shape)
  const data = node.dtype === "int32"
    ? Int32Array.from({ length: size }, () => 2 + Math.floor(random.uniform() * 32_000))
    : new Float32Array(size).fill(node.attributes.name === "label weights" ? 1 / size : 0)
  inputs.set(node.attributes.name, data)
}

const millions = (weights.trained.length / 1e6).toFixed(1)
print(`a step of ${millions}M parameters, batch 2 × (256 + 64), forward and backward:`)
const [ours, theirs] = [await prepare(engine, program, inputs), await prepare(onnxEngine, program, inputs)]
const first = [await ours.run(), await theirs.run()]
const [apart, where] = worstOf(ours.outputs, theirs.outputs)
print(`  loss ${ours.outputs.get("loss")?.[0]} and ${theirs.outputs.get("loss")?.[0]}`)
print(`  worst relative difference of a gradient: ${apart.toExponential(1)} (${where})`)

const results = new Map([...ours.outputs].map(([name, values]) => [name, values.slice()]))
const tensors = tf.memory().numTensors
const times: readonly [Time[], Time[]] = [[], []]
for (let round = 0; round < ROUNDS; round++) {
  times[0].push(await ours.run())
  times[1].push(await theirs.run())
}
const changed = worstOf(ours.outputs, results)[0] !== 0
print(
  `  ${changed ? "other" : "the same"} values at every run; tensors held: ${tensors}, then ${tf.memory().numTensors}`,
)

const median = (all: readonly Time[], clock: keyof Time): number =>
  all.map((time) => time[clock]).toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? Number.NaN
for (const [index, name] of ["tensorflow ", "onnxruntime"].entries()) {
  const all = times[index] ?? []
  const [wall, processor] = [median(all, "wall").toFixed(0), median(all, "processor").toFixed(0)]
  const each = all.map((time) => time.wall.toFixed(0)).join(" ")
  print(`  ${name}  ${wall} ms (${each}; first ${first[index]?.wall.toFixed(0)}), processor ${processor} ms`)
}
const ratio = (clock: keyof Time): string => (median(times[0], clock) / median(times[1], clock)).toFixed(2)
print(`  ratio ${ratio("wall")}, of processor time ${ratio("processor")}`)
await ours.session.release()
await theirs.session.release()
print(`  tensors held after release: ${tf.memory().numTensors}`)
