/** Words about constraints that cannot be kept to. */

export const notSpelled = "needs a tokenizer of which each token adds the same text behind any other one"
export const notOfWords = (text: string): string =>
  `is refused: Moses' tokenizer does not write "${text}" of the template as it is`
