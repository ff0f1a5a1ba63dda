import * as arithmetic from "../shared/arithmetic.ts"

/** Steps up or down to the next multiple of four, as a chain of functions that name each other. */
export const climb = (number: number): number => (number % 4 === 0 ? number : descend(arithmetic.add(number, 3)))
const descend = (number: number): number => (number % 4 === 0 ? number : climb(number - 1))

/** Waits for each number in turn. */
export const slowly = async (numbers: ReadonlyArray<number>): Promise<ReadonlyArray<number>> => {
  const all: Array<number> = []
  for await (const number of waiting(numbers)) all.push(number)
  return all
}

async function* waiting(numbers: ReadonlyArray<number>): AsyncGenerator<number> {
  for (const number of numbers) yield await Promise.resolve(climb(number))
}
