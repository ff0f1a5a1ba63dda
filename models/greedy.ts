import { type Architecture, MASKED, type StepState } from "./architectures/architecture.ts"
import { fillSources } from "./batches.ts"
import type { Model } from "./checkpoints/checkpoint.ts"
import type { Binding, Engine, EngineOptions, Session, TensorData } from "./ir/program.ts"
import {
  arrayFor,
  type CachePart,
  fillStep,
  type GenerationShape,
  memoryProgram,
  portName,
  type StepInput,
  stepProgram,
} from "./programs.ts"

interface Memory {
  readonly length: number
  readonly session: Session
  readonly binding: Binding
  readonly ids: Int32Array
  readonly mask: Float32Array
  readonly made: ReadonlyMap<string, Float32Array>
}

/**
 * Greedy decoding of batches with one session of a step, whose weights are bound, and one session at a time that makes
 * the memory: batches come from long to short, so one for a longer source is never needed again.
 */
export class GreedyDecoder {
  readonly #engine: Engine
  readonly #engineOptions: EngineOptions
  readonly #model: Model
  readonly #shape: GenerationShape
  readonly #session: Session
  readonly #binding: Binding
  readonly #arrays: ReadonlyMap<string, TensorData>
  readonly #inputs: ReadonlyMap<string, StepInput>
  #memory: Memory | undefined

  private constructor(
    engine: Engine,
    engineOptions: EngineOptions,
    model: Model,
    shape: GenerationShape,
    session: Session,
    stepInputs: ReadonlyMap<string, StepInput>,
  ) {
    this.#engine = engine
    this.#engineOptions = engineOptions
    this.#model = model
    this.#shape = shape
    this.#session = session
    this.#inputs = stepInputs
    const { inputs, outputs } = generationArrays(model.architecture, shape, stepInputs)
    this.#arrays = new Map([...inputs, ...outputs])
    this.#binding = session.bind(inputs, outputs)
  }

  /** Compiles the step's session of a shape. */
  static async compile(
    engine: Engine,
    engineOptions: EngineOptions,
    model: Model,
    shape: GenerationShape,
  ): Promise<GreedyDecoder> {
    const { program, inputs } = stepProgram(model.architecture, model.weights.tensors, shape)
    const session = await engine.compile(program, engineOptions)
    return new GreedyDecoder(engine, engineOptions, model, shape, session, inputs)
  }

  /** The new tokens of each source, up to and with its EOS; `length` is the padded length, at most the shape's source. */
  async decode(sources: readonly (readonly number[])[], length: number): Promise<readonly number[][]> {
    const { architecture } = this.#model
    const { batch, capacity } = this.#shape
    // A decoder-only model goes on from the last token of its prompt; what is before that is its memory.
    const remembered = architecture.kind === "decoder-only" ? sources.map((source) => source.slice(0, -1)) : sources
    await this.#remember(remembered, length)
    for (let block = 0; block < architecture.blocks; block++) {
      this.#floats(portName.cache("own keys", block)).fill(0)
      this.#floats(portName.cache("own values", block)).fill(0)
    }
    const [next, nextIds] = [this.#ints("ids"), this.#ints("next ids")]
    next.fill(architecture.kind === "decoder-only" ? architecture.padId : architecture.decoderStartId)
    if (architecture.kind === "decoder-only") next.set(sources.map((source) => source.at(-1) ?? architecture.padId))
    const lengths = Array.from({ length: batch }, (_, row) => remembered[row]?.length ?? 0)
    const outputs = sources.map((): number[] => [])
    const finished = outputs.map(() => false)
    for (let step = 0; step < capacity && finished.includes(false); step++) {
      this.#fill({ step, lengths })
      await this.#session.run(this.#binding)
      outputs.forEach((output, row) => {
        const token = nextIds[row] ?? architecture.eosId
        if (finished[row] === false) output.push(token)
        finished[row] ||= token === architecture.eosId
      })
      next.set(nextIds)
      this.#keep(step)
    }
    return outputs
  }

  async release(): Promise<void> {
    await this.#memory?.session.release()
    this.#memory = undefined
    await this.#session.release()
  }

  #fill(state: StepState): void {
    for (const [name, input] of this.#inputs) {
      const array = this.#arrays.get(name)
      if (array !== undefined) fillStep(input, array, state)
    }
  }

  /** Makes the sources' keys and values and lays them into the step's longer arrays. */
  async #remember(sources: readonly (readonly number[])[], length: number): Promise<void> {
    const { heads, headWidth, padId } = this.#model.architecture
    const { batch, source } = this.#shape
    if (this.#memory?.length !== length) {
      await this.#memory?.session.release()
      this.#memory = undefined
      this.#memory = await this.#compileMemory(length)
    }
    const { session, binding, ids, mask, made } = this.#memory
    fillSources(ids, mask, length, sources, padId)
    await session.run(binding)
    for (const [name, values] of made) {
      copyRows(values, length * headWidth, this.#floats(name), source * headWidth, batch * heads)
    }
    const wholeMask = this.#floats("memory mask").fill(MASKED)
    copyRows(mask, length, wholeMask, source, batch)
  }

  async #compileMemory(length: number): Promise<Memory> {
    const { architecture, weights } = this.#model
    const { batch } = this.#shape
    const session = await this.#engine.compile(memoryProgram(architecture, batch, length), this.#engineOptions)
    const [ids, mask] = [new Int32Array(batch * length), new Float32Array(batch * length)]
    const made = new Map<string, Float32Array>()
    for (const part of ["memory keys", "memory values"] as const) {
      for (let block = 0; block < architecture.blocks; block++) {
        const size = batch * architecture.heads * length * architecture.headWidth
        made.set(portName.cache(part, block), new Float32Array(size))
      }
    }
    const inputs = new Map<string, TensorData>([["source ids", ids], ["source mask", mask]])
    for (const [name, { data }] of weights.tensors) inputs.set(name, data)
    return { length, session, binding: session.bind(inputs, made), ids, mask, made }
  }

  /** Puts the new token's keys and values into the caches. */
  #keep(step: number): void {
    const { blocks, heads, headWidth } = this.#model.architecture
    const { batch, capacity } = this.#shape
    const pairs: readonly (readonly [CachePart, CachePart])[] = [["new key", "own keys"], ["new value", "own values"]]
    for (const [made, kept] of pairs) {
      for (let block = 0; block < blocks; block++) {
        const cache = this.#floats(portName.cache(kept, block)).subarray(step * headWidth)
        copyRows(this.#floats(portName.cache(made, block)), headWidth, cache, capacity * headWidth, batch * heads)
      }
    }
  }

  #floats(name: string): Float32Array {
    const array = this.#arrays.get(name)
    if (!(array instanceof Float32Array)) throw new Error(`generation has no float32 array ${name}`)
    return array
  }

  #ints(name: string): Int32Array {
    const array = this.#arrays.get(name)
    if (!(array instanceof Int32Array)) throw new Error(`generation has no int32 array ${name}`)
    return array
  }
}

/** Copies `count` rows of `width` values to the starts of rows of `stride` values. */
const copyRows = (from: Float32Array, width: number, to: Float32Array, stride: number, count: number): void => {
  for (let row = 0; row < count; row++) to.set(from.subarray(row * width, (row + 1) * width), row * stride)
}

const generationArrays = (
  { blocks, heads, headWidth }: Architecture,
  { batch, source, capacity }: GenerationShape,
  stepInputs: ReadonlyMap<string, StepInput>,
) => {
  const inputs = new Map<string, TensorData>([
    ["ids", new Int32Array(batch)],
    ["memory mask", new Float32Array(batch * source)],
  ])
  for (const [name, { dtype, shape }] of stepInputs) inputs.set(name, arrayFor(dtype, shape))
  const outputs = new Map<string, TensorData>([["next ids", new Int32Array(batch)]])
  const put = (to: Map<string, TensorData>, parts: readonly CachePart[], length: number): void => {
    for (const part of parts) {
      for (let block = 0; block < blocks; block++) {
        to.set(portName.cache(part, block), new Float32Array(batch * heads * length * headWidth))
      }
    }
  }
  put(inputs, ["memory keys", "memory values"], source)
  put(inputs, ["own keys", "own values"], capacity)
  put(outputs, ["new key", "new value"], 1)
  return { inputs, outputs }
}
