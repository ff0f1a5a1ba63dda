import { Effect, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { InputError } from "../../base/errors.ts"
import { bytes, counted, indent, number } from "../../base/text.ts"
import { curvesOf, makesCurves, seriesMade, seriesSoFar } from "../../report/curves.ts"
import { paint } from "../../report/terminal.ts"
import { failuresUnder, type LastFailure } from "../../status/failures.ts"
import { Store } from "../../store/store.ts"
import { locate, type Located, type LocatedUnderway, locateUnderway, noteStale } from "../artifact.ts"
import { graphOf, jsonFlag, profileFlag, Project } from "../project.ts"
import { warningText } from "../text/node.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { curvesText, showsUnicode } from "../text/sparkline.ts"
import { underwayText } from "../text/underway.ts"

/** Which rows are asked for: `most` of them, 0 for all, from the row of index `from` on. */
interface Range {
  readonly from: number
  readonly most: number
}

/** `dag show NODE|DIGEST`: the rows of an artifact, or what is there so far of one that is being made. */
export const show = Command.make("show", {
  artifact: Argument.String("node|digest").pipe(
    Argument.withDescription("A node, one of its outputs as node:output, or the beginning of a digest"),
  ),
  profile: profileFlag,
  json: jsonFlag,
  rows: Flag.Int("rows").pipe(Flag.withDescription("How many rows at most; 0 for all"), Flag.withDefault(5)),
  from: Flag.Int("from").pipe(Flag.withDescription("The first row, counted from 0"), Flag.withDefault(0)),
}, ({ artifact, profile, json, rows: most, from }) =>
  Effect.gen(function*() {
    for (const [flag, value] of [["--rows", most], ["--from", from]] as const) {
      if (value < 0) {
        return yield* new InputError({ field: flag, message: `must be 0 or more, got ${value}`, help: "give a count" })
      }
    }
    const graph = yield* graphOf(profile)
    const underway = yield* locateUnderway(graph, artifact)
    if (underway !== undefined) {
      const { node: { name }, underway: { key, state } } = underway
      const keys = new Map(state._tag === "Stopped" ? [[name, key]] : [])
      const failed = (yield* failuresUnder(graph.profile, keys)).get(name)
      return yield* showUnderway(underway, failed, { from, most }, json)
    }
    const located = yield* locate(graph, artifact)
    yield* showMade(located, { from, most }, json, noteStale(graph, located))
  })).pipe(
    Command.withDescription("Print the rows of an artifact, and its curves; also while it is being made"),
  )

/** What an action made. */
const showMade = Effect.fnUntraced(function*<E, R>(
  { node, output, record }: Located,
  { from, most }: Range,
  json: boolean,
  note: Effect.Effect<void, E, R>,
) {
  const store = yield* Store
  const made = record.outputs[output]
  const row = node.stage.outputs[output]
  if (made === undefined || row === undefined) throw new Error(`${node.name} lost its output ${output}`)
  const end = most === 0 ? made.rows : Math.min(made.rows, from + most)
  const rows = yield* store.readRows(row, made.digest, { start: from, end })
  const encoded = rows.map((each) => Schema.encodeUnknownSync(row)(each))
  yield* note
  if (json) return yield* printJson(encoded)
  yield* print(paint.dim(
    `${node.name}:${output}  ${made.artifact}, ${counted(made.rows, "row")}, ${bytes(made.size)}\n${
      store.objectPath(made.digest)
    }`,
  ))
  for (const text of record.warnings ?? []) yield* print(warningText(text))
  const { experiment: { series = {} } } = yield* Project
  if (makesCurves(series, { [output]: row })) {
    yield* printCurves(curvesOf(yield* seriesMade(series, node.stage.outputs, record)))
  }
  yield* printRows(encoded, from, made.rows)
})

/** What an execution made so far of an action that is not done. */
const showUnderway = Effect.fnUntraced(function*(
  { node, output, row, underway, rows, made }: LocatedUnderway,
  failed: LastFailure | undefined,
  { from, most }: Range,
  json: boolean,
) {
  const shown = rows.slice(from, most === 0 ? undefined : from + most)
  if (json) {
    yield* printNote(`${node.name} is not done; it is ${underwayText(underway, failed)}`)
    return yield* printJson(shown)
  }
  const left = made > rows.length ? `, of which ${number(rows.length)} can be shown` : ""
  yield* print(paint.dim(`${node.name}:${output}  ${counted(made, "row")} so far${left}`))
  yield* print(underwayText(underway, failed))
  const { experiment: { series = {} } } = yield* Project
  if (makesCurves(series, { [output]: row })) {
    yield* printCurves(curvesOf(seriesSoFar(series, node.stage.outputs, underway.soFar)))
  }
  yield* printRows(shown, from, rows.length)
})

const printCurves = (curves: Parameters<typeof curvesText>[0]): Effect.Effect<void> =>
  curves.length === 0
    ? Effect.void
    : print(`\n${curvesText(curves, process.stdout.columns, showsUnicode(process.env))}`)

const printRows = Effect.fnUntraced(function*(rows: ReadonlyArray<object>, from: number, all: number) {
  for (const [index, each] of rows.entries()) {
    yield* print(`\n${paint.bold(`row ${from + index}`)}`)
    yield* print(indent(rowText(each), 2))
  }
  const end = from + rows.length
  if (end < all) yield* print(paint.dim(`\nrows ${end} to ${all - 1} are not shown; --rows 0 shows all`))
})

const rowText = (row: object): string =>
  Object.entries(row).map(([name, value]: [string, unknown]) => {
    if (typeof value === "string" && value.includes("\n")) return `${paint.cyan(name)}\n${indent(value, 2)}`
    if (Array.isArray(value)) {
      return `${paint.cyan(name)} (${value.length})${value.map((item) => `\n  ${JSON.stringify(item)}`).join("")}`
    }
    return `${paint.cyan(name)} ${typeof value === "string" ? value : JSON.stringify(value)}`
  }).join("\n")
