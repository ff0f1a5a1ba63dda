/** A word, or a mark by itself. */
const pattern = /(?<word>[a-z]+)|(?<mark>[,.])/gu

/** Words that say nothing. */
const stop = new Set(["the", "a", "an", "of"])

export type Token = { readonly kind: "word" | "stop" | "mark"; readonly text: string }

/** The tokens of a text. */
export const tokensOf = (text: string): ReadonlyArray<Token> =>
  [...text.matchAll(pattern)].map(({ groups: { word, mark } = {} }) => ({
    kind: mark !== undefined ? "mark" : stop.has(word ?? "") ? "stop" : "word",
    text: word ?? mark ?? "",
  }))

/** What a kind weighs. */
export const weightOf = (kind: Token["kind"]): number => {
  switch (kind) {
    case "word": {
      const weight = 5
      return weight
    }
    case "stop":
      return 1
    default:
      return 0
  }
}

/** Text with its values in brackets. */
export const bracketed = (texts: TemplateStringsArray, ...values: ReadonlyArray<string | number>): string =>
  texts.reduce((all, text, index) => `${all}[${values[index - 1]}]${text}`)

/** The first pair of words with the same initial. */
export const pairOf = (words: ReadonlyArray<string>): string => {
  let found = "none"
  outer:
  for (const one of words) {
    for (const other of words) {
      if (one === other) continue
      if (one[0] === other[0]) {
        found = `${one}/${other}`
        break outer
      }
    }
  }
  return found
}
