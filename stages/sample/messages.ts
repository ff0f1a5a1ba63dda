/** The words of what can be wrong with a choice of examples. */

export const tooManyShots = {
  message: (shots: number, available: number) =>
    `${shots} training examples are asked for, and the corpus has ${available}`,
  help: (available: number) => `ask for at most ${available}, or for "full"`,
}
