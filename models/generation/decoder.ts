import type { StepState } from "../architectures/architecture.ts"
import type { Model } from "../architectures/weights.ts"
import type { Binding, Engine, EngineOptions, Session, TensorData } from "../ir/program.ts"
import { arrayFor } from "../training/programs.ts"
import { BeamSearch } from "./beams.ts"
import type { Decoding } from "./decoding.ts"
import { KeyValueCache } from "./kv-cache.ts"
import { Prefill } from "./prefill.ts"
import { fillStep, type GenerationShape, type StepProgram, stepProgram, tableName } from "./programs.ts"
import { GreedySearch, type Search } from "./search.ts"

/**
 * Decodes batches with one session of a step, whose weights are bound, and one session at a time that makes the memory:
 * batches come from long to short, so one for a longer source is never needed again.
 */
export class Decoder {
  readonly #engine: Engine
  readonly #engineOptions: EngineOptions
  readonly #model: Model
  readonly #shape: GenerationShape
  readonly #decoding: Decoding
  readonly #session: Session
  readonly #step: StepProgram
  readonly #cache: KeyValueCache
  readonly #ids: Int32Array
  /** [B·K,V]. */
  readonly #scores: Float32Array
  /** [2·blocks·B,H,K,D]. */
  readonly #made: Float32Array
  #prefill: Prefill | undefined

  private constructor(
    engine: Engine,
    engineOptions: EngineOptions,
    model: Model,
    shape: GenerationShape,
    decoding: Decoding,
    session: Session,
    step: StepProgram,
  ) {
    const { architecture } = model
    const rows = shape.batch * shape.beams
    this.#engine = engine
    this.#engineOptions = engineOptions
    this.#model = model
    this.#shape = shape
    this.#decoding = decoding
    this.#session = session
    this.#step = step
    this.#cache = new KeyValueCache(architecture, shape)
    this.#ids = new Int32Array(rows)
    this.#scores = new Float32Array(rows * architecture.vocabulary)
    this.#made = new Float32Array(2 * architecture.blocks * rows * architecture.heads * architecture.headWidth)
  }

  /** Compiles the step's session of a shape, whose beams are those of the decoding. */
  static async compile(
    engine: Engine,
    engineOptions: EngineOptions,
    model: Model,
    shape: GenerationShape,
    decoding: Decoding,
  ): Promise<Decoder> {
    const step = stepProgram(model.architecture, model.weights.tensors, shape)
    const session = await engine.compile(step.program, { ...engineOptions, latency: "low" })
    return new Decoder(engine, engineOptions, model, shape, decoding, session, step)
  }

  /** The new tokens of each source, up to and with its EOS; `length` is the padded length, at most the shape's source. */
  async decode(sources: readonly (readonly number[])[], length: number): Promise<readonly (readonly number[])[]> {
    const { architecture: { kind, vocabulary } } = this.#model
    const { beams, batch, capacity } = this.#shape
    const searches = sources.map((source) => this.#search(source))
    // A decoder-only model goes on from the last token of its prompt; what is before that is its memory.
    const remembered = kind === "decoder-only" ? sources.map((source) => source.slice(0, -1)) : sources
    const memory = await this.#remember(remembered, length)
    const lengths = Array.from(
      { length: batch },
      (_, row) => kind === "decoder-only" ? remembered[row]?.length ?? 0 : 0,
    )
    this.#cache.start(lengths, kind === "decoder-only" ? length : 0, (part, block) => memory.of(part, block))

    let bound = this.#bind(memory)
    for (let step = 0; step < capacity && searches.some(({ done }) => !done); step++) {
      if (this.#cache.makeRoom(step)) bound = this.#bind(memory)
      const { before, mask } = this.#cache
      searches.forEach(({ next }, row) => this.#ids.set(next, row * beams))
      this.#fill(bound.inputs, { step, beams, before, lengths, mask })
      await this.#session.run(bound.binding)
      this.#cache.keep(step, this.#made)
      searches.forEach((search, row) => {
        if (search.done) return
        search.advance(this.#scores.subarray(row * beams * vocabulary, (row + 1) * beams * vocabulary))
        this.#cache.follow(step, row, search.parents)
      })
    }
    return searches.map(({ result }) => result)
  }

  async release(): Promise<void> {
    await this.#prefill?.release()
    this.#prefill = undefined
    await this.#session.release()
  }

  #search(source: readonly number[]): Search {
    const { architecture } = this.#model
    const { decoderStartTokenId, eosTokenIds, maxLength } = this.#decoding
    const prompt = architecture.kind === "encoder-decoder"
      ? [decoderStartTokenId ?? architecture.decoderStartId]
      : source.length === 0
      ? [architecture.eosId]
      : source
    const limit = Math.max(1, Math.min(this.#shape.capacity, (maxLength ?? Infinity) - prompt.length))
    const eosIds = eosTokenIds ?? [architecture.eosId]
    const options = { decoding: this.#decoding, eosIds, vocabulary: architecture.vocabulary, prompt, limit }
    return this.#shape.beams === 1 ? new GreedySearch(options) : new BeamSearch(options)
  }

  async #remember(sources: readonly (readonly number[])[], length: number): Promise<Prefill> {
    if (this.#prefill?.length !== length) {
      await this.#prefill?.release()
      this.#prefill = undefined
      this.#prefill = await Prefill.compile(this.#engine, this.#engineOptions, this.#model, this.#shape.batch, length)
    }
    await this.#prefill.read(sources)
    return this.#prefill
  }

  /** Ties the step to the arrays that there are now. */
  #bind(memory: Prefill): { readonly binding: Binding; readonly inputs: ReadonlyMap<string, TensorData> } {
    const { architecture, weights } = this.#model
    const { mask } = this.#cache
    const inputs = new Map<string, TensorData>([["ids", this.#ids], ["own mask", mask], ...this.#cache.arrays()])
    if (architecture.kind === "encoder-decoder") {
      inputs.set("memory mask", memory.mask)
      for (const [name, array] of memory.made) inputs.set(name, array)
    }
    for (const name of this.#step.tables) {
      const table = weights.tensors.get(name)
      if (table !== undefined) inputs.set(tableName(name), table.data)
    }
    const rows = this.#shape.batch * this.#shape.beams
    for (const [name, { dtype, shape, free }] of this.#step.inputs) {
      inputs.set(name, arrayFor(dtype, free === undefined ? shape : shape.with(free, mask.length / rows)))
    }
    const outputs = new Map<string, TensorData>([["scores", this.#scores], ["made", this.#made]])
    return { binding: this.#session.bind(inputs, outputs), inputs }
  }

  #fill(inputs: ReadonlyMap<string, TensorData>, state: StepState): void {
    for (const [name, input] of this.#step.inputs) {
      const array = inputs.get(name)
      if (array !== undefined) fillStep(input, array, state)
    }
  }
}
