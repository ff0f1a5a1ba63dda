import { stripVTControlCharacters } from "node:util"
import type { Curve } from "../../report/curves.ts"
import { columns } from "../../report/terminal.ts"

/** From the lowest to the highest. */
const blocks = "▁▂▃▄▅▆▇█"
const letters = "_.-~=+*#"

/**
 * Whether a terminal of this environment shows more than ASCII: it does unless its locale names another character set
 * than UTF-8. Where no locale is set nothing is known of it, and most do.
 */
export const showsUnicode = (environment: Readonly<Record<string, string | undefined>>): boolean => {
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => environment[name] ?? "").find((value) => value !== "")
  return locale === undefined || /utf-?8/iu.test(locale)
}

/**
 * A curve in one line: the mean of the points in each of `width` equal parts of the range of x, as a block of that
 * height; a space where there is none.
 */
export const sparkline = (
  points: Curve["points"],
  width: number,
  { from, to }: { readonly from: number; readonly to: number },
  unicode: boolean,
): string => {
  const marks = unicode ? blocks : letters
  const parts = Array.from({ length: width }, () => ({ sum: 0, count: 0 }))
  for (const { x, y } of points) {
    const part = parts[to === from ? 0 : Math.min(width - 1, Math.floor(((x - from) / (to - from)) * width))]
    if (part === undefined) continue
    part.sum += y
    part.count += 1
  }
  const means = parts.map(({ sum, count }) => (count === 0 ? undefined : sum / count))
  const known = means.filter((mean) => mean !== undefined)
  const [lowest, highest] = [Math.min(...known), Math.max(...known)]
  return means.map((mean) => {
    if (mean === undefined) return " "
    const height = highest === lowest ? 0 : (mean - lowest) / (highest - lowest)
    return marks[Math.min(marks.length - 1, Math.floor(height * marks.length))] ?? ""
  }).join("")
}

/** Curves above each other along one scale, each with its first, last, lowest and highest value. */
export const curvesText = (curves: ReadonlyArray<Curve>, wide: number | undefined, unicode: boolean): string => {
  const xs = curves.flatMap(({ points }) => points.map(({ x }) => x))
  const range = {
    from: xs.reduce((a, b) => Math.min(a, b), Infinity),
    to: xs.reduce((a, b) => Math.max(a, b), -Infinity),
  }
  const most = Math.max(...curves.map(({ points }) => points.length))
  const rows = (width: number) => curves.map((curve) => rowOf(curve, sparkline(curve.points, width, range, unicode)))
  const over = [...new Set(curves.map((curve) => curve.over))].join(", ")
  const heading = [`${over} ${short(range.from)} to ${short(range.to)}`, "", ">first", ">last", ">lowest", ">highest"]
  // What stands beside the lines takes as much room whatever their width.
  const beside = Math.max(...stripVTControlCharacters(columns(heading, rows(1))).split("\n").map((line) => line.length))
  const room = Math.max(8, Math.min(60, (wide ?? 100) - beside))
  return columns(heading, rows(Math.min(room, most)))
}

const rowOf = ({ title, points }: Curve, line: string): ReadonlyArray<string> => {
  const ys = points.map(({ y }) => y)
  return [
    title,
    line,
    short(ys[0] ?? 0),
    short(ys.at(-1) ?? 0),
    short(ys.reduce((a, b) => Math.min(a, b), Infinity)),
    short(ys.reduce((a, b) => Math.max(a, b), -Infinity)),
  ]
}

/** A number with three digits that count. */
const short = (value: number): string =>
  Number.isInteger(value)
    ? String(value)
    : Math.abs(value) < 0.001
    ? value.toExponential(2).replace(/\.?0+e/u, "e")
    : String(Number(value.toPrecision(3)))
