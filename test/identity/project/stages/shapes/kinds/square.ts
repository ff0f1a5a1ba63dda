import { power } from "../../shared/arithmetic.ts"
import { edges } from "./edges.ts"

export const area = (size: number): number => power(size, 2)
export const corners = edges(4)
