import type { Place, Processor } from "../processors.ts"
import type { Automaton, State } from "./automaton.ts"

/** How a guide keeps the outputs of one source to their constraint. */
export interface GuideOptions {
  readonly automaton: Automaton
  readonly beams: number
  readonly eosIds: readonly number[]
  /** What else decoding asks for, in order. */
  readonly processors: readonly Processor[]
  /** The token that every output begins with and that writes nothing, such as BART's BOS; null where there is none. */
  readonly first: number | null
  /** What the decoder has read before the first new token. */
  readonly prompt: readonly number[]
  /** The most new tokens. */
  readonly limit: number
}

interface Beam {
  /** All that the decoder has read; the prompt alone where nothing that decoding asks for looks at it. */
  readonly sequence: readonly number[]
  /** How many new tokens there are. */
  readonly written: number
  readonly state: State
}

/** Rules out, for the beams of one source, the tokens that their constraint does not allow. */
export class Guide {
  readonly #options: GuideOptions
  #beams: readonly Beam[]

  constructor(options: GuideOptions) {
    const { automaton, beams, prompt } = options
    this.#options = options
    this.#beams = Array.from({ length: beams }, () => ({ sequence: prompt, written: 0, state: automaton.start }))
  }

  /** Has each beam go on from one of those before with a token. */
  follow(parents: readonly number[], tokens: ArrayLike<number>): void {
    const { automaton, processors } = this.#options
    this.#beams = parents.flatMap((parent, beam) => {
      const before = this.#beams[parent]
      if (before === undefined) return []
      const token = tokens[beam] ?? 0
      return [{
        sequence: processors.length === 0 ? before.sequence : [...before.sequence, token],
        written: before.written + 1,
        state: automaton.next(before.state, token),
      }]
    })
  }

  /**
   * Gives -∞ to what a beam may not go on with. What else decoding asks for counts among the tokens that are left; where
   * it would leave none, only the constraint does.
   */
  apply(scores: Float32Array, beam: number): void {
    const { limit, prompt, processors, first, automaton } = this.#options
    const { sequence, written, state } = this.#beams[beam] ?? { sequence: prompt, written: 0, state: automaton.start }
    if (first !== null && written === 0 && limit > 1) {
      const score = scores[first] ?? 0
      scores.fill(-Infinity)
      scores[first] = score
      return
    }
    const tokens = this.#tokens(state, limit - written)
    const own = scoresOf(scores, tokens)
    let kept = own
    if (processors.length > 0) {
      const place: Place = { sequence, start: prompt.length, limit }
      for (const process of processors) process(scores, place)
      const left = scoresOf(scores, tokens)
      if (left.some((score) => score > -Infinity)) kept = left
    }
    scores.fill(-Infinity)
    for (let index = 0; index < tokens.length; index++) scores[tokens[index] ?? 0] = kept[index] ?? -Infinity
  }

  /** Those that may follow where there is room for so many tokens. A text for which there is none is ended at once. */
  #tokens(state: State, room: number): ArrayLike<number> {
    const { automaton, eosIds } = this.#options
    const { tokens, rest, most } = automaton.allowed(state)
    if (!state.complete && most < room && tokens.length > 0) return tokens
    const allowed: number[] = state.complete ? [...eosIds] : []
    for (let index = 0; index < tokens.length; index++) {
      if ((rest[index] ?? 0) < room) allowed.push(tokens[index] ?? 0)
    }
    return allowed.length === 0 ? eosIds : allowed
  }
}

const scoresOf = (scores: Float32Array, tokens: ArrayLike<number>): Float32Array => {
  const found = new Float32Array(tokens.length)
  for (let index = 0; index < tokens.length; index++) found[index] = scores[tokens[index] ?? 0] ?? -Infinity
  return found
}
