import { Effect } from "effect"
import { type Series, seriesOf } from "../graph/series.ts"
import type { RowSchema } from "../graph/stage.ts"
import { columnsDigest } from "../identity/fingerprint.ts"
import type { ActionRecord } from "../store/record.ts"
import type { SoFar } from "../store/so-far.ts"
import { Store } from "../store/store.ts"

/** A column of an output along another one, such as a loss along the steps. */
export interface Curve {
  readonly output: string
  readonly column: string
  readonly title: string
  /** The column that it runs along. */
  readonly over: string
  /** In the order of the rows; y is finite. */
  readonly points: ReadonlyArray<{ readonly x: number; readonly y: number }>
}

type Outputs = Readonly<Record<string, RowSchema>>

const curvesIn = (output: string, { over, of }: Series, rows: ReadonlyArray<object>): ReadonlyArray<Curve> =>
  Object.entries(of).flatMap(([column, title]) => {
    const points = rows.flatMap((row) => {
      const [x, y] = [numberAt(row, over), numberAt(row, column)]
      return x === undefined || y === undefined ? [] : [{ x, y }]
    })
    return points.length === 0 ? [] : [{ output, column, title, over, points }]
  })

const numberAt = (row: object, column: string): number | undefined => {
  const value: unknown = Reflect.get(row, column)
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

const seriesIn = (outputs: Outputs) =>
  Object.entries(outputs).flatMap(([output, row]) => {
    const series = seriesOf(row)
    return series === undefined ? [] : [{ output, row, series }]
  })

/** Whether a stage of these outputs makes curves. */
export const makesCurves = (outputs: Outputs): boolean => seriesIn(outputs).length > 0

/** The curves that an action made; an output that had other columns then has none. */
export const curvesMade = Effect.fnUntraced(function*(
  outputs: Outputs,
  record: Pick<ActionRecord, "outputs" | "preImage">,
) {
  const store = yield* Store
  const curves: Array<Curve> = []
  for (const { output, row, series } of seriesIn(outputs)) {
    const made = record.outputs[output]
    if (made === undefined || record.preImage.outputs[output] !== columnsDigest(row)) continue
    curves.push(...curvesIn(output, series, yield* store.readRows(row, made.digest)))
  }
  return curves
})

/** The curves of what an action made so far that is not done. */
export const curvesSoFar = (outputs: Outputs, soFar: SoFar): ReadonlyArray<Curve> =>
  seriesIn(outputs).flatMap(({ output, series }) => curvesIn(output, series, soFar.outputs.get(output)?.rows ?? []))
