import { isOdd } from "./odd.ts"

/** Whether a number is even, worked out the long way. */
export const isEven = (number: number): boolean => (number === 0 ? true : isOdd(number - 1))

/** Nothing reaches this. */
export const never = (): boolean => false
