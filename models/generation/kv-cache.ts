import { type Architecture, MASKED } from "../architectures/architecture.ts"
import { noPart } from "./messages.ts"
import { cacheName, type CachePart, type GenerationShape, slotsOf } from "./programs.ts"

// Steps that there is room for at first: attention reads all that there is, filled or not.
const FIRST_STEPS = 32

/**
 * The key-value cache: keys and values [B,H,N,D] of the tokens that were read, and which of them each beam goes on from. A step fills one
 * slot for each beam; where a beam goes on from another, only its mask changes. There is room for as few steps as were
 * made, rounded up.
 */
export class KeyValueCache {
  readonly #shape: GenerationShape
  readonly #blocks: number
  readonly #rows: number
  readonly #width: number
  /** Room for all steps; what is not used yet is never touched. */
  readonly #whole = new Map<string, Float32Array>()
  #steps = 0
  #before = 0
  #mask = new Float32Array(0)

  constructor(architecture: Architecture, shape: GenerationShape) {
    this.#shape = shape
    this.#blocks = architecture.blocks
    this.#rows = shape.batch * architecture.heads
    this.#width = architecture.headWidth
    const size = this.#rows * slotsOf(architecture, shape) * this.#width
    for (const part of ["own keys", "own values"] as const) {
      for (let block = 0; block < this.#blocks; block++) this.#whole.set(cacheName(part, block), new Float32Array(size))
    }
  }

  /** The slots of a prompt. */
  get before(): number {
    return this.#before
  }

  /** 0 for what a beam goes on from, else `MASKED`: [B,1,K,K+N], the tokens at hand first. */
  get mask(): Float32Array {
    return this.#mask
  }

  /** The keys and values by the names of a step's inputs; others once there is more room. */
  arrays(): ReadonlyMap<string, Float32Array> {
    const size = this.#rows * this.#count * this.#width
    return new Map([...this.#whole].map(([name, whole]) => [name, whole.subarray(0, size)]))
  }

  /** Forgets all, and takes the keys and values [B,H,before,D] of prompts of `lengths` tokens where there are any. */
  start(lengths: readonly number[], before: number, memory: (part: CachePart, block: number) => Float32Array): void {
    const { batch, beams, capacity } = this.#shape
    this.#before = before
    this.#steps = Math.min(FIRST_STEPS, capacity)
    const columns = beams + this.#count
    this.#mask = new Float32Array(batch * beams * columns).fill(MASKED)
    for (let row = 0; row < batch * beams; row++) {
      const start = row * columns
      this.#mask[start + row % beams] = 0
      this.#mask.fill(0, start + beams, start + beams + (lengths[Math.floor(row / beams)] ?? 0))
    }
    if (before === 0) return
    const [made, slots] = [before * this.#width, this.#count * this.#width]
    for (const [from, to] of [["memory keys", "own keys"], ["memory values", "own values"]] as const) {
      for (let block = 0; block < this.#blocks; block++) {
        const [source, target] = [memory(from, block), this.#of(to, block)]
        for (let row = 0; row < this.#rows; row++) {
          target.set(source.subarray(row * made, (row + 1) * made), row * slots)
        }
      }
    }
  }

  /** Makes room for a step, and says whether the arrays are others now. */
  makeRoom(step: number): boolean {
    if (step < this.#steps) return false
    const { capacity, batch, beams } = this.#shape
    const old = this.#count
    this.#steps = Math.min(2 * this.#steps, capacity)
    const count = this.#count
    for (const whole of this.#whole.values()) {
      // From the last row on, so that none is written over before it is moved.
      for (let row = this.#rows - 1; row > 0; row--) {
        whole.copyWithin(row * count * this.#width, row * old * this.#width, (row + 1) * old * this.#width)
      }
    }
    const mask = new Float32Array(batch * beams * (beams + count)).fill(MASKED)
    for (let row = 0; row < batch * beams; row++) {
      mask.set(this.#mask.subarray(row * (beams + old), (row + 1) * (beams + old)), row * (beams + count))
    }
    this.#mask = mask
    return true
  }

  /** Puts the keys and values that a step made, [2·blocks·B,H,K,D], into its slots. */
  keep(step: number, made: Float32Array): void {
    const { beams } = this.#shape
    const [length, stride] = [beams * this.#width, this.#count * this.#width]
    const offset = (this.#before + step * beams) * this.#width
    let at = 0
    for (const part of ["own keys", "own values"] as const) {
      for (let block = 0; block < this.#blocks; block++) {
        const cache = this.#of(part, block)
        for (let row = 0; row < this.#rows; row++) {
          const start = row * stride + offset
          // Many short pieces: this is faster than as many views.
          for (let index = 0; index < length; index++) cache[start + index] = made[at++] ?? 0
        }
      }
    }
  }

  /** Has each beam of a source go on from one of the beams of a step. */
  follow(step: number, source: number, parents: Int32Array): void {
    const { beams } = this.#shape
    const columns = beams + this.#count
    const rows = this.#mask.subarray(source * beams * columns, (source + 1) * beams * columns)
    const first = beams + this.#before + step * beams
    const earlier = parents.every((parent, beam) => parent === beam) ? rows : rows.slice()
    parents.forEach((parent, beam) => {
      const row = rows.subarray(beam * columns, (beam + 1) * columns)
      if (parent !== beam) row.set(earlier.subarray(parent * columns + beams, (parent + 1) * columns), beams)
      row[first + parent] = 0
    })
  }

  get #count(): number {
    return this.#before + this.#steps * this.#shape.beams
  }

  #of(part: CachePart, block: number): Float32Array {
    const array = this.#whole.get(cacheName(part, block))
    if (array === undefined) throw new Error(noPart(part, block))
    return array
  }
}
