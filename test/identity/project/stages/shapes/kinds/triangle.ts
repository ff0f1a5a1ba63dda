import { times } from "../../shared/arithmetic.ts"
import { edges } from "./edges.ts"

const half = (number: number): number => Math.floor(number / 2)

export const area = (size: number): number => half(times(size, size))
export const corners = edges(3)
