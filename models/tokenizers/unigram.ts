import type { SubwordModel } from "./codec.ts"
import { TokenizerError } from "./errors.ts"
import { scoreNotNumber, unknownPieceMissing } from "./messages.ts"
import { PieceTrie } from "./piece-trie.ts"
import { Vocabulary } from "./vocabulary.ts"

// What an unknown character costs beyond the least likely piece, as SentencePiece has it.
const UNKNOWN_PENALTY = 10

/**
 * The Unigram model: of all ways to split a word into pieces, the one with the greatest sum of scores; neighbouring
 * unknown characters are one unknown token. The sums are float64 and of equal ones the first found stays, as in
 * Hugging Face's tokenizers. Throws `TokenizerError`, which names `file`.
 */
export const unigram = (
  file: string,
  pieces: readonly (readonly [piece: string, score: number])[],
  unknownId: number,
): SubwordModel => {
  const vocabulary = new Vocabulary(file, new Map(pieces.map(([piece], id) => [piece, id])))
  if (unknownId >= pieces.length) throw new TokenizerError(file, unknownPieceMissing(unknownId))
  const scores = Float64Array.from(pieces, ([, score]) => score)
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY
  if (!Number.isFinite(unknownScore)) throw new TokenizerError(file, scoreNotNumber)
  const trie = new PieceTrie(pieces.map(([piece]) => piece))

  const encode = (word: string): readonly number[] => {
    // For each place: the best sum of scores up to it, and the piece that ends there and where it starts.
    const best = new Float64Array(word.length + 1)
    const pieceTo = new Int32Array(word.length + 1)
    const startOf = new Int32Array(word.length + 1).fill(-1)
    const offer = (start: number, end: number, piece: number, score: number): void => {
      const sum = (best[start] ?? 0) + score
      if (startOf[end] !== -1 && !(sum > (best[end] ?? 0))) return
      best[end] = sum
      pieceTo[end] = piece
      startOf[end] = start
    }
    for (let start = 0; start < word.length;) {
      const next = start + ((word.codePointAt(start) ?? 0) > 0xffff ? 2 : 1)
      const from = start
      let single = false
      trie.search(word, from, (piece, end) => {
        offer(from, end, piece, scores[piece] ?? 0)
        if (end === next) single = true
      })
      if (!single) offer(from, next, unknownId, unknownScore)
      start = next
    }
    const ids: number[] = []
    for (let end = word.length; end > 0;) {
      const last = end
      const piece = pieceTo[end] ?? unknownId
      end = startOf[end] ?? 0
      if (piece === unknownId) {
        while (end > 0 && pieceTo[end] === unknownId) end = startOf[end] ?? 0
        ids.push(vocabulary.id(word.slice(end, last)) ?? unknownId)
      } else ids.push(piece)
    }
    return ids.toReversed()
  }

  return {
    size: vocabulary.size,
    id: (token) => vocabulary.id(token),
    token: (id) => vocabulary.token(id),
    encode,
  }
}
