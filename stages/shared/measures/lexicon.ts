import type { Answer } from "../../../schemas/examples.ts"

/**
 * Numbers for strings, so that scoring compares numbers: a string is looked up once, where it comes in, and never read
 * again. Equal strings have one number.
 */
export interface Lexicon {
  readonly numberOf: (text: string) => number
  /** The string of each number. */
  readonly texts: ReadonlyArray<string>
}

/** A relation that was said, in numbers. */
export interface Said {
  readonly label: number
  readonly arguments: ReadonlyArray<number>
}

/** A relation that is right, in numbers: each argument by every name that counts as right. */
export interface Wanted {
  readonly label: number
  readonly arguments: ReadonlyArray<ReadonlyArray<number>>
}

/** A lexicon without a string yet. */
export const lexicon = (): Lexicon => {
  const numbers = new Map<string, number>()
  const texts: Array<string> = []
  return {
    texts,
    numberOf: (text) => {
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, texts.length)
      return texts.push(text) - 1
    },
  }
}

/** What is right, in the numbers of a lexicon. */
export const wantedIn = ({ numberOf }: Lexicon, { label, arguments: strings }: Answer): Wanted => ({
  label: numberOf(label),
  arguments: strings.map((names) => names.map(numberOf)),
})
