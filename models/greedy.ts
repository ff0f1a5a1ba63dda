import type { Checkpoint } from "./checkpoint.ts"
import type { Binding, Engine, EngineOptions, Session, TensorData } from "./ir/program.ts"
import { type CachePart, decodingProgram, encoderProgram, portName } from "./t5-programs.ts"
import { MASKED, t5Bucket } from "./t5.ts"

/** Rows decoded together, the longest padded source, and the most tokens of one output. */
export interface DecodingShape {
  readonly batch: number
  readonly source: number
  readonly capacity: number
}

interface Encoder {
  readonly session: Session
  readonly binding: Binding
  readonly ids: Int32Array
  readonly mask: Float32Array
  readonly memory: ReadonlyMap<string, Float32Array>
}

/**
 * Greedy decoding of batches with one decoding session, whose weights are bound, and one encoder session at a time:
 * batches come from long to short, so an encoder of a longer source is never needed again.
 */
export class GreedyDecoder {
  readonly #engine: Engine
  readonly #engineOptions: EngineOptions
  readonly #checkpoint: Checkpoint
  readonly #shape: DecodingShape
  readonly #session: Session
  readonly #binding: Binding
  readonly #arrays: ReadonlyMap<string, TensorData>
  readonly #bias: Float32Array
  #encoder: { readonly length: number; readonly encoder: Encoder } | undefined

  private constructor(
    engine: Engine,
    engineOptions: EngineOptions,
    checkpoint: Checkpoint,
    shape: DecodingShape,
    session: Session,
  ) {
    this.#engine = engine
    this.#engineOptions = engineOptions
    this.#checkpoint = checkpoint
    this.#shape = shape
    this.#session = session
    const { inputs, outputs } = decodingArrays(checkpoint, shape)
    this.#arrays = new Map([...inputs, ...outputs])
    this.#binding = session.bind(inputs, outputs)
    this.#bias = causalBias(checkpoint, shape.capacity)
  }

  /** Compiles the decoding session of a shape. */
  static async compile(
    engine: Engine,
    engineOptions: EngineOptions,
    checkpoint: Checkpoint,
    shape: DecodingShape,
  ): Promise<GreedyDecoder> {
    const session = await engine.compile(decodingProgram(checkpoint.config, checkpoint.weights, shape), engineOptions)
    return new GreedyDecoder(engine, engineOptions, checkpoint, shape, session)
  }

  /**
   * The new tokens of the first `rows` rows, each up to and with its EOS, for `ids` and `mask` [batch, length] with
   * `length` at most the shape's source.
   */
  async decode(ids: Int32Array, mask: Float32Array, length: number, rows: number): Promise<readonly number[][]> {
    const { config } = this.#checkpoint
    const { batch, capacity } = this.#shape
    await this.#encode(ids, mask, length)
    const [next, nextIds] = [this.#ints("ids"), this.#ints("next ids")]
    const [place, bias] = [this.#floats("place"), this.#floats("position bias")]
    for (let block = 0; block < config.decoderLayers; block++) {
      this.#floats(portName.cache("self keys", block)).fill(0)
      this.#floats(portName.cache("self values", block)).fill(0)
    }
    next.fill(config.decoderStartId)
    const outputs = Array.from({ length: batch }, (): number[] => [])
    const finished = outputs.map((_, row) => row >= rows)
    for (let position = 0; position < capacity && finished.includes(false); position++) {
      place.fill(0)
      place[position] = 1
      this.#fillBias(bias, position)
      await this.#session.run(this.#binding)
      for (let row = 0; row < batch; row++) {
        const token = nextIds[row] ?? config.eosId
        if (finished[row] === false) outputs[row]?.push(token)
        finished[row] ||= token === config.eosId
        next[row] = token
      }
      this.#remember(position)
    }
    return outputs.slice(0, rows)
  }

  async release(): Promise<void> {
    await this.#encoder?.encoder.session.release()
    this.#encoder = undefined
    await this.#session.release()
  }

  /** Runs the encoder and lays the source's keys and values into the decoder's longer arrays. */
  async #encode(ids: Int32Array, mask: Float32Array, length: number): Promise<void> {
    const { config } = this.#checkpoint
    const { batch, source } = this.#shape
    if (this.#encoder?.length !== length) {
      await this.#encoder?.encoder.session.release()
      this.#encoder = undefined
      this.#encoder = { length, encoder: await this.#compileEncoder(length) }
    }
    const { encoder } = this.#encoder
    encoder.ids.set(ids)
    encoder.mask.set(mask)
    await encoder.session.run(encoder.binding)
    for (const [name, memory] of encoder.memory) {
      copyRows(memory, length * config.headWidth, this.#floats(name), source * config.headWidth, batch * config.heads)
    }
    const wholeMask = this.#floats("source mask")
    wholeMask.fill(MASKED)
    copyRows(mask, length, wholeMask, source, batch)
  }

  async #compileEncoder(length: number): Promise<Encoder> {
    const { config, weights } = this.#checkpoint
    const { batch } = this.#shape
    const session = await this.#engine.compile(encoderProgram(config, batch, length), this.#engineOptions)
    const [ids, mask] = [new Int32Array(batch * length), new Float32Array(batch * length)]
    const memory = new Map<string, Float32Array>()
    for (const part of ["cross keys", "cross values"] as const) {
      for (let block = 0; block < config.decoderLayers; block++) {
        memory.set(portName.cache(part, block), new Float32Array(batch * config.heads * length * config.headWidth))
      }
    }
    const inputs = new Map<string, TensorData>([["source ids", ids], ["source mask", mask]])
    for (const [name, { data }] of weights) inputs.set(name, data)
    return { session, binding: session.bind(inputs, memory), ids, mask, memory }
  }

  /** The bias of a query at `position` towards every position of the cache. */
  #fillBias(bias: Float32Array, position: number): void {
    const { capacity } = this.#shape
    bias.fill(MASKED)
    for (let head = 0; head < this.#checkpoint.config.heads; head++) {
      for (let key = 0; key <= position; key++) {
        bias[head * capacity + key] = this.#bias[head * capacity + position - key] ?? 0
      }
    }
  }

  /** Puts the new token's keys and values into the caches. */
  #remember(position: number): void {
    const { decoderLayers, heads, headWidth } = this.#checkpoint.config
    const { batch, capacity } = this.#shape
    const pairs: readonly (readonly [CachePart, CachePart])[] = [["new key", "self keys"], ["new value", "self values"]]
    for (const [made, kept] of pairs) {
      for (let block = 0; block < decoderLayers; block++) {
        const cache = this.#floats(portName.cache(kept, block)).subarray(position * headWidth)
        copyRows(this.#floats(portName.cache(made, block)), headWidth, cache, capacity * headWidth, batch * heads)
      }
    }
  }

  #floats(name: string): Float32Array {
    const array = this.#arrays.get(name)
    if (!(array instanceof Float32Array)) throw new Error(`decoding has no float32 array ${name}`)
    return array
  }

  #ints(name: string): Int32Array {
    const array = this.#arrays.get(name)
    if (!(array instanceof Int32Array)) throw new Error(`decoding has no int32 array ${name}`)
    return array
  }
}

/** Copies `count` rows of `width` values to the starts of rows of `stride` values. */
const copyRows = (from: Float32Array, width: number, to: Float32Array, stride: number, count: number): void => {
  for (let row = 0; row < count; row++) to.set(from.subarray(row * width, (row + 1) * width), row * stride)
}

const decodingArrays = ({ config }: Checkpoint, { batch, source, capacity }: DecodingShape) => {
  const { heads, headWidth } = config
  const inputs = new Map<string, TensorData>([
    ["ids", new Int32Array(batch)],
    ["place", new Float32Array(capacity)],
    ["position bias", new Float32Array(heads * capacity)],
    ["source mask", new Float32Array(batch * source)],
  ])
  const outputs = new Map<string, TensorData>([["next ids", new Int32Array(batch)]])
  for (let block = 0; block < config.decoderLayers; block++) {
    for (const part of ["self keys", "self values"] as const) {
      inputs.set(portName.cache(part, block), new Float32Array(batch * heads * capacity * headWidth))
    }
    for (const part of ["cross keys", "cross values"] as const) {
      inputs.set(portName.cache(part, block), new Float32Array(batch * heads * source * headWidth))
    }
    for (const part of ["new key", "new value"] as const) {
      outputs.set(portName.cache(part, block), new Float32Array(batch * heads * headWidth))
    }
  }
  return { inputs, outputs }
}

/** The decoder's position bias by head and distance back: [heads, capacity]. */
const causalBias = ({ config, weights }: Checkpoint, capacity: number): Float32Array => {
  const table = weights.get("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")?.data
  const bias = new Float32Array(config.heads * capacity)
  for (let distance = 0; distance < capacity; distance++) {
    const bucket = t5Bucket(config, -distance, false)
    for (let head = 0; head < config.heads; head++) {
      bias[head * capacity + distance] = table?.[bucket * config.heads + head] ?? 0
    }
  }
  return bias
}
