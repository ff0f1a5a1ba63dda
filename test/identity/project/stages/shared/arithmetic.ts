/** Everything is counted in the numbers below this one: few enough for functions that call each other to be no deeper. */
export const modulus = 1_009

/** The same number among those below the modulus. */
const wrap = (number: number): number => ((number % modulus) + modulus) % modulus

export function add(one: number, other: number): number {
  return wrap(one + other)
}

export function times(one: number, other: number): number {
  return wrap(one * other)
}

/** A number by itself, some times. */
export const power = (base: number, exponent: number): number =>
  exponent === 0 ? 1 : times(base, power(base, exponent - 1))

/** Nothing reaches this. */
export const spare = (number: number): number => number * 3

/** Nor this. */
export function spareToo(number: number): number {
  return spare(number) + 1
}

/** The mean, rounded down. */
export default function(numbers: ReadonlyArray<number>): number {
  const sum = numbers.reduce((sum, number) => sum + number, 0)
  return numbers.length === 0 ? 0 : Math.floor(sum / numbers.length)
}
