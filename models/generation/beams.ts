// Beam search as transformers 5 computes it (generation/utils.py, `_beam_search`), in float32. Version 4.32 finds the
// same but for its measure of length: it counted a decoder-only model's prompt, and a start token before an output that
// was cut.
import { type Processor, processorsOf } from "./processors.ts"
import type { Search, SearchOptions } from "./search.ts"

/** Keeps a beam out of what is chosen: larger than any score, so that adding it to one orders below all others. */
const OUT = -1e9

/** One way to go on: a beam with one more token, and the log probability of all. */
interface Candidate {
  readonly beam: number
  readonly token: number
  readonly score: number
}

/** A sequence that has ended, with what it is worth. */
interface Finished {
  readonly tokens: readonly number[]
  readonly worth: number
}

/** The beams of one source. */
export class BeamSearch implements Search {
  done = false
  readonly next: Int32Array
  readonly parents: Int32Array
  readonly #options: SearchOptions
  readonly #processors: readonly Processor[]
  readonly #best: Best
  /** Each beam's whole sequence, the likeliest first. */
  #sequences: readonly (readonly number[])[]
  readonly #scores: Float32Array
  /** At most as many as there are beams, the most worth first. */
  #finished: readonly Finished[] = []

  constructor(options: SearchOptions) {
    const { decoding, eosIds, prompt } = options
    const { numBeams } = decoding
    this.#options = options
    this.#processors = processorsOf(decoding, eosIds)
    this.next = new Int32Array(numBeams).fill(prompt.at(-1) ?? 0)
    this.parents = Int32Array.from({ length: numBeams }, (_, beam) => beam)
    // At most this many candidates end, so that enough of them go on.
    this.#best = new Best(Math.max(2, 1 + eosIds.length) * numBeams)
    this.#sequences = Array.from({ length: numBeams }, () => prompt)
    // All beams begin alike: only the first counts.
    this.#scores = new Float32Array(numBeams).fill(OUT)
    this.#scores[0] = 0
  }

  /** As `Search` says; the scores are log probabilities. */
  advance(scores: Float32Array): void {
    const { decoding: { numBeams }, vocabulary, prompt, limit, eosIds } = this.#options
    this.#best.clear()
    this.#sequences.forEach((sequence, beam) => {
      const row = scores.subarray(beam * vocabulary, (beam + 1) * vocabulary)
      for (const process of this.#processors) process(row, { sequence, start: prompt.length, limit })
      this.#best.add(row, beam, this.#scores[beam] ?? OUT)
    })
    const candidates = this.#best.candidates()
    const length = (this.#sequences[0]?.length ?? 0) + 1 - prompt.length
    const ends = ({ token }: Candidate): boolean => length === limit || eosIds.includes(token)

    const rank = (candidate: Candidate): number => Math.fround(candidate.score + (ends(candidate) ? OUT : 0))
    const running = candidates.toSorted((a, b) => rank(b) - rank(a)).slice(0, numBeams)
    // A candidate that ends counts only where it is among as many as there are beams.
    const ended = candidates.slice(0, numBeams).filter(ends)
    this.#finish(ended, length)
    this.#sequences = running.map(({ beam, token }) => [...this.#sequences[beam] ?? [], token])
    running.forEach((candidate, beam) => {
      this.next[beam] = candidate.token
      this.parents[beam] = candidate.beam
      this.#scores[beam] = rank(candidate)
    })
    this.done = length === limit || this.#isSettled(length)
  }

  get result(): readonly number[] {
    return this.#finished[0]?.tokens ?? this.#sequences[0]?.slice(this.#options.prompt.length) ?? []
  }

  #finish(ended: readonly Candidate[], length: number): void {
    const { decoding: { numBeams, lengthPenalty }, prompt } = this.#options
    const made = ended.map(({ beam, token, score }): Finished => ({
      tokens: [...this.#sequences[beam]?.slice(prompt.length) ?? [], token],
      worth: worthOf(score, length, lengthPenalty),
    }))
    this.#finished = [...this.#finished, ...made].toSorted((a, b) => b.worth - a.worth).slice(0, numBeams)
  }

  /** Whether no running beam is to be waited for. */
  #isSettled(length: number): boolean {
    const { decoding: { numBeams, earlyStopping, lengthPenalty }, limit } = this.#options
    const isFull = this.#finished.length === numBeams
    if (isFull && earlyStopping === true) return true
    // A beam is worth most at the end where length raises it.
    const at = earlyStopping === "never" && lengthPenalty > 0 ? limit : length
    const attainable = worthOf(this.#scores[0] ?? OUT, at, lengthPenalty)
    return attainable <= (isFull ? this.#finished.at(-1)?.worth ?? OUT : OUT)
  }
}

const worthOf = (score: number, length: number, penalty: number): number =>
  Math.fround(score / Math.fround(length ** penalty))

/** The best candidates so far, the first of equals first. */
class Best {
  readonly #scores: Float32Array
  readonly #beams: Int32Array
  readonly #tokens: Int32Array
  #count = 0

  constructor(most: number) {
    this.#scores = new Float32Array(most)
    this.#beams = new Int32Array(most)
    this.#tokens = new Int32Array(most)
  }

  clear(): void {
    this.#count = 0
  }

  /** Takes the log probabilities [V] of what may follow a beam, whose own log probability is `before`. */
  add(row: Float32Array, beam: number, before: number): void {
    const last = this.#scores.length - 1
    let token = 0
    for (; token < row.length && this.#count <= last; token++) {
      this.#insert(Math.fround((row[token] ?? 0) + before), beam, token)
    }
    let worst = this.#scores[last] ?? 0
    for (; token < row.length; token++) {
      // Rounding keeps the order, so that what is not above in float64 is not above in float32.
      const score = (row[token] ?? 0) + before
      if (!(score > worst)) continue
      this.#insert(Math.fround(score), beam, token)
      worst = this.#scores[last] ?? 0
    }
  }

  candidates(): readonly Candidate[] {
    return Array.from({ length: this.#count }, (_, at) => ({
      beam: this.#beams[at] ?? 0,
      token: this.#tokens[at] ?? 0,
      score: this.#scores[at] ?? 0,
    }))
  }

  #insert(score: number, beam: number, token: number): void {
    let at = this.#count
    while (at > 0 && score > (this.#scores[at - 1] ?? 0)) at--
    if (at === this.#scores.length) return
    this.#count = Math.min(this.#count + 1, this.#scores.length)
    for (const values of [this.#scores, this.#beams, this.#tokens]) values.copyWithin(at + 1, at, this.#count - 1)
    this.#scores[at] = score
    this.#beams[at] = beam
    this.#tokens[at] = token
  }
}
