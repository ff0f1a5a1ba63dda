// What changes the scores of the next token before one is chosen, in the order in which transformers applies it.
import type { Decoding } from "./decoding.ts"

/** Where the sequence of one row stands. */
export interface Place {
  /** All that the decoder has read: start token or prompt, then the new tokens. */
  readonly sequence: readonly number[]
  /** How many of them are not new. */
  readonly start: number
  /** The most new tokens. */
  readonly limit: number
}

/** Changes the scores of the next token in place; a token that is ruled out gets -∞. */
export type Processor = (scores: Float32Array, place: Place) => void

/** Those that a decoding asks for, in order. */
export const processorsOf = (decoding: Decoding, eosIds: readonly number[]): readonly Processor[] => {
  const { repetitionPenalty, noRepeatNgramSize, minLength, minNewTokens, forcedBosTokenId, forcedEosTokenId } = decoding
  const processors: Processor[] = []
  if (repetitionPenalty !== 1) processors.push(penalisedRepetition(repetitionPenalty))
  if (noRepeatNgramSize > 0) processors.push(withoutRepeats(noRepeatNgramSize))
  if ((minNewTokens ?? minLength) > 0) processors.push(notEndedBefore(minLength, minNewTokens, eosIds))
  if (forcedBosTokenId !== null) {
    processors.push((scores, { sequence }) => {
      if (sequence.length === 1) force(scores, forcedBosTokenId)
    })
  }
  if (forcedEosTokenId !== null) {
    processors.push((scores, { sequence, start, limit }) => {
      if (sequence.length === start + limit - 1) force(scores, forcedEosTokenId)
    })
  }
  return processors
}

const force = (scores: Float32Array, id: number): void => {
  scores.fill(-Infinity)
  scores[id] = 0
}

/** Each token that occurs gets a lower score: a positive one is divided by `penalty`, a negative one multiplied. */
const penalisedRepetition = (penalty: number): Processor => {
  const factor = Math.fround(penalty)
  return (scores, { sequence }) => {
    for (const id of new Set(sequence)) {
      const score = scores[id] ?? 0
      scores[id] = score < 0 ? score * factor : score / factor
    }
  }
}

/** Rules out what would complete a sequence of `size` tokens that occurs already. */
const withoutRepeats = (size: number): Processor => (scores, { sequence }) => {
  const suffix = sequence.length - size + 1
  for (let at = 0; at < suffix; at++) {
    let same = 0
    while (same < size - 1 && sequence[at + same] === sequence[suffix + same]) same++
    const last = sequence[at + size - 1]
    if (same === size - 1 && last !== undefined) scores[last] = -Infinity
  }
}

const notEndedBefore =
  (length: number, newTokens: number | null, eosIds: readonly number[]): Processor => (scores, { sequence, start }) => {
    if (sequence.length >= (newTokens === null ? length : start + newTokens)) return
    for (const id of eosIds) scores[id] = -Infinity
  }
