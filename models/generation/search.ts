import type { Decoding } from "./decoding.ts"
import { type Processor, processorsOf } from "./processors.ts"

/** What a search of one source begins with and must keep to. */
export interface SearchOptions {
  readonly decoding: Decoding
  readonly eosIds: readonly number[]
  readonly vocabulary: number
  /** What the decoder has read before the first new token: the start token, or the prompt. */
  readonly prompt: readonly number[]
  /** The most new tokens. */
  readonly limit: number
}

/** The search for the output of one source. It has one or several beams: sequences that go on side by side. */
export interface Search {
  /** Whether `result` is final. */
  readonly done: boolean
  /** The token that each beam ends with, which the model reads next. */
  readonly next: Int32Array
  /** The beam of the step before that each beam goes on from. */
  readonly parents: Int32Array
  /** Takes the scores [beams,V] of the token after each beam's; they are changed. */
  readonly advance: (scores: Float32Array) => void
  /** The new tokens found. */
  readonly result: readonly number[]
}

/** The likeliest token, step after step. */
export class GreedySearch implements Search {
  done = false
  readonly next = new Int32Array(1)
  readonly parents = new Int32Array(1)
  readonly #options: SearchOptions
  readonly #processors: readonly Processor[]
  readonly #sequence: number[]

  constructor(options: SearchOptions) {
    const { prompt, decoding, eosIds } = options
    this.#options = options
    this.#processors = processorsOf(decoding, eosIds)
    this.#sequence = [...prompt]
    this.next[0] = prompt.at(-1) ?? 0
  }

  /** As `Search` says; the scores are logits. */
  advance(scores: Float32Array): void {
    const { prompt, limit, eosIds } = this.#options
    const place = { sequence: this.#sequence, start: prompt.length, limit }
    for (const process of this.#processors) process(scores, place)
    const token = likeliest(scores)
    this.#sequence.push(token)
    this.next[0] = token
    this.done = eosIds.includes(token) || this.#sequence.length === prompt.length + limit
  }

  get result(): readonly number[] {
    return this.#sequence.slice(this.#options.prompt.length)
  }
}

/** The first position of the largest score. */
const likeliest = (scores: Float32Array): number => {
  let [best, most] = [0, scores[0] ?? 0]
  for (let id = 1; id < scores.length; id++) {
    const score = scores[id] ?? 0
    if (score > most) {
      best = id
      most = score
    }
  }
  return best
}
