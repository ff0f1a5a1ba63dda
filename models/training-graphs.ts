import { type BatchArrays, batchArrays } from "./batches.ts"
import type { Binding, Engine, EngineOptions, Session, TensorData } from "./ir/program.ts"
import { sizeOf } from "./ir/shape.ts"
import type { Random } from "./random.ts"
import type { T5Config } from "./t5-config.ts"
import { type BatchShape, portName, trainingProgram } from "./t5-programs.ts"
import type { Tensor } from "./weights.ts"

/** Weights and gradients that every graph reads and writes in place, by parameter. */
export interface TrainingMemory {
  readonly weights: ReadonlyMap<string, Tensor>
  readonly gradients: ReadonlyMap<string, Tensor>
}

/** Loss and gradients of batches of one shape. */
export interface TrainingGraph {
  readonly shape: BatchShape
  readonly arrays: BatchArrays
  /** Runs forward and backward over `arrays` and returns the loss; `random` draws the dropout masks. */
  run(random: Random): Promise<number>
  release(): Promise<void>
}

// Each session holds the activations of its largest run, so a rarely used length is given up for a new one.
const KEPT = 6

/** The compiled graphs of a training, one for each batch shape in recent use. */
export class TrainingGraphs {
  readonly #compile: (shape: BatchShape) => Promise<TrainingGraph>
  readonly #graphs = new Map<string, TrainingGraph>()

  constructor(
    engine: Engine,
    engineOptions: EngineOptions,
    config: T5Config,
    memory: TrainingMemory,
    options: { readonly dropout: number; readonly accumulate: boolean },
  ) {
    this.#compile = (shape) => compile(engine, engineOptions, config, memory, shape, options)
  }

  /** The graph of a shape, compiled if it is not at hand. */
  async get(shape: BatchShape): Promise<TrainingGraph> {
    const key = `${shape.batch} ${shape.source} ${shape.target}`
    const known = this.#graphs.get(key)
    this.#graphs.delete(key)
    for (const [oldest, graph] of this.#graphs) {
      if (this.#graphs.size < KEPT) break
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
  config: T5Config,
  memory: TrainingMemory,
  shape: BatchShape,
  options: { readonly dropout: number; readonly accumulate: boolean },
): Promise<TrainingGraph> => {
  const { dropout, accumulate } = options
  const { program, masks } = trainingProgram(config, shape, { dropout: dropout > 0, accumulate })
  const session: Session = await engine.compile(program, engineOptions)
  const arrays = batchArrays(shape)
  const maskArrays = [...masks].map(([name, mask]): [string, Float32Array] => [name, new Float32Array(sizeOf(mask))])
  const loss = new Float32Array(1)
  const inputs = new Map<string, TensorData>([
    ["source ids", arrays.sourceIds],
    ["source mask", arrays.sourceMask],
    ["decoder ids", arrays.decoderIds],
    ["labels", arrays.labels],
    ["label weights", arrays.labelWeights],
    ...maskArrays,
  ])
  const outputs = new Map<string, TensorData>([["loss", loss]])
  for (const [name, { data }] of memory.weights) inputs.set(name, data)
  for (const [name, { data }] of memory.gradients) {
    // Read and written in place: the sum goes element by element, so that no second set of gradients is needed.
    if (accumulate) inputs.set(portName.accumulated(name), data)
    outputs.set(portName.gradient(name), data)
  }
  const binding: Binding = session.bind(inputs, outputs)
  return {
    shape,
    arrays,
    run: async (random) => {
      for (const [, mask] of maskArrays) random.fillDropout(mask, dropout)
      await session.run(binding)
      return loss[0] ?? Number.NaN
    },
    release: () => session.release(),
  }
}
