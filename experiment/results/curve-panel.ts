import { settingTitle } from "../settings.ts"
import { type CellCurves, quantities, type QuantityId } from "./curves.ts"
import { fitted } from "./lettering.ts"
import { Markup, markup } from "./markup.ts"
import type { Drawing } from "./panel.ts"
import { one } from "./words.ts"

const width = 320
const size = 12
const top = 26
const bottom = 34
const left = 52
const right = 12
const rowHeight = 62
/** The page has it lighter on a dark ground. */
const blue = "var(--wanted-line, #0072B2)"

/** One point with its place: the row of its quantity, its training, and y as a part of the row's range. */
interface Placed {
  readonly row: number
  readonly training: number
  readonly x: number
  readonly y: number
  readonly best: boolean
}

/** A quantity of a cell with the range of its values over all trainings. */
interface Row {
  readonly id: QuantityId
  readonly title: string
  readonly low: number
  readonly high: number
}

const isF1 = (id: QuantityId): boolean => id === "evaluations/f1"

const rowsOf = ({ trainings }: CellCurves, ids: ReadonlyArray<QuantityId>): ReadonlyArray<Row> =>
  quantities.filter(({ id }) => ids.includes(id)).flatMap(({ id, title }) => {
    const ys = trainings.flatMap(({ points }) => (points.get(id) ?? []).map(({ y }) => y))
    return ys.length === 0 ? [] : [{ id, title, low: Math.min(...ys), high: Math.max(...ys) }]
  })

/** The end of the scale: the last step that a training of the cell has, or is to have. */
const lastStep = ({ trainings }: CellCurves): number =>
  Math.max(
    1,
    ...trainings.flatMap(({ state, points }) => [
      ...(state._tag === "Done" ? [] : [state.reached?.total ?? 0]),
      ...[...points.values()].flatMap((each) => each.map(({ x }) => x)),
    ]),
  )

/** A small drawing of a cell: the curves of its trainings along their steps, a row for each quantity with its own scale. */
export const drawCurves = async (cell: CellCurves, ids: ReadonlyArray<QuantityId>): Promise<Drawing> => {
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")])
  const { document } = parseHTML("<html><body></body></html>")
  const rows = rowsOf(cell, ids)
  const height = top + rows.length * rowHeight + bottom
  const placed = rows.flatMap(({ id, low, high }, row) =>
    cell.trainings.flatMap(({ points }, training) => {
      const own = points.get(id) ?? []
      const best = own.findIndex(({ y }) => y === Math.max(...own.map((each) => each.y)))
      return own.map(({ x, y }, index): Placed => ({
        row,
        training,
        x: Math.round(x * 10) / 10,
        y: high === low ? 0.5 : Math.round(((y - low) / (high - low)) * 1000) / 1000,
        best: index === best,
      }))
    })
  )
  const evaluated = placed.filter(({ row }) => isF1(rows[row]?.id ?? "training/loss"))
  const others = placed.filter((each) => !evaluated.includes(each))
  const line = { x: "x", y: "y", fy: "row", z: "training", strokeWidth: 1.5 } as const
  const plot = Plot.plot({
    document,
    width,
    height,
    marginLeft: left,
    marginRight: right,
    marginTop: top,
    marginBottom: bottom,
    style: { fontSize: `${size}px` },
    x: { domain: [0, lastStep(cell)], label: null, ticks: 3, tickSize: 4, insetLeft: 2, insetRight: 4 },
    y: { axis: null, domain: [0, 1], insetTop: 22, insetBottom: 6 },
    fy: { axis: null, domain: rows.map((_, index) => index), padding: 0 },
    marks: [
      Plot.ruleY(rows.map((_, row) => ({ row })), { y: () => 0, fy: "row", dy: 5, strokeOpacity: 0.25 }),
      Plot.line(others, { ...line, stroke: "currentColor", strokeOpacity: cell.trainings.length > 1 ? 0.6 : 1 }),
      Plot.line(evaluated, { ...line, stroke: blue, strokeDasharray: "4 2" }),
      Plot.dot(evaluated, { x: "x", y: "y", fy: "row", r: 2, fill: blue }),
      Plot.dot(evaluated.filter(({ best }) => best), {
        x: "x",
        y: "y",
        fy: "row",
        r: 4,
        stroke: blue,
        strokeWidth: 1.5,
      }),
    ],
  })
  plot.querySelector("style")?.remove()
  const labels = rows.map(({ id, title, low, high }, index) => {
    const y = top + index * rowHeight
    return markup`<text x="${left}" y="${y + 14}">${title}</text>
<text x="${left - 6}" y="${y + 26}" text-anchor="end">${numberOf(id, high)}</text>
${
      high === low
        ? ""
        : markup`<text x="${left - 6}" y="${y + rowHeight - 4}" text-anchor="end">${numberOf(id, low)}</text>`
    }`
  })
  return {
    width,
    height,
    body: markup`<g fill="currentColor" font-size="${size}">
<text x="4" y="16" font-size="13" font-weight="bold">${fitted(titleOf(cell), (width - 8) / 13.5)}</text>
${labels}
<text x="${(left + width - right) / 2}" y="${height - 3}" text-anchor="middle">step</text>
<g text-anchor="middle">${compact(plot.innerHTML)}</g>
</g>`,
  }
}

/** The marks of a small drawing with no more digits than it can show, and without names of parts, which it has none of. */
const compact = (svg: string): Markup =>
  new Markup(
    svg.replace(/ aria-(?:label|hidden)="[^"]*"/gu, "").replace(/\d+\.\d+/gu, (digits) =>
      String(Math.round(Number(digits) * 10) / 10)),
  )

const titleOf = ({ model, setting, trainings }: CellCurves): string =>
  `${model}, ${settingTitle(setting)}${trainings.length > 1 ? `, ${trainings.length} seeds` : ""}`

const numberOf = (id: QuantityId, value: number): string =>
  isF1(id)
    ? one(value * 100)
    : value !== 0 && Math.abs(value) < 0.01
    ? value.toExponential(1).replace(".0e", "e").replace("-", "−")
    : String(Number(value.toPrecision(2)))

/** What a drawing of curves shows, in words. */
export const describeCurves = (cell: CellCurves, ids: ReadonlyArray<QuantityId>): string =>
  `${titleOf(cell)}: ${
    rowsOf(cell, ids).map(({ id, title, low, high }) =>
      isF1(id)
        ? `${title} from ${numberOf(id, low)} to ${numberOf(id, high)}`
        : `${title} between ${numberOf(id, low)} and ${numberOf(id, high)}`
    ).join("; ")
  }`
