import { Effect } from "effect"
import { indent, some, tellMissing } from "../cli/text/node.ts"
import { bytes, columns, counted, duration, paint } from "../cli/text/output.ts"
import type { FileSet } from "../graph/files.ts"
import { unofficial } from "../graph/files.ts"
import type { Graph } from "../graph/node.ts"
import type { SourceFile } from "../graph/stage.ts"
import type { Limits } from "../run/pool.ts"
import type { Freshness } from "./freshness.ts"
import { headRecords } from "./lineage.ts"

/** What a run is about to do, as far as it can be known before. */
export interface Forecast {
  readonly toRun: number
  /** Those of them that go on from an execution that did not finish. */
  readonly unfinished: number
  readonly upToDate: number
  /** Nodes to run and expected time by stage, in the order of the graph. */
  readonly stages: ReadonlyArray<
    { readonly stage: string; readonly nodes: number; readonly milliseconds: number | undefined }
  >
  readonly missing: ReadonlyArray<{ readonly set: FileSet; readonly names: ReadonlyArray<string> }>
  /** Nodes that read files that are not there, and nodes that stand on those. */
  readonly missingNodes: number
  readonly blocked: number
  /** Files that are there but are not the official ones. */
  readonly unofficial: ReadonlyArray<string>
  /** Wall time, where every stage to run has run before. */
  readonly milliseconds: number | undefined
  /** Most memory that actions running side by side were granted, MiB. */
  readonly memory: number
}

/** What running the stale nodes of a plan will take; times are those that the same stages took here before. */
export const forecast = Effect.fnUntraced(function*(
  graph: Graph,
  planned: ReadonlyMap<string, Freshness>,
  limits: Limits,
) {
  const missing = new Map<string, Forecast["missing"][number]>()
  const stages = new Map<string, { nodes: number; cpu: number; milliseconds: number | undefined }>()
  const sizes: Array<number> = []
  const changed: Array<string> = []
  const toRun = [...graph.nodes.values()].filter((node) => {
    const state = planned.get(node.name)
    if (state?._tag === "Missing") missing.set(JSON.stringify([state.set.base, state.names]), state)
    if (state?._tag === "Stale") changed.push(...unofficialFiles(node.inputs, state.files))
    return state?._tag === "Stale" || state?._tag === "Pending"
  })
  const took = toRun.length === 0 ? new Map<string, Array<number>>() : yield* timesByStage(graph)
  for (const node of toRun) {
    const stage = stages.get(node.stage.name) ?? { nodes: 0, cpu: 0, milliseconds: 0 }
    const times = took.get(node.stage.name)
    const mean = times === undefined ? undefined : times.reduce((sum, time) => sum + time, 0) / times.length
    stage.nodes++
    stage.cpu += node.resources.cpu
    stage.milliseconds = mean === undefined || stage.milliseconds === undefined ? undefined : stage.milliseconds + mean
    stages.set(node.stage.name, stage)
    sizes.push(Math.min(node.resources.memory, limits.memory))
  }
  const sideBySide = Math.max(1, Math.min(limits.jobs, limits.cpu))
  const sum = [...stages.values()].reduce<number | undefined>(
    (total, { milliseconds }) => (total === undefined || milliseconds === undefined ? undefined : total + milliseconds),
    0,
  )
  return {
    toRun: toRun.length,
    unfinished: [...planned.values()].filter((state) => state._tag === "Stale" && state.unfinished).length,
    upToDate: [...planned.values()].filter(({ _tag }) => _tag === "Fresh").length,
    missingNodes: [...planned.values()].filter(({ _tag }) => _tag === "Missing").length,
    blocked: [...planned.values()].filter(({ _tag }) => _tag === "Blocked").length,
    stages: [...stages].map(([stage, { nodes, milliseconds }]) => ({ stage, nodes, milliseconds })),
    // What goes into one folder stands together.
    missing: [...missing.values()].toSorted((
      one,
      other,
    ) => (one.set.base < other.set.base ? -1 : one.set.base > other.set.base ? 1 : 0)),
    unofficial: changed,
    milliseconds: sum === undefined ? undefined : sum / sideBySide,
    memory: Math.min(
      limits.memory,
      sizes.sort((one, other) => other - one).slice(0, sideBySide).reduce((total, size) => total + size, 0),
    ),
  } satisfies Forecast
})

const unofficialFiles = (
  inputs: Graph["nodes"] extends ReadonlyMap<string, infer N extends { inputs: unknown }> ? N["inputs"] : never,
  files: ReadonlyArray<SourceFile & { readonly role: string }>,
): ReadonlyArray<string> =>
  [...inputs].flatMap(([role, wire]) =>
    wire._tag === "Files" ? unofficial(wire.set, files.filter((file) => file.role === role)) : []
  )

const timesByStage = Effect.fnUntraced(function*(graph: Graph) {
  const times = new Map<string, Array<number>>()
  for (const record of (yield* headRecords(graph)).values()) {
    times.set(record.preImage.stage, [...(times.get(record.preImage.stage) ?? []), record.milliseconds])
  }
  return times
})

/** The forecast as text. */
export const tellForecast = (graph: Graph, expected: Forecast): string => {
  const { toRun, unfinished, upToDate, blocked, stages, missing, milliseconds, memory } = expected
  const head = `Profile ${paint.bold(graph.profile)}: ${counted(toRun, "node")} to execute${
    unfinished === 0 ? "" : ` (${unfinished} go${unfinished === 1 ? "es" : ""} on from an unfinished execution)`
  }, ${upToDate.toLocaleString("en")} up to date${
    expected.missingNodes > 0
      ? `, ${expected.missingNodes.toLocaleString("en")} that read missing files, ${
        blocked.toLocaleString("en")
      } that stand on those`
      : ""
  }`
  const table = columns(
    ["stage", ">nodes", ">time"],
    stages.map(({ stage, nodes, milliseconds }) => [
      stage,
      nodes.toLocaleString("en"),
      milliseconds === undefined ? "not measured yet" : `about ${duration(milliseconds)}`,
    ]),
  )
  const time = milliseconds === undefined
    ? "time: known once each of these stages has run here"
    : `time: about ${duration(milliseconds)}`
  return [
    head,
    ...(toRun > 0 ? [indent(table, 2), `  ${time}; memory: up to ${bytes(memory * 2 ** 20)}`] : []),
    ...(expected.unofficial.length > 0
      ? [`  ${paint.yellow("note:")} not the official files (other sha256): ${some(expected.unofficial)}`]
      : []),
    ...(missing.length > 0
      ? [
        "",
        paint.yellow(`Missing (${missing.length}):`),
        ...missing.map(({ set, names }) => indent(tellMissing(set, names), 2)),
      ]
      : []),
    "",
  ].join("\n")
}
