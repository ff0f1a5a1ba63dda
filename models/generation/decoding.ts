// How an output is decoded, with the meaning that Hugging Face transformers gives to each setting.
import type { Description } from "../architectures/architecture.ts"
import { InvalidOption, requireInteger, requireRange } from "../ir/options.ts"
import { empty, noEarlyStopping, tokenMissing, unknownSetting } from "./messages.ts"

/** When a beam search has seen enough finished sequences. */
export type EarlyStopping = boolean | "never"

/**
 * How outputs are decoded, every field resolved. Lengths count what the decoder reads: the start token of an
 * encoder-decoder model, or the prompt of a decoder-only one, and the new tokens.
 */
export interface Decoding {
  /** Sequences kept side by side for each source; 1 decodes greedily. */
  readonly numBeams: number
  /** A finished sequence of a beam search is worth its log probability divided by `length ** lengthPenalty`. */
  readonly lengthPenalty: number
  /**
   * Of a beam search: `true` ends with as many finished sequences as beams, `false` as soon as no running beam would
   * now be worth more than the worst of them, "never" only where none can ever become so.
   */
  readonly earlyStopping: EarlyStopping
  /** No sequence of so many tokens occurs twice, the prompt's included; 0 allows all. */
  readonly noRepeatNgramSize: number
  /** Above 1 makes tokens that were read or written before less likely: Keskar et al. 2019, <https://arxiv.org/abs/1909.05858>. */
  readonly repetitionPenalty: number
  /** What the first token is after a start token; `null` leaves it to the model. */
  readonly forcedBosTokenId: number | null
  /** What the last token is where the length is used up; `null` leaves it to the model. */
  readonly forcedEosTokenId: number | null
  /** No end before the whole sequence has so many tokens; of no effect where `minNewTokens` is a number, even 0. */
  readonly minLength: number
  /** No end before there are so many new tokens; `null` leaves it to `minLength`. */
  readonly minNewTokens: number | null
  /** The most tokens of the whole sequence, beside the limit of new ones; `null` sets none. At least one is written. */
  readonly maxLength: number | null
  /** What ends a sequence; `null` is the model's own. */
  readonly eosTokenIds: readonly number[] | null
  /** What an encoder-decoder model's decoder begins with; `null` is the model's own. */
  readonly decoderStartTokenId: number | null
}

/** Settings that are to differ from a model's own. */
export type DecodingOverrides = { readonly [K in keyof Decoding]?: Decoding[K] | undefined }

/** Plain greedy decoding. */
export const GREEDY: Decoding = {
  numBeams: 1,
  lengthPenalty: 1,
  earlyStopping: false,
  noRepeatNgramSize: 0,
  repetitionPenalty: 1,
  forcedBosTokenId: null,
  forcedEosTokenId: null,
  minLength: 0,
  minNewTokens: null,
  maxLength: null,
  eosTokenIds: null,
  decoderStartTokenId: null,
}

/** A model's own decoding but for what is overridden. Throws `InvalidOption`, which names the field. */
export const resolveDecoding = (own: Decoding, overrides: DecodingOverrides = {}): Decoding => {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined))
  const unknown = Object.keys(given).find((field) => !Object.hasOwn(GREEDY, field))
  if (unknown !== undefined) throw new InvalidOption(named(unknown), unknownSetting)
  const decoding: Decoding = { ...own, ...given }
  const { earlyStopping, lengthPenalty, repetitionPenalty, maxLength, minNewTokens } = decoding
  requireInteger(named("numBeams"), decoding.numBeams, 1)
  for (const field of ["noRepeatNgramSize", "minLength"] as const) requireInteger(named(field), decoding[field], 0)
  if (minNewTokens !== null) requireInteger(named("minNewTokens"), minNewTokens, 0)
  if (maxLength !== null) requireInteger(named("maxLength"), maxLength, 1)
  requireRange(named("lengthPenalty"), lengthPenalty, -Number.MAX_VALUE, Number.MAX_VALUE)
  requireRange(named("repetitionPenalty"), repetitionPenalty, Number.MIN_VALUE, Number.MAX_VALUE)
  if (typeof earlyStopping !== "boolean" && earlyStopping !== "never") {
    throw new InvalidOption(named("earlyStopping"), noEarlyStopping(earlyStopping))
  }
  if (decoding.eosTokenIds?.length === 0) throw new InvalidOption(named("eosTokenIds"), empty)
  return decoding
}

/** Throws `InvalidOption` where a decoding speaks of tokens that a model does not have. */
export const requireTokens = (decoding: Decoding, { vocabulary, modelType }: Description): void => {
  const { forcedBosTokenId, forcedEosTokenId, decoderStartTokenId } = decoding
  const fields = { forcedBosTokenId, forcedEosTokenId, decoderStartTokenId, eosTokenIds: decoding.eosTokenIds }
  for (const [field, value] of Object.entries(fields)) {
    for (const id of [value ?? []].flat()) {
      if (Number.isSafeInteger(id) && id >= 0 && id < vocabulary) continue
      throw new InvalidOption(named(field), tokenMissing(id, modelType, vocabulary))
    }
  }
}

/** The name of a field where it is overridden: the param's. */
const named = (field: string): string => `decoding.${field}`
