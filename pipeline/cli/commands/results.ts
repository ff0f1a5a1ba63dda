import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { join, resolve } from "node:path"
import { attemptPromise } from "../../base/attempt.ts"
import type { BlobRef } from "../../base/blob-ref.ts"
import { InputError } from "../../base/errors.ts"
import { counted, number } from "../../base/text.ts"
import type { Graph, Node } from "../../graph/node.ts"
import { select } from "../../graph/select.ts"
import type { Made, Provenance, ResultsView, Tables } from "../../report/results.ts"
import { columns, forErrors, paint } from "../../report/terminal.ts"
import { lineages } from "../../status/lineage.ts"
import { acceptedIn, countsOf, recordsOf, type Snapshot, snapshotOf } from "../../status/snapshot.ts"
import { deliver, type Delivered, deliveredRow, type Delivery } from "../deliver.ts"
import { forceFlag, graphOf, jsonFlag, profileFlag, Project, withoutStore } from "../project.ts"
import { encoded, readable, readTables } from "../tables.ts"
import { acceptedText } from "../text/node.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { printCeilings } from "./ceilings.ts"

/** `dag results`: the results as they were last computed. */
export const results = Command.make("results", {
  profile: profileFlag,
  json: jsonFlag,
  html: Flag.String("html").pipe(Flag.withDescription("Write the report to this file"), Flag.optional),
  to: Flag.String("to").pipe(
    Flag.withDescription("Write the report, all figures and tables into this folder"),
    Flag.optional,
  ),
  ceilings: Flag.Boolean("ceilings").pipe(
    Flag.withDescription("Print what the best possible results are"),
    Flag.withDefault(false),
  ),
  force: forceFlag,
}, ({ profile, json, html, to, ceilings, force }) =>
  Effect.gen(function*() {
    for (const [flag, value] of [["--html", html], ["--to", to]] as const) {
      if (Option.isSome(value) && value.value.trim() === "") {
        return yield* new InputError({ field: flag, message: "is empty", help: "name where to write" })
      }
    }
    yield* checkExclusive({ "--html": Option.isSome(html), "--to": Option.isSome(to), "--ceilings": ceilings })
    const { experiment: { results: view } } = yield* Project
    const graph = yield* graphOf(profile)
    if (view === undefined) {
      return yield* new InputError({
        file: "dag.config.ts",
        message: "declares no results",
        help: "name the node that holds them as `results`",
      })
    }
    if (ceilings) return yield* printCeilings(graph, view.ceilings, json)
    const node = graph.nodes.get(view.node)
    if (node === undefined) {
      return yield* new InputError({
        message: `profile "${graph.profile}" has no node ${view.node}, which would hold the results`,
        help: "name another profile with --profile",
      })
    }
    const whole = Option.isSome(html) || Option.isSome(to)
    // A report may speak of every node; the table only asks whether it is up to date.
    const snapshot = yield* snapshotOf(whole ? graph : select(graph, [node.name]))
    const { status, record } = snapshot.nodes.get(node.name) ?? {}
    if (record === undefined) return yield* noResults(snapshot, node, yield* withoutStore)
    const upToDate = status?._tag === "Fresh"
    const accepted = acceptedBelow(snapshot, node)
    const outputs = yield* readable(node, record)
    const tables = yield* readTables(outputs)
    const held = {
      view,
      objects: outputs.map(({ name, digest }) => ({ name, digest, size: record.outputs[name]?.size ?? 0 })),
      tables,
      provenance: yield* provenanceOf(snapshot, upToDate, accepted),
    }
    if (Option.isSome(html)) {
      yield* printWritten(yield* deliver(yield* pageOf(held, resolve(html.value)), force), json)
    } else if (Option.isSome(to)) {
      yield* printWritten(yield* deliver(yield* filesOf(held, resolve(to.value)), force), json)
    } else if (json) {
      yield* printJson(Object.fromEntries(outputs.map(({ name, row }) => [name, encoded(row, tables[name] ?? [])])))
    } else yield* print(view.text(tables))
    if (accepted.length > 0) yield* json ? printNote(acceptedText(accepted)) : print(`\n${acceptedText(accepted)}`)
    if (upToDate) return
    const older = "These results are older than what they depend on: \"dag plan\" says what changed."
    if (json) process.stderr.write(forErrors(`warning: ${older}\n`))
    else yield* print(paint.yellow(`\n${older}`))
  })).pipe(Command.withDescription("Print the results as they were last computed, or write the report"))

/** Prints the results after a run, where the graph holds them. */
export const printResults = Effect.fnUntraced(function*(graph: Graph) {
  const { experiment: { results: view } } = yield* Project
  const node = view === undefined ? undefined : graph.nodes.get(view.node)
  if (view === undefined || node === undefined) return
  const snapshot = yield* snapshotOf(select(graph, [node.name]))
  const record = snapshot.nodes.get(node.name)?.record
  if (record === undefined) return
  yield* print(`\n${view.text(yield* readTables(yield* readable(node, record)))}`)
  const accepted = acceptedBelow(snapshot, node)
  if (accepted.length > 0) yield* print(`\n${acceptedText(accepted)}`)
})

/** What a node and all that it depends on has of accepted changes. */
const acceptedBelow = (snapshot: Snapshot, { name }: Node): ReturnType<typeof acceptedIn> => {
  const below = select(snapshot.graph, [name]).nodes
  return acceptedIn(snapshot).filter(({ node }) => below.has(node))
}

/** Results that were computed, and what is known of them. */
interface Held {
  readonly view: ResultsView
  readonly objects: ReadonlyArray<BlobRef & { readonly name: string }>
  readonly tables: Tables
  readonly provenance: Provenance
}

const provenanceOf = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  upToDate: boolean,
  accepted: ReturnType<typeof acceptedIn>,
) {
  const lineageOf = yield* lineages(snapshot)
  const run = Effect.runPromiseWith(yield* Effect.context())
  return {
    profile: snapshot.graph.profile,
    upToDate,
    accepted: accepted.map(({ node, accepted: { reason } }) => ({ node, reason })),
    records: recordsOf(snapshot),
    lineage: (name) => run(lineageOf(name)),
  } satisfies Provenance
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

const noResults = ({ graph, nodes }: Snapshot, node: Node, note: string): InputError => {
  const below = [...select(graph, [node.name]).nodes.keys()].filter((name) => name !== node.name)
  const { Fresh: ready, Missing: lacking } = countsOf(below.flatMap((name) => nodes.get(name) ?? []))
  const run = `dag run ${node.name} --profile ${graph.profile}`
  return new InputError({
    message: `profile "${graph.profile}" has no results yet${note}: ${number(ready)} of the ${
      counted(below.length, "node")
    } that they depend on ${ready === 1 ? "is" : "are"} up to date`,
    help: lacking === 0
      ? `compute them: ${run}`
      : `${counted(lacking, "node")} of them lack files, which "dag plan" names; then compute them: ${run}`,
  })
}
