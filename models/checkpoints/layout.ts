import type { Shape } from "../ir/shape.ts"

/** Where a tensor's elements are in a storage, counted in elements. */
export interface Layout {
  readonly offset: number
  readonly shape: Shape
  /** The distance of two neighbours along each axis. */
  readonly strides: readonly number[]
}

/** Whether the elements lie one after another, row-major. */
export const isContiguous = ({ shape, strides }: Layout): boolean => {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const dim = shape[axis] ?? 1
    if (dim !== 1 && strides[axis] !== expected) return false
    expected *= dim
  }
  return true
}

/** The number of elements from the first to the last, both counted, of a layout that is not empty. */
export const spanOf = ({ shape, strides }: Layout): number =>
  shape.reduce((span, dim, axis) => span + (dim - 1) * (strides[axis] ?? 0), 1)

/** Puts the elements of a span in row-major order. */
export const gather = <A extends Uint16Array | Uint32Array>(span: A, into: A, { shape, strides }: Layout): void => {
  let at = 0
  const walk = (axis: number, start: number): void => {
    const [dim, stride] = [shape[axis] ?? 1, strides[axis] ?? 0]
    for (let index = 0; index < dim; index++) {
      const from = start + index * stride
      if (axis < shape.length - 1) walk(axis + 1, from)
      else into[at++] = span[from] ?? 0
    }
  }
  walk(0, 0)
}
