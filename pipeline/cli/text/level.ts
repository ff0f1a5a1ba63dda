import { sparkline } from "./sparkline.ts"

/** How wide the curve of a running node is. */
export const levelWidth = 16

/** The mean level in each of the equal parts of what is to be done; parts without one are left out. */
export type Levels = ReadonlyMap<number, { readonly sum: number; readonly count: number }>

/** The levels with one more, at `done` of `total`. */
export const withLevel = (levels: Levels, done: number, total: number, level: number): Levels => {
  const part = total === 0 ? 0 : Math.min(levelWidth - 1, Math.max(0, Math.ceil((done / total) * levelWidth) - 1))
  const { sum, count } = levels.get(part) ?? { sum: 0, count: 0 }
  return new Map(levels).set(part, { sum: sum + level, count: count + 1 })
}

/** The curve of levels along what is to be done, as far as it is; "" where it has no two parts yet. */
export const levelCurve = (levels: Levels, unicode: boolean): string => {
  if (levels.size < 2) return ""
  const points = [...levels].map(([x, { sum, count }]) => ({ x, y: sum / count }))
  return sparkline(points, levelWidth, { from: 0, to: levelWidth - 1 }, unicode).trimEnd()
}
