import type { Shape } from "../ir/shape.ts"

/** Values of a tensor that are NaN or infinite. */
export interface NotFinite {
  readonly count: number
  /** The indices of the first one. */
  readonly at: readonly number[]
  readonly value: number
}

/** Those of a tensor's values that are NaN or infinite; undefined where none are. `pieces` are its values, row-major. */
export const notFinite = (pieces: Iterable<Float32Array>, shape: Shape): NotFinite | undefined => {
  let [count, first, value, start] = [0, 0, 0, 0]
  for (const piece of pieces) {
    if (!allFinite(piece)) {
      for (const [index, each] of piece.entries()) {
        if (Number.isFinite(each)) continue
        if (count === 0) [first, value] = [start + index, each]
        count++
      }
    }
    start += piece.length
  }
  return count === 0 ? undefined : { count, at: indicesOf(first, shape), value }
}

/** Two additions a value and no branch: a value that is not finite is not 0 less itself. */
const allFinite = (piece: Float32Array): boolean => {
  let sum = 0
  for (let index = 0; index < piece.length; index++) {
    const value = piece[index] ?? 0
    sum += value - value
  }
  return sum === 0
}

/** Where element `index` of a row-major tensor stands on each axis. */
const indicesOf = (index: number, shape: Shape): readonly number[] => {
  const indices: number[] = []
  let rest = index
  for (const dim of shape.toReversed()) {
    indices.unshift(rest % dim)
    rest = Math.floor(rest / dim)
  }
  return indices
}

/** How many values of two tensors of one shape are not the same; NaN is the same as NaN. */
export const differences = (a: Iterable<Float32Array>, b: Iterable<Float32Array>): number => {
  let count = 0
  const others = b[Symbol.iterator]()
  for (const piece of a) {
    const other = others.next().value
    for (let index = 0; index < piece.length; index++) {
      const [one, two] = [piece[index], other?.[index]]
      if (one !== two && !(Number.isNaN(one) && Number.isNaN(two))) count++
    }
  }
  return count
}
