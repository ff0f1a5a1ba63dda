import type { Described as Description } from "../../models/checkpoints/description.ts"
import { promptBefore } from "../../models/generation/prompt.ts"
import { encodeSource, encodeTarget } from "../../models/training/batches.ts"
import { targetLimit, type TokenLimits } from "../../models/training/limits.ts"

/** What is known of a model without its weights. */
export type Described = Pick<Description, "architecture" | "tokenizer" | "generation">

/** Between a writer who makes no mistake and the reader of its text: a model's tokenizer and limits. */
export interface Channel extends TokenLimits {
  /** Whether a decoder-only model ends its text. */
  readonly endOfSequence: boolean
}

/** What a model is given of a source. */
export interface Seen {
  readonly ids: ReadonlyArray<number>
  readonly truncated: boolean
  /** Whether a name stands in what is left of the source, as far as tokens can tell. */
  readonly names: (name: string) => boolean
}

/**
 * Words that a model writes after its text where it was taught no end: words of no template, since what stands there
 * depends on the model, and any words do the same to a label that reaches to the end of the line.
 */
const RUN_ON = " It goes on"

const withoutSpecials = { specials: false }

/** What text is after a tokenizer has written it in tokens and read it back. */
export const throughTokens = ({ tokenizer }: Described, text: string): string =>
  tokenizer.decode(tokenizer.encode(text, Infinity, withoutSpecials).ids)

/** Letters and signs alone: tokenizers differ in blanks, and a writer who has lower-cased a name has seen it. */
const squeezed = (text: string): string => text.toLowerCase().replace(/\s+/gu, "")

/** What a model is given of a source that has a preface of the template's words. */
export const seenOf = (model: Described, source: string, preface: string, channel: Channel): Seen => {
  const { ids, truncated } = encodeSource(model.architecture, model.tokenizer, source, channel)
  if (!truncated) return { ids, truncated, names: () => true }
  const start = squeezed(throughTokens(model, preface))
  const own = (text: string): string => {
    const letters = squeezed(text)
    return letters.startsWith(start) ? letters.slice(start.length) : letters
  }
  const [whole, left] = [own(throughTokens(model, source)), own(model.tokenizer.decode(ids))]
  const stands = (text: string): boolean => left.includes(squeezed(throughTokens(model, text)))
  const names = (name: string): boolean =>
    // A name in several pieces stands nowhere as a whole: then each of its words has to.
    whole.includes(squeezed(throughTokens(model, name))) ? stands(name) : name.split(/\s+/u).every(stands)
  return { ids, truncated, names }
}

/** A text behind so many tokens of the source as the model's tokens, the end where it is taught one included. */
export const tokensOf = (
  { architecture, tokenizer }: Described,
  text: string,
  channel: Channel,
  sourceTokens: number,
): ReadonlyArray<number> => encodeTarget(architecture, tokenizer, text, channel, sourceTokens)

/** What decoding compares for repeats: the tokens before those that are written, and how many of them there are. */
export const sequenceOf = (
  { architecture }: Described,
  source: ReadonlyArray<number>,
  decoderStartId: number | null,
  written: ReadonlyArray<number>,
): { readonly ids: ReadonlyArray<number>; readonly start: number } => {
  const before = architecture.kind === "decoder-only" ? source : [decoderStartId ?? architecture.decoderStartId]
  return { ids: [...before, ...written], start: before.length }
}

/** A text with what stands around it once a model has written it: the prompt before it, and the words that run on. */
export const surrounded = (
  { architecture, tokenizer }: Described,
  source: ReadonlyArray<number>,
  written: ReadonlyArray<number>,
  channel: Channel,
): { readonly prompt: string | null; readonly text: string } => {
  const text = tokenizer.decode(written)
  if (architecture.kind === "encoder-decoder") return { prompt: null, text }
  const runsOn = !channel.endOfSequence && written.length < targetLimit(architecture, channel, source.length)
  return { prompt: promptBefore(tokenizer, source, written), text: runsOn ? text + RUN_ON : text }
}
