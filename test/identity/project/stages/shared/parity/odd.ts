import { isEven } from "./even.ts"

/** Whether a number is odd. */
export const isOdd = (number: number): boolean => (number === 0 ? false : isEven(number - 1))
