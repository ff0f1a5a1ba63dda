import type { Architecture } from "../architectures/architecture.ts"
import type { Weights } from "../architectures/weights.ts"
import type { Binding, Engine, EngineOptions, Session, TensorData } from "../ir/program.ts"
import { sizeOf } from "../ir/shape.ts"
import type { Random } from "../kernels/random.ts"
import { type Batch, batchOf } from "./batches.ts"
import { type BatchShape, type Dropout, portName, trainingProgram } from "./programs.ts"

/** Weights and gradients that every graph reads and writes in place, by parameter. */
export interface TrainingMemory {
  readonly weights: Weights
  /** Of what is trained. */
  readonly gradients: Weights
}

/** Loss and gradients of batches of one shape. */
export interface TrainingGraph {
  readonly shape: BatchShape
  readonly batch: Batch
  /** Runs forward and backward over `batch` and returns the loss; `random` draws the dropout masks. */
  run(random: Random): Promise<number>
  release(): Promise<void>
}

/**
 * The most graphs that are worth keeping at a time: each holds the activations of its largest run, so a rarely used
 * length is given up for a new one.
 */
export const MOST_KEPT = 6

/** The compiled graphs of a training, one for each batch shape in recent use. */
export class TrainingGraphs {
  readonly #compile: (shape: BatchShape) => Promise<TrainingGraph>
  readonly #graphs = new Map<string, TrainingGraph>()
  readonly #kept: number

  constructor(
    engine: Engine,
    engineOptions: EngineOptions,
    architecture: Architecture,
    memory: TrainingMemory,
    options: { readonly dropout: Dropout; readonly accumulate: boolean; readonly kept: number },
  ) {
    this.#kept = options.kept
    this.#compile = (shape) => compile(engine, engineOptions, architecture, memory, shape, options)
  }

  /** The graph of a shape, compiled if it is not at hand. */
  async get(shape: BatchShape): Promise<TrainingGraph> {
    const key = `${shape.batch} ${shape.source} ${shape.target}`
    const known = this.#graphs.get(key)
    this.#graphs.delete(key)
    for (const [oldest, graph] of this.#graphs) {
      if (this.#graphs.size < this.#kept) break
      this.#graphs.delete(oldest)
      await graph.release()
    }
    const graph = known ?? await this.#compile(shape)
    this.#graphs.set(key, graph)
    return graph
  }

  async release(): Promise<void> {
    const graphs = [...this.#graphs.values()]
    this.#graphs.clear()
    await Promise.all(graphs.map((graph) => graph.release()))
  }
}

const compile = async (
  engine: Engine,
  engineOptions: EngineOptions,
  architecture: Architecture,
  memory: TrainingMemory,
  shape: BatchShape,
  options: { readonly dropout: Dropout; readonly accumulate: boolean },
): Promise<TrainingGraph> => {
  const { program, masks } = trainingProgram(architecture, shape, options)
  const session: Session = await engine.compile(program, engineOptions)
  const batch = batchOf(architecture, shape)
  const maskArrays = [...masks].map(([name, mask]) => ({ name, ...mask, array: new Float32Array(sizeOf(mask.shape)) }))
  const loss = new Float32Array(1)
  const inputs = new Map<string, TensorData>(batch.inputs)
  for (const { name, array } of maskArrays) inputs.set(name, array)
  const outputs = new Map<string, TensorData>([["loss", loss]])
  for (const [name, { data }] of memory.weights) inputs.set(name, data)
  for (const [name, { data }] of memory.gradients) {
    // Read and written in place: the sum goes element by element, so that no second set of gradients is needed.
    if (options.accumulate) inputs.set(portName.accumulated(name), data)
    outputs.set(portName.gradient(name), data)
  }
  const binding: Binding = session.bind(inputs, outputs)
  return {
    shape,
    batch,
    run: async (random) => {
      for (const { array, probability } of maskArrays) random.fillDropout(array, probability)
      await session.run(binding)
      return loss[0] ?? Number.NaN
    },
    release: () => session.release(),
  }
}
