import { Effect, Schema } from "effect"
import { artifactOf } from "../graph/node.ts"
import { columnsDigest } from "../identity/fingerprint.ts"
import type { NodeSnapshot } from "../status/snapshot.ts"
import { Store } from "../store/store.ts"
import { curvesOf, seriesMade } from "./curves.ts"
import type { SeriesByArtifact } from "./series.ts"

/**
 * Which columns of an artifact are figures by which nodes are compared, such as F1, and the columns that say which figure
 * it is, such as the measure.
 */
export interface Metrics {
  readonly named: ReadonlyArray<string>
  readonly of: ReadonlyArray<string>
}

/** The metrics of an experiment, by the name of the artifact. */
export type MetricsByArtifact = Readonly<Record<string, Metrics>>

/** A figure of a node, once or along steps; values are finite. */
export interface Metric {
  readonly name: string
  readonly points: ReadonlyArray<{ readonly step: number; readonly value: number }>
}

/** What a node's action counted, its figures, and its curves. */
export const metricsOfNode = Effect.fnUntraced(function*(
  { metrics = {}, series = {} }: { readonly metrics?: MetricsByArtifact; readonly series?: SeriesByArtifact },
  { node: { stage }, record }: NodeSnapshot,
) {
  if (record === undefined) return []
  const store = yield* Store
  const found: Array<Metric> = Object.entries(record.counts).map(([name, value]) => once(name, value))
  for (const [output, row] of Object.entries(stage.outputs)) {
    const wanted = metrics[artifactOf(row)]
    const made = record.outputs[output]
    if (wanted === undefined || made === undefined || record.preImage.outputs[output] !== columnsDigest(row)) continue
    const encode = Schema.encodeSync(row)
    for (const each of yield* store.readRows(row, made.digest)) found.push(...figuresOf(wanted, encode(each)))
  }
  for (const { column, points } of curvesOf(yield* seriesMade(series, stage.outputs, record))) {
    found.push({ name: column, points: points.map(({ x, y }) => ({ step: x, value: y })) })
  }
  return found
})

const once = (name: string, value: number): Metric => ({ name, points: [{ step: 0, value }] })

const figuresOf = ({ named, of }: Metrics, row: object): ReadonlyArray<Metric> => {
  const before = named.map((column) => String(Reflect.get(row, column)))
  return of.flatMap((column) => {
    const value: unknown = Reflect.get(row, column)
    return typeof value === "number" && Number.isFinite(value) ? [once([...before, column].join("/"), value)] : []
  })
}
