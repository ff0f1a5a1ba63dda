import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { columnsOf as fieldsOf } from "../../base/columns.ts"
import { InputError } from "../../base/errors.ts"
import { bytes, counted, number } from "../../base/text.ts"
import type { RowSchema } from "../../graph/stage.ts"
import { csvOf } from "../../report/csv.ts"
import { curvesOf, makesCurves, seriesMade, seriesSoFar } from "../../report/curves.ts"
import { paint } from "../../report/terminal.ts"
import { failuresUnder, type LastFailure } from "../../status/failures.ts"
import { Store } from "../../store/store.ts"
import { locate, type Located, type LocatedUnderway, locateUnderway, noteStale } from "../artifact.ts"
import { makeLookAtQueued } from "../executing.ts"
import { graphOf, jsonFlag, profileFlag, Project } from "../project.ts"
import { warningText } from "../text/node.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { rowsText } from "../text/rows.ts"
import { curvesText, showsUnicode } from "../text/sparkline.ts"
import { underwayText } from "../text/underway.ts"

/** Which rows are asked for: `most` of them, 0 for all, from the row of index `from` on. */
interface Range {
  readonly from: number
  readonly most: number
}

/** How rows are printed, and which of their columns; all where none are named. */
interface Form {
  readonly as: "text" | "json" | "csv"
  readonly columns: ReadonlyArray<string> | undefined
}

/** `dag show NODE|DIGEST`: the rows of an artifact, or what is there so far of one that is being made. */
export const show = Command.make("show", {
  artifact: Argument.String("node|digest").pipe(
    Argument.withDescription("A node, one of its outputs as node:output, or the beginning of a digest"),
  ),
  profile: profileFlag,
  json: jsonFlag,
  rows: Flag.Int("rows").pipe(
    Flag.withDescription("How many rows at most; 0 for all. 5 if left out, with --csv all"),
    Flag.optional,
  ),
  from: Flag.Int("from").pipe(Flag.withDescription("The first row, counted from 0"), Flag.withDefault(0)),
  columns: Flag.String("columns").pipe(
    Flag.withDescription("Only these columns, in this order: label,f1"),
    Flag.optional,
  ),
  csv: Flag.Boolean("csv").pipe(Flag.withDescription("Print the rows as CSV"), Flag.withDefault(false)),
}, ({ artifact, profile, json, rows: count, from, columns, csv }) =>
  Effect.gen(function*() {
    if (json && csv) {
      return yield* new InputError({
        field: "--csv",
        message: "cannot be given together with --json",
        help: "give one",
      })
    }
    const most = Option.getOrElse(count, () => csv ? 0 : 5)
    for (const [flag, value] of [["--rows", most], ["--from", from]] as const) {
      if (value < 0) {
        return yield* new InputError({ field: flag, message: `must be 0 or more, got ${value}`, help: "give a count" })
      }
    }
    const form: Form = { as: json ? "json" : csv ? "csv" : "text", columns: Option.getOrUndefined(columns)?.split(",") }
    const graph = yield* graphOf(profile)
    const underway = yield* locateUnderway(graph, artifact)
    if (underway !== undefined) {
      const { node: { name }, underway: { key, state } } = underway
      const keys = new Map(state._tag === "Stopped" ? [[name, key]] : [])
      const failed = (yield* failuresUnder(graph.profile, keys)).get(name)
      return yield* showUnderway(underway, failed, { from, most }, form)
    }
    const located = yield* locate(graph, artifact)
    yield* showMade(located, { from, most }, form, noteStale(graph, located))
  })).pipe(
    Command.withDescription("Print the rows of an artifact, and its curves; also while it is being made"),
  )

/** What an action made. */
const showMade = Effect.fnUntraced(function*<E, R>(
  { node, output, record }: Located,
  { from, most }: Range,
  form: Form,
  note: Effect.Effect<void, E, R>,
) {
  const store = yield* Store
  const made = record.outputs[output]
  const row = node.stage.outputs[output]
  if (made === undefined || row === undefined) throw new Error(`${node.name} lost its output ${output}`)
  const end = most === 0 ? made.rows : Math.min(made.rows, from + most)
  const rows = yield* store.readRows(row, made.digest, { start: from, end })
  const names = yield* columnsOf(row, form)
  const encoded = rows.map((each) => only(Schema.encodeUnknownSync(row)(each), names))
  yield* note
  if (form.as !== "text") return yield* printForMachines(encoded, names, form)
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
  form: Form,
) {
  const { key } = underway
  const queued = underway.state._tag === "Running" ? (yield* makeLookAtQueued()([key])).get(key) : undefined
  const names = yield* columnsOf(row, form)
  const shown = rows.slice(from, most === 0 ? undefined : from + most).map((each) => only(each, names))
  if (form.as !== "text") {
    yield* printNote(`${node.name} is not done; it is ${underwayText(underway, failed, queued)}`)
    return yield* printForMachines(shown, names, form)
  }
  const left = made > rows.length ? `, of which ${number(rows.length)} can be shown` : ""
  yield* print(paint.dim(`${node.name}:${output}  ${counted(made, "row")} so far${left}`))
  yield* print(underwayText(underway, failed, queued))
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
  if (rows.length > 0) yield* print(`\n${rowsText(rows, from, process.stdout.columns)}`)
  const end = from + rows.length
  if (end < all) yield* print(paint.dim(`\nrows ${end} to ${all - 1} are not shown; --rows 0 shows all`))
})

const printForMachines = (
  rows: ReadonlyArray<object>,
  names: ReadonlyArray<string>,
  { as }: Form,
): Effect.Effect<void> => {
  if (as === "json") return printJson(rows)
  // Its lines end as RFC 4180 says, which a terminal would show; the last end is printed with it.
  const text = csvOf(rows, names).slice(0, -1)
  return print(process.stdout.isTTY ? text.replaceAll("\r", "") : text)
}

/** The columns that are asked for; all where none are. */
const columnsOf = (row: RowSchema, { columns }: Form): Effect.Effect<ReadonlyArray<string>, InputError> => {
  const all = fieldsOf(row).map(({ name }) => name)
  const unknown = columns?.find((name) => !all.includes(name))
  return unknown === undefined ? Effect.succeed(columns ?? all) : new InputError({
    field: "--columns",
    message: `there is no column "${unknown}"`,
    help: `name some of: ${all.join(", ")}`,
  })
}

const only = (row: object, names: ReadonlyArray<string>): object =>
  Object.fromEntries(names.flatMap((name) => name in row ? [[name, Reflect.get(row, name)]] : []))
