import { Effect, Schema } from "effect"
import { artifactOf } from "../graph/node.ts"
import type { RowSchema } from "../graph/stage.ts"
import { columnsDigest } from "../identity/fingerprint.ts"
import type { NodeSnapshot } from "../status/snapshot.ts"
import type { ActionRecord } from "../store/record.ts"
import type { Reached, SoFar } from "../store/so-far.ts"
import { Store } from "../store/store.ts"
import type { Series, SeriesByArtifact } from "./series.ts"
import { underwayOf } from "./underway.ts"

/** A column of an output along another one, such as a loss along the steps. */
export interface Curve {
  readonly output: string
  readonly column: string
  readonly title: string
  /** The column that it runs along. */
  readonly over: string
  /** In the order of the rows; x and y are finite. */
  readonly points: ReadonlyArray<{ readonly x: number; readonly y: number }>
}

/** An output that has curves, and its rows as JSON holds them. */
export interface SeriesTable {
  readonly output: string
  readonly series: Series
  readonly rows: ReadonlyArray<object>
}

/** The curves of a node, of what it last made or of what an execution made so far that is not done. */
export interface NodeCurves {
  readonly node: string
  readonly stage: string
  readonly params: object
  readonly state:
    | { readonly _tag: "Done" }
    /** `reached` says how far it is; undefined where it did not say. */
    | { readonly _tag: "Running" | "Stopped"; readonly reached: Reached | undefined }
  /** When it began and when what there is was made, as ISO 8601 writes it. */
  readonly began: string
  readonly ended: string
  readonly tables: ReadonlyArray<SeriesTable>
  readonly curves: ReadonlyArray<Curve>
}

type Outputs = Readonly<Record<string, RowSchema>>

const seriesIn = (declared: SeriesByArtifact, outputs: Outputs) =>
  Object.entries(outputs).flatMap(([output, row]) => {
    const series = declared[artifactOf(row)]
    return series === undefined ? [] : [{ output, row, series }]
  })

/** Whether a stage of these outputs makes curves. */
export const makesCurves = (declared: SeriesByArtifact, outputs: Outputs): boolean =>
  seriesIn(declared, outputs).length > 0

/** What an action made that has curves; an output that had other columns then is left out. */
export const seriesMade = Effect.fnUntraced(function*(
  declared: SeriesByArtifact,
  outputs: Outputs,
  record: Pick<ActionRecord, "outputs" | "preImage">,
) {
  const store = yield* Store
  const tables: Array<SeriesTable> = []
  for (const { output, row, series } of seriesIn(declared, outputs)) {
    const made = record.outputs[output]
    if (made === undefined || record.preImage.outputs[output] !== columnsDigest(row)) continue
    const encode = Schema.encodeSync(Schema.Array(row))
    tables.push({ output, series, rows: encode(yield* store.readRows(row, made.digest)) })
  }
  return tables
})

/** What an action made so far that has curves, and is not done. */
export const seriesSoFar = (
  declared: SeriesByArtifact,
  outputs: Outputs,
  soFar: SoFar,
): ReadonlyArray<SeriesTable> =>
  seriesIn(declared, outputs).flatMap(({ output, series }) => {
    const rows = soFar.outputs.get(output)?.rows ?? []
    return rows.length === 0 ? [] : [{ output, series, rows }]
  })

/** The curves of tables; one without a point is none. */
export const curvesOf = (tables: ReadonlyArray<SeriesTable>): ReadonlyArray<Curve> =>
  tables.flatMap(({ output, series: { over, of }, rows }) =>
    Object.entries(of).flatMap(([column, title]) => {
      const points = rows.flatMap((row) => {
        const [x, y] = [numberAt(row, over), numberAt(row, column)]
        return x === undefined || y === undefined ? [] : [{ x, y }]
      })
      return points.length === 0 ? [] : [{ output, column, title, over, points }]
    })
  )

const numberAt = (row: object, column: string): number | undefined => {
  const value: unknown = Reflect.get(row, column)
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** The curves of one node; undefined where its stage makes none, or nothing is there yet. */
export const curvesOfNode = Effect.fnUntraced(function*(declared: SeriesByArtifact, found: NodeSnapshot) {
  const { node, record } = found
  const { outputs, name: stage } = node.stage
  if (!makesCurves(declared, outputs)) return undefined
  const about = { node: node.name, stage, params: node.params }
  const underway = yield* underwayOf(found)
  if (underway !== undefined) {
    const { soFar: { began, at: ended, reached }, state: { _tag } } = underway
    const tables = seriesSoFar(declared, outputs, underway.soFar)
    if (tables.length > 0) {
      return { ...about, state: { _tag, reached }, began, ended, tables, curves: curvesOf(tables) } satisfies NodeCurves
    }
  }
  if (record === undefined) return undefined
  const tables = yield* seriesMade(declared, outputs, record)
  const { started: began, milliseconds } = record
  const ended = new Date(Date.parse(began) + milliseconds).toISOString()
  return { ...about, state: { _tag: "Done" }, began, ended, tables, curves: curvesOf(tables) } satisfies NodeCurves
})
