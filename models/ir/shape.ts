/** The static dimensions of a tensor; `[]` is a scalar. */
export type Shape = readonly number[]

/** The number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1)

/** The dimension of an axis, which may count from the end; 1 beyond the first, as in broadcasting. */
export const dimension = (shape: Shape, axis: number): number => shape.at(axis) ?? 1

/** Whether two shapes are equal. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, axis) => dim === b[axis])

/** The shape two shapes broadcast to, or undefined: trailing axes are aligned and must be equal or 1. */
export const broadcastShape = (a: Shape, b: Shape): Shape | undefined => {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let axis = -rank; axis < 0; axis++) {
    const left = -axis > a.length ? 1 : dimension(a, axis)
    const right = -axis > b.length ? 1 : dimension(b, axis)
    if (left !== right && left !== 1 && right !== 1) return undefined
    shape.push(Math.max(left, right))
  }
  return shape
}

/** The axes of `to` along which `from` was repeated to broadcast to it. */
export const broadcastAxes = (from: Shape, to: Shape): readonly number[] => {
  const offset = to.length - from.length
  return to.flatMap((dim, axis) => axis < offset || (from[axis - offset] === 1 && dim !== 1) ? [axis] : [])
}
