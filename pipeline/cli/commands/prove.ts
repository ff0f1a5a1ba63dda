import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { bytes, counted } from "../../base/text.ts"
import type { Graph } from "../../graph/node.ts"
import { matching, select } from "../../graph/select.ts"
import { collect } from "../../report/proof/collect.ts"
import { keyIdOf } from "../../report/proof/envelope.ts"
import { packed } from "../../report/proof/packed.ts"
import type { Numbers } from "../../report/proof/proof.ts"
import { zipped } from "../../report/proof/zip.ts"
import type { Absent } from "../../status/absent.ts"
import { recordsOf, snapshotOf } from "../../status/snapshot.ts"
import { deliver } from "../deliver.ts"
import { type Held, heldResults } from "../held-results.ts"
import { forceFlag, graphOf, jsonFlag, profileFlag, Project } from "../project.ts"
import { privateKeysFrom } from "../sign.ts"
import { print, printJson } from "../text/output.ts"
import { viewText } from "../view-text.ts"

/** `dag prove CELL --to FILE`: a number with all that it was made by, as an archive that proves itself. */
export const prove = Command.make("prove", {
  cell: Argument.String("cell").pipe(
    Argument.withDescription("A cell as dag results --details names it, such as t5-mini/cdr/full, or a node"),
  ),
  to: Flag.String("to").pipe(Flag.withDescription("The .zip archive to write")),
  sign: Flag.String("sign").pipe(
    Flag.withDescription("Sign the archive with the private key in this file, which also signed the results"),
    Flag.optional,
  ),
  profile: profileFlag,
  json: jsonFlag,
  force: forceFlag,
}, ({ cell, to, sign, profile, json, force }) =>
  Effect.gen(function*() {
    const { root, build } = yield* Project
    const graph = yield* graphOf(profile)
    const named = matching(graph, cell)
    // A node can be proved before there is a table.
    const held = named.length === 0
      ? Option.some(yield* heldResults(graph, false))
      : yield* Effect.option(heldResults(graph, false))
    const { nodes, numbers } = named.length > 0 || held._tag === "None"
      ? { nodes: named, numbers: [] }
      : yield* cellOf(graph, held.value, cell)
    const snapshot = yield* snapshotOf(select(graph, nodes))
    const old = nodes.find((name) => snapshot.nodes.get(name)?.status._tag !== "Fresh")
    if (old !== undefined) {
      return yield* new InputError({
        field: old,
        message: "is not up to date, and only what is can be proved",
        help: `run it first: dag run ${old} ${viewText(graph)}`,
      })
    }
    const records = new Map([...recordsOf(snapshot), ...(held._tag === "Some" ? held.value.provenance.records : [])])
    const table = held._tag === "Some" && records.has(held.value.view.node) ? held.value.view.node : undefined
    const proof = yield* collect({ graph, records, nodes, table, numbers, root, build })
    const keys = Option.isSome(sign) ? yield* privateKeysFrom(sign.value) : undefined
    const archive = zipped(keys === undefined ? proof.files : packed(proof, keys, new Date().toISOString()))
    yield* deliver([{ file: resolve(to), wanted: { content: archive } }], force)
    const { manifest, signatures } = proof
    const again = manifest.actions.filter(({ notAgain }) => notAgain === null)
    if (json) {
      return yield* printJson({ file: resolve(to), size: archive.length, signatures, ...manifest })
    }
    yield* print([
      `${to}: ${counted(manifest.actions.length, "action")}, ${bytes(archive.length)}`,
      `  root        ${manifest.tree.root}, over ${counted(manifest.tree.leaves, "node")}${
        signatures === 0
          ? "; not signed: dag results --sign KEY, then prove again"
          : `, ${counted(signatures, "signature")}`
      }`,
      keys === undefined
        ? "  archive     not signed: with --sign KEY, verify.mjs --key also shows that nobody changed it"
        : `  archive     signed by the key ${keyIdOf(keys.publicKey)}`,
      `  made again  by whoever verifies it: ${again.map(({ node }) => node).join(", ") || "nothing"}`,
      ...manifest.actions.flatMap(({ node, notAgain }) =>
        notAgain === null ? [] : [`  not again   ${node}: ${notAgain}`]
      ),
      "To check it: unpack it into an empty folder, and node verify.mjs there (Node 20 or later).",
    ].join("\n"))
  })).pipe(
    Command.withDescription(
      "Write a number with all that it was made by as an archive that proves itself, without redag",
    ),
  )

/** The nodes of a cell that the user named as the results name it. */
const cellOf = Effect.fnUntraced(function*(graph: Graph, { view, tables, provenance }: Held, name: string) {
  if (view.cell === undefined) {
    return yield* new InputError({
      field: name,
      message: "names no node, and dag.config.ts does not say what a cell of the results is",
      help: "name a node: dag ls lists them; or declare `cell` of the results",
    })
  }
  const cell = yield* attempt(() => view.cell?.(tables, name)).pipe(
    Effect.mapError((error) => notThere(graph, provenance.absent, name) ?? error),
  )
  const nodes = cell === undefined ? [] : matching(graph, cell.nodes)
  if (cell === undefined || nodes.length === 0) {
    return yield* new InputError({
      field: name,
      message: `no node makes it now: there is none that begins with ${cell?.nodes ?? ""}`,
      help: "name a node: dag ls lists them",
    })
  }
  const numbers: ReadonlyArray<Numbers> = [
    ...nodes.map((node) => ({ node, ...cell.numbers })),
    { node: view.node, ...cell.inTable },
  ]
  return { nodes, numbers }
})

/** Why a cell is not in the results although nodes of it are declared; undefined where there are none. */
const notThere = (graph: Graph, absent: ReadonlyArray<Absent>, name: string): InputError | undefined => {
  const own = absent.find(({ node }) => `${node.toLowerCase()}/`.includes(`/${name.toLowerCase()}/`))
  if (own === undefined) return undefined
  const { node, reason } = own
  const isOlder = reason._tag === "Older" || reason._tag === "NotAdded"
  return new InputError({
    field: name,
    message: isOlder
      ? "is older than what it depends on, and only what is up to date can be proved"
      : `has not run: there is nothing of ${node}`,
    help: `run it first: dag run ${node} ${viewText(graph)}`,
  })
}
