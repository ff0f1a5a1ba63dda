import { add } from "../shared/arithmetic.ts"

export const late = (number: number): number => add(number, 100)
/** Nothing takes this. */
export const later = (number: number): number => add(number, 200)
export default (number: number): number => add(number, 300)
