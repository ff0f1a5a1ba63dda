import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { attempt } from "../../base/attempt.ts"
import { sources } from "../../graph/node.ts"
import { type Origin, originOf } from "../../graph/origin.ts"
import { curvesOfNode } from "../../report/curves.ts"
import { logOf } from "../../report/printed.ts"
import type { Status } from "../../status/status.ts"
import { Disk } from "../../store/disk.ts"
import { Project } from "../project.ts"
import { missingText, unneededText } from "../text/node.ts"
import { reasonLines } from "../text/reasons.ts"
import type { CurveMessage, LogMessage, NodeMessage, ParamMessage, Place, SourceMessage } from "./messages.ts"
import type { Asked } from "./route.ts"
import type { View } from "./view.ts"

/** All that is known of a node; undefined where there is none of that name. */
export const nodeMessage = Effect.fnUntraced(function*(view: View, { path: [name = ""] }: Asked) {
  const found = view.snapshot.nodes.get(name)
  if (found === undefined) return undefined
  const { node, status, record } = found
  const { experiment: { series = {} } } = yield* Project
  const curves = yield* Effect.orElseSucceed(curvesOfNode(series, found), () => undefined)
  const failed = view.failures.get(name)
  return {
    name,
    stage: node.stage.name,
    state: view.states[view.places.get(name) ?? 0] ?? "fresh",
    why: whyOf(status),
    key: status._tag === "Fresh" ? status.key : (status._tag === "WillRun" ? status.action?.key : undefined) ?? null,
    made: record === undefined ? null : {
      started: record.started,
      milliseconds: record.milliseconds,
      host: record.environment.host,
      commit: record.environment.commit,
      cpu: record.resources.cpu,
      memory: record.resources.memory,
      counts: Object.entries(record.counts),
      warnings: record.warnings ?? [],
      files: record.files.map((file) => [file.name, file.digest] as const),
    },
    outputs: Object.entries(record?.outputs ?? {}).map(([output, made]) => ({
      name: output,
      artifact: made.artifact,
      rows: made.rows,
      size: made.size,
      digest: made.digest,
    })),
    params: paramsOf(node.declared, node.params, []),
    inputs: [...node.inputs].flatMap(([role, wire]) =>
      wire._tag === "Artifacts" ? wire.refs.map((ref) => ({ role, node: ref.node, output: ref.output })) : []
    ),
    users: [...view.graph.nodes.values()].filter((other) => sources(other).includes(name)).map((other) => other.name),
    failure: failed === undefined
      ? null
      : { run: failed.run, message: failed.failure.message, help: failed.failure.help },
    hasLog: (yield* logOf(found)) !== undefined,
    curves: (curves?.curves ?? []).map(({ title, over, points }): CurveMessage => ({
      title,
      over,
      ...thinned(points),
    })),
  } satisfies NodeMessage
})

/** Why a run would execute a node, or cannot. */
const whyOf = (status: Status): ReadonlyArray<string> => {
  const lines = (): ReadonlyArray<string> => {
    switch (status._tag) {
      case "Fresh":
        return status.accepted === undefined
          ? []
          : [`accepted: ${status.accepted.reason}`, ...status.accepted.differences]
      case "WillRun":
      case "MayRun":
        return [
          ...reasonLines(status.reasons),
          ...(status.after.length === 0 ? [] : [`after ${status.after.join(", ")}`]),
        ]
      case "Missing":
        return [missingText(status)]
      case "Blocked":
        return [`it depends on what cannot run: ${status.by.join(", ")}`]
      case "Unneeded":
        return [unneededText]
    }
  }
  return lines().flatMap((text) => stripVTControlCharacters(text).split("\n"))
}

/** More points of a curve than there are pixels say no more. */
const MOST_POINTS = 600

const thinned = (points: ReadonlyArray<{ readonly x: number; readonly y: number }>): Pick<CurveMessage, "x" | "y"> => {
  const step = Math.max(1, Math.ceil(points.length / MOST_POINTS))
  const kept = points.filter((_, index) => index % step === 0 || index === points.length - 1)
  return { x: kept.map(({ x }) => x), y: kept.map(({ y }) => y) }
}

/** A value is written out as it is until it is longer than that; then it is taken apart. */
const SHORT = 120

/** No more params are listed one by one. */
const MOST_PARAMS = 400

const paramsOf = (declared: object, value: unknown, path: ReadonlyArray<string>): ReadonlyArray<ParamMessage> => {
  const text = JSON.stringify(value)
  const isOpen = typeof value === "object" && value !== null && (path.length === 0 || text.length > SHORT)
  if (isOpen) {
    return Object.entries(value).flatMap(([key, inner]) => paramsOf(declared, inner, [...path, key])).slice(
      0,
      MOST_PARAMS,
    )
  }
  return [{ path: path.join("."), value: text, origin: placeOf(originOf(declared, path)) }]
}

const placeOf = (origin: Origin | undefined): Place | null =>
  origin === undefined ? null : { file: origin.file, line: origin.line }

/** So many lines are shown before and behind one. */
const AROUND = 12

/**
 * The lines of a file around the place where a param of a node is written. The file is the one that the experiment read;
 * a request names a node and a param alone.
 */
export const sourceMessage = Effect.fnUntraced(function*({ graph }: View, { path: [name = "", param = ""] }: Asked) {
  const { root } = yield* Project
  const node = graph.nodes.get(name)
  if (node === undefined) return undefined
  const origin = originOf(node.declared, param.split("."))
  if (origin === undefined) return undefined
  const text = yield* attempt(() => readFileSync(join(root, origin.file), "utf8"))
  const lines = text.split("\n")
  const first = Math.max(1, origin.line - AROUND)
  return {
    file: origin.file,
    line: origin.line,
    first,
    lines: lines.slice(first - 1, origin.line + AROUND),
  } satisfies SourceMessage
})

/** The newest of a log that is shown, in characters. */
const MOST_OF_LOG = 60_000

/** What a node printed: while it runs, when it failed, or when it was made. */
export const logMessage = Effect.fnUntraced(function*(view: View, { path: [name = ""] }: Asked) {
  const disk = yield* Disk
  const found = view.snapshot.nodes.get(name)
  const log = found === undefined ? undefined : yield* logOf(found)
  if (log === undefined) return undefined
  const text = stripVTControlCharacters((yield* disk.read(log)) ?? "")
  return { text: text.slice(-MOST_OF_LOG), isCut: text.length > MOST_OF_LOG } satisfies LogMessage
})
