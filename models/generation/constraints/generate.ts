import type { Description } from "../../architectures/architecture.ts"
import type { TensorData } from "../../ir/program.ts"
import type { Tokenizer } from "../../tokenizers/tokenizer.ts"
import { encodeSource } from "../../training/batches.ts"
import { type Decoding } from "../decoding.ts"
import {
  generate,
  type GenerateOptions,
  type Generation,
  type GenerationProgress,
  generationShape,
} from "../generate.ts"
import { processorsOf } from "../processors.ts"
import { automata, type Constraint } from "./constraint.ts"
import { observedEngine } from "./engine.ts"
import { Guide } from "./guide.ts"
import { vocabularyOf } from "./spelling.ts"

/** `generate` with outputs that a constraint allows: one name source for each source. */
export const generateConstrained = (
  options: GenerateOptions,
  constraint: Constraint,
): AsyncGenerator<GenerationProgress, readonly Generation[], void> =>
  generate({
    ...options,
    decoding: { ...options.decoding, ...UNPROCESSED },
    engine: observedEngine(options.engine, new Guides(options, constraint)),
  })

/**
 * The token that outputs of a model with an encoder begin with and that writes nothing: one that decoding forces, or the
 * special token that its targets began with when it learned, as BART's do; null where there is none.
 */
export const firstOf = ({ kind }: Description, tokenizer: Tokenizer, forced: number | null): number | null => {
  if (kind === "decoder-only") return null
  if (forced !== null && tokenizer.decode([forced]) === "") return forced
  const [first] = tokenizer.encode("a", Infinity).ids
  const [own] = tokenizer.encode("a", Infinity, { specials: false }).ids
  return first === undefined || first === own ? null : first
}

/** What changes scores is done by the guides, in an order that leaves a token to go on with. */
const UNPROCESSED: Partial<Decoding> = {
  noRepeatNgramSize: 0,
  repetitionPenalty: 1,
  forcedBosTokenId: null,
  forcedEosTokenId: null,
  minLength: 0,
  minNewTokens: null,
}

/** The guides of the batch at hand. */
class Guides {
  readonly #options: GenerateOptions
  readonly #guideOf: (index: number) => Guide
  /** Sources that are still to come by their ids, of equal ones the first first. */
  readonly #pending = new Map<string, number[]>()
  #rows: readonly (Guide | undefined)[] = []
  #before = 0
  #steps = 0

  constructor(options: GenerateOptions, constraint: Constraint) {
    const { checkpoint: { architecture, tokenizer }, decoding, sources, sharedTokens } = options
    const { numBeams: beams, forcedBosTokenId } = decoding
    this.#options = options
    const eosIds = decoding.eosTokenIds ?? [architecture.eosId]
    const encoded = sources.map((source) => encodeSource(architecture, tokenizer, source, options).ids)
    const capacity = generationShape(architecture, encoded, options)?.capacity ?? 1
    const shared = architecture.kind === "decoder-only" ? sharedTokens ?? Infinity : Infinity
    const most = Math.min(shared, decoding.maxLength ?? Infinity)
    const automatonOf = automata(constraint, vocabularyOf(tokenizer))
    const processors = processorsOf(decoding, eosIds)
    const first = firstOf(architecture, tokenizer, forcedBosTokenId)
    this.#guideOf = (index) => {
      const prompt = architecture.kind === "decoder-only"
        ? encoded[index] ?? []
        : [decoding.decoderStartTokenId ?? architecture.decoderStartId]
      const limit = Math.max(1, Math.min(capacity, most - prompt.length))
      return new Guide({
        automaton: automatonOf(index),
        beams,
        eosIds,
        processors,
        first,
        prompt,
        limit,
      })
    }
    encoded.forEach((ids, index) => {
      const key = this.#key(architecture.kind === "decoder-only" ? ids.slice(0, -1) : ids)
      this.#pending.set(key, [...this.#pending.get(key) ?? [], index])
    })
  }

  begin(ids: TensorData): void {
    const { checkpoint: { architecture }, batchSize, sources } = this.#options
    const batch = Math.min(batchSize, sources.length)
    const length = ids.length / batch
    this.#rows = Array.from({ length: batch }, (_, row) => {
      const index = this.#pending.get(this.#key(ids.subarray(row * length, (row + 1) * length)))?.shift()
      return index === undefined ? undefined : this.#guideOf(index)
    })
    this.#before = architecture.kind === "decoder-only" ? length : 0
    this.#steps = 0
  }

  step(ids: TensorData, mask: TensorData, scores: TensorData): void {
    if (!(scores instanceof Float32Array)) return
    const beams = this.#options.decoding.numBeams
    const rows = this.#rows.length * beams
    const [columns, vocabulary] = [mask.length / rows, scores.length / rows]
    // The slots of the step before: each beam goes on from the one that its mask leaves open.
    const slots = beams + this.#before + (this.#steps - 1) * beams
    this.#rows = this.#rows.map((guide, row) => {
      if (guide === undefined) return undefined
      if (this.#steps > 0) {
        const parents: number[] = []
        for (let beam = 0; beam < beams; beam++) {
          const from = (row * beams + beam) * columns + slots
          let parent = 0
          while (parent < beams && mask[from + parent] !== 0) parent++
          parents.push(parent < beams ? parent : -1)
        }
        // The search of a source that is done goes on from nothing.
        if (parents.includes(-1)) return undefined
        guide.follow(parents, ids.subarray(row * beams, (row + 1) * beams))
      }
      for (let beam = 0; beam < beams; beam++) {
        const at = (row * beams + beam) * vocabulary
        guide.apply(scores.subarray(at, at + vocabulary), beam)
      }
      return guide
    })
    this.#steps++
  }

  /** Ids without the padding behind them. */
  #key(ids: ArrayLike<number>): string {
    const { padId } = this.#options.checkpoint.architecture
    let length = ids.length
    while (length > 0 && ids[length - 1] === padId) length--
    return Array.from({ length }, (_, at) => ids[at]).join(" ")
  }
}
