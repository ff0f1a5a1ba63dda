import { Effect, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { InputError } from "../../base/errors.ts"
import { indent } from "../../base/text.ts"
import { bytes, counted } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import { Store } from "../../store/store.ts"
import { locate, noteStale } from "../artifact.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { print, printJson } from "../text/output.ts"

/** `dag show NODE|DIGEST`: the rows of an artifact. */
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
    const store = yield* Store
    const graph = yield* graphOf(profile)
    const located = yield* locate(graph, artifact)
    const { node, output, record } = located
    const made = record.outputs[output]
    const row = node.stage.outputs[output]
    if (made === undefined || row === undefined) throw new Error(`${node.name} lost its output ${output}`)
    const end = most === 0 ? made.rows : Math.min(made.rows, from + most)
    const rows = yield* store.readRows(row, made.digest, { start: from, end })
    const encoded = rows.map((each) => Schema.encodeUnknownSync(row)(each))
    yield* noteStale(graph, located)
    if (json) {
      yield* printJson(encoded)
      return
    }
    yield* print(paint.dim(
      `${node.name}:${output}  ${made.artifact}, ${counted(made.rows, "row")}, ${bytes(made.size)}\n${
        store.objectPath(made.digest)
      }`,
    ))
    for (const [index, each] of encoded.entries()) {
      yield* print(`\n${paint.bold(`row ${from + index}`)}`)
      yield* print(indent(rowText(each), 2))
    }
    if (end < made.rows) yield* print(paint.dim(`\nrows ${end} to ${made.rows - 1} are not shown; --rows 0 shows all`))
  })).pipe(Command.withDescription("Print the rows of an artifact"))

const rowText = (row: object): string =>
  Object.entries(row).map(([name, value]: [string, unknown]) => {
    if (typeof value === "string" && value.includes("\n")) return `${paint.cyan(name)}\n${indent(value, 2)}`
    if (Array.isArray(value)) {
      return `${paint.cyan(name)} (${value.length})${value.map((item) => `\n  ${JSON.stringify(item)}`).join("")}`
    }
    return `${paint.cyan(name)} ${typeof value === "string" ? value : JSON.stringify(value)}`
  }).join("\n")
