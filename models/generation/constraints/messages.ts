/** Words about constraints that cannot be kept to. */

export const notSpelled = "needs a tokenizer of which each token adds the same text behind any other one"
