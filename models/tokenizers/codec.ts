/** Turns text into ids and back, without limits of length and without files. */
export interface Codec {
  /** One more than the largest id. */
  readonly size: number
  /** Ids of the special tokens that stand before and after those of a text. */
  readonly prefix: readonly number[]
  readonly suffix: readonly number[]
  readonly id: (token: string) => number | undefined
  /** The ids of a well-formed text, without prefix and suffix. */
  readonly encode: (text: string) => number[]
  /** The text of ids, without special tokens; ids beyond the vocabulary have none. */
  readonly decode: (ids: readonly number[]) => string
}

/** Splits words into the tokens of a vocabulary. */
export interface SubwordModel {
  readonly size: number
  readonly id: (token: string) => number | undefined
  readonly token: (id: number) => string | undefined
  readonly encode: (word: string) => readonly number[]
}

const LONGEST_WORD = 64
const MOST_WORDS = 65_536

/** `encode` with a memory of short words, since texts repeat them. */
export const remembering = (encode: (word: string) => readonly number[]): (word: string) => readonly number[] => {
  const known = new Map<string, readonly number[]>()
  return (word) => {
    if (word.length > LONGEST_WORD) return encode(word)
    const found = known.get(word)
    if (found !== undefined) return found
    if (known.size === MOST_WORDS) known.clear()
    const ids = encode(word)
    known.set(word, ids)
    return ids
  }
}
