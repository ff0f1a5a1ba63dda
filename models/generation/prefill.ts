import type { Architecture } from "../architectures/architecture.ts"
import type { Model } from "../architectures/weights.ts"
import type { Binding, Engine, EngineOptions, Session, TensorData } from "../ir/program.ts"
import { fillSources } from "../training/batches.ts"
import { noPart } from "./messages.ts"
import { cacheName, type CachePart, memoryProgram } from "./programs.ts"

/** The session that reads sources of one padded length, and the keys and values that it makes of them. */
export class Prefill {
  readonly length: number
  /** 0 for a token, `MASKED` for padding: [B,S]. */
  readonly mask: Float32Array
  /** Keys and values [B,H,S,D] by the names of a step's inputs. */
  readonly made: ReadonlyMap<string, Float32Array>
  readonly #session: Session
  readonly #binding: Binding
  readonly #ids: Int32Array
  readonly #padId: number

  private constructor(model: Model, batch: number, length: number, session: Session) {
    const { architecture, weights } = model
    this.length = length
    this.mask = new Float32Array(batch * length)
    this.made = arraysOf(architecture, batch, length)
    this.#session = session
    this.#ids = new Int32Array(batch * length)
    this.#padId = architecture.padId
    const inputs = new Map<string, TensorData>([["source ids", this.#ids], ["source mask", this.mask]])
    for (const [name, { data }] of weights.tensors) inputs.set(name, data)
    this.#binding = session.bind(inputs, this.made)
  }

  /** Compiles the session for `batch` sources of up to `length` tokens. */
  static async compile(
    engine: Engine,
    options: EngineOptions,
    model: Model,
    batch: number,
    length: number,
  ): Promise<Prefill> {
    const session = await engine.compile(memoryProgram(model.architecture, batch, length), options)
    return new Prefill(model, batch, length, session)
  }

  /** Reads sources. */
  async read(sources: readonly (readonly number[])[]): Promise<void> {
    fillSources(this.#ids, this.mask, this.length, sources, this.#padId)
    await this.#session.run(this.#binding)
  }

  /** The keys or values of one block. */
  of(part: CachePart, block: number): Float32Array {
    const array = this.made.get(cacheName(part, block))
    if (array === undefined) throw new Error(noPart(part, block))
    return array
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

const arraysOf = ({ blocks, heads, headWidth }: Architecture, batch: number, length: number) => {
  const arrays = new Map<string, Float32Array>()
  for (const part of ["memory keys", "memory values"] as const) {
    for (let block = 0; block < blocks; block++) {
      arrays.set(cacheName(part, block), new Float32Array(batch * heads * length * headWidth))
    }
  }
  return arrays
}
