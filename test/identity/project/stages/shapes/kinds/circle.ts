import { times } from "../../shared/arithmetic.ts"

const pi = 3

export const area = (size: number): number => times(pi, times(size, size))
export const corners = 0
/** Nothing takes this of the choice. */
export const colour = (): string => "red"
