import type { Folded } from "./fold.ts"

/** The size of a box, and the room between boxes, in pixels of the drawing. */
export const size = { width: 152, height: 24, column: 56, within: 10, row: 6 } as const

/** Where boxes stand. */
export interface Layout {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly width: number
  readonly height: number
  /** The stage of each column, above its first box. */
  readonly titles: ReadonlyArray<{ readonly x: number; readonly y: number; readonly words: string }>
}

/**
 * Places boxes in columns by level and stage, in one pass from left to right: each box at about the height of those that
 * it takes input from. A column with many boxes is several side by side. The drawing gets about the shape of the screen:
 * `aspect` is its width by its height.
 */
export const layout = ({ boxes, from, to }: Folded, aspect: number): Layout => {
  const [x, y] = [new Float64Array(boxes.length), new Float64Array(boxes.length)]
  const sums = new Float64Array(boxes.length)
  const counts = new Uint32Array(boxes.length)
  const outgoing: Array<Array<number>> = boxes.map(() => [])
  for (let edge = 0; edge < from.length; edge++) outgoing[from[edge] ?? 0]?.push(to[edge] ?? 0)
  const columns = [...Map.groupBy(boxes.keys(), (place) => `${boxes[place]?.level} ${boxes[place]?.stage}`).values()]
    .toSorted(([one = 0], [other = 0]) => (boxes[one]?.level ?? 0) - (boxes[other]?.level ?? 0) || one - other)
  const most = rowsFor(columns.map(({ length }) => length), aspect)
  const tallest = Math.min(most, columns.reduce((longest, { length }) => Math.max(longest, length), 0))
  const pitch = size.height + size.row
  const titles: Array<Layout["titles"][number]> = []
  let left = 0
  for (const own of columns) {
    const wanted = (place: number): number =>
      (counts[place] ?? 0) === 0 ? Infinity : (sums[place] ?? 0) / (counts[place] ?? 1)
    const ordered = own.toSorted((one, other) => {
      const [a, b] = [wanted(one), wanted(other)]
      return a === b ? one - other : a - b
    })
    const wide = Math.ceil(ordered.length / most)
    const rows = Math.ceil(ordered.length / wide)
    const top = (tallest - rows) * pitch / 2
    titles.push({ x: left, y: top, words: boxes[own[0] ?? 0]?.stage ?? "" })
    for (const [index, place] of ordered.entries()) {
      const [column, row] = [Math.floor(index / rows), index % rows]
      x[place] = left + column * (size.width + size.within)
      y[place] = top + row * pitch
      for (const next of outgoing[place] ?? []) {
        sums[next] = (sums[next] ?? 0) + (y[place] ?? 0)
        counts[next] = (counts[next] ?? 0) + 1
      }
    }
    left += wide * (size.width + size.within) + size.column
  }
  return { x, y, width: Math.max(size.width, left - size.column), height: tallest * pitch, titles }
}

/** How many boxes stand below each other at most, so that the drawing has about the shape of the screen. */
const rowsFor = (lengths: ReadonlyArray<number>, aspect: number): number => {
  let best = { rows: 1, off: Infinity }
  for (let rows = 8; rows <= 4096; rows = Math.ceil(rows * 1.15)) {
    const wide = lengths.reduce((sum, length) => sum + Math.ceil(length / rows), 0)
    const width = wide * (size.width + size.within) + lengths.length * size.column
    const height = Math.min(rows, Math.max(1, ...lengths)) * (size.height + size.row)
    const off = Math.abs(Math.log(width / height / aspect))
    if (off < best.off) best = { rows, off }
  }
  return best.rows
}
