import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { join, resolve } from "node:path"
import { attemptPromise } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import type { Graph } from "../../graph/node.ts"
import type { Made } from "../../report/results.ts"
import { columns, forErrors, paint } from "../../report/terminal.ts"
import { deliver, type Delivered, deliveredRow, type Delivery } from "../deliver.ts"
import { type Held, heldResults } from "../held-results.ts"
import { forceFlag, graphOf, jsonFlag, profileFlag, Project } from "../project.ts"
import { printSigned, signResults } from "../sign.ts"
import { encoded } from "../tables.ts"
import { acceptedText } from "../text/node.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { printCeilings } from "./ceilings.ts"
import { printDetails } from "./details.ts"

/** `dag results`: the results of what there is. */
export const results = Command.make("results", {
  profile: profileFlag,
  json: jsonFlag,
  html: Flag.String("html").pipe(Flag.withDescription("Write the report to this file"), Flag.optional),
  to: Flag.String("to").pipe(
    Flag.withDescription("Write the report, all figures and tables into this folder"),
    Flag.optional,
  ),
  sign: Flag.String("sign").pipe(
    Flag.withDescription(
      "Sign the root digest of the results with the private key in this file, which dag key new made",
    ),
    Flag.optional,
  ),
  partial: Flag.Boolean("partial").pipe(
    Flag.withDescription("With --sign: sign results although nodes of them did not run, or are older"),
    Flag.withDefault(false),
  ),
  ceilings: Flag.Boolean("ceilings").pipe(
    Flag.withDescription("Print what the best possible results are"),
    Flag.withDefault(false),
  ),
  details: Flag.Boolean("details").pipe(
    Flag.withDescription("Print what the numbers do not show, of one cell or of all"),
    Flag.withDefault(false),
  ),
  cell: Argument.String("cell").pipe(
    Argument.withDescription("With --details: the cell in full, as model/corpus/setting"),
    Argument.optional,
  ),
  force: forceFlag,
}, ({ profile, json, html, to, sign, partial, ceilings, details, cell, force }) =>
  Effect.gen(function*() {
    for (const [flag, value] of [["--html", html], ["--to", to], ["--sign", sign]] as const) {
      if (Option.isSome(value) && value.value.trim() === "") {
        return yield* new InputError({ field: flag, message: "is empty", help: "name where to write" })
      }
    }
    yield* checkExclusive({
      "--html": Option.isSome(html),
      "--to": Option.isSome(to),
      "--sign": Option.isSome(sign),
      "--ceilings": ceilings,
      "--details": details,
    })
    if (partial && Option.isNone(sign)) {
      return yield* new InputError({
        field: "--partial",
        message: "says what to sign, but nothing is signed",
        help: "add --sign KEY, or leave it out",
      })
    }
    if (Option.isSome(cell) && !details) {
      return yield* new InputError({
        field: cell.value,
        message: "names a cell, but results are printed whole",
        help: `add --details to see the cell in full: dag results --details '${cell.value}'`,
      })
    }
    const graph = yield* graphOf(profile)
    if (ceilings) {
      const { experiment: { results: view } } = yield* Project
      if (view !== undefined) return yield* printCeilings(graph, view.ceilings, json)
    }
    const held = yield* heldResults(graph, Option.isSome(html) || Option.isSome(to))
    const { accepted, outputs, tables, view, provenance, notComputed } = held
    if (Option.isSome(html)) {
      yield* printWritten(yield* deliver(yield* pageOf(held, resolve(html.value)), force), json)
    } else if (Option.isSome(to)) {
      yield* printWritten(yield* deliver(yield* filesOf(held, resolve(to.value)), force), json)
    } else if (Option.isSome(sign)) {
      yield* printSigned(graph, yield* signResults(graph, held, sign.value, partial), json)
    } else if (details) {
      yield* printDetails(held, cell, json)
    } else if (json) {
      yield* printJson({
        ...Object.fromEntries(outputs.map(({ name, row }) => [name, encoded(row, tables[name] ?? [])])),
        ...(provenance.absent.length === 0 ? {} : { absent: provenance.absent }),
      })
    } else yield* print(view.text(tables, provenance, process.stdout.columns))
    if (accepted.length > 0) yield* json ? printNote(acceptedText(accepted)) : print(`\n${acceptedText(accepted)}`)
    if (notComputed !== undefined) {
      yield* printNote(`these results are as they were last computed, for they cannot be computed now: ${notComputed}`)
    }
    if (provenance.upToDate) return
    if (json) process.stderr.write(forErrors(`warning: ${older(provenance.flags)}\n`))
    else yield* print(paint.yellow(`\n${older(provenance.flags)}`))
  })).pipe(Command.withDescription("Print the results of what has run, write the report, or sign them"))

const older = (flags: string): string =>
  `These results are older than what they depend on: "${["dag plan", flags].join(" ").trim()}" says what changed.`

/** Prints the results after a run, where the graph holds them; gives them if they are whole and nothing had to be said of them. */
export const printResults = Effect.fnUntraced(function*(graph: Graph) {
  const { experiment: { results: view } } = yield* Project
  if (view === undefined || !graph.nodes.has(view.node)) return undefined
  const { tables, provenance, accepted, objects, notComputed } = yield* heldResults(graph, false)
  yield* print(`\n${view.text(tables, provenance, process.stdout.columns)}`)
  if (!provenance.upToDate) yield* print(paint.yellow(`\n${older(provenance.flags)}`))
  if (accepted.length > 0) yield* print(`\n${acceptedText(accepted)}`)
  const isWhole = provenance.upToDate && provenance.absent.length + accepted.length === 0 && notComputed === undefined
  return isWhole
    ? { node: view.node, tables: Object.fromEntries(objects.map(({ name, digest }) => [name, digest])) }
    : undefined
})

const pageOf = Effect.fnUntraced(function*({ view, tables, provenance }: Held, file: string) {
  const made = view.files(tables, provenance)[view.page]
  if (made === undefined) throw new Error(`there is no page ${view.page} among the files of the results`)
  return [{ file, wanted: { content: yield* contentOf(made) } }] satisfies ReadonlyArray<Delivery>
})

const filesOf = Effect.fnUntraced(function*({ view, objects, tables, provenance }: Held, folder: string) {
  const wanted: Array<Delivery> = []
  for (const [name, made] of Object.entries(view.files(tables, provenance))) {
    wanted.push({ file: join(folder, name), wanted: { content: yield* contentOf(made) } })
  }
  return [
    ...wanted,
    ...objects.map(({ name, ...blob }) => ({ file: join(folder, `${name}.parquet`), wanted: { copyOf: blob } })),
  ]
})

/** A file's content. A failure that a report foresees is the user's to fix; anything else is a bug. */
const contentOf = (made: Made) => attemptPromise(made)

const printWritten = (written: ReadonlyArray<Delivered>, json: boolean): Effect.Effect<void> =>
  json ? printJson(written) : print(columns(["written", ">size"], written.map(deliveredRow)))

/** At most one of these flags can be given. */
const checkExclusive = (flags: Readonly<Record<string, boolean>>): Effect.Effect<void, InputError> => {
  const [first, second] = Object.keys(flags).filter((name) => flags[name])
  return first === undefined || second === undefined ? Effect.void : new InputError({
    field: first,
    message: `cannot be given together with ${second}`,
    help: "give one of them; --to writes everything but the ceilings",
  })
}
