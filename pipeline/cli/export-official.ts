import { Effect } from "effect"
import { join, resolve } from "node:path"
import { attempt, attemptPromise } from "../base/attempt.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import { counted, some } from "../base/text.ts"
import type { Graph } from "../graph/node.ts"
import { matching, select } from "../graph/select.ts"
import type { ExportSource, OfficialExport } from "../report/exports.ts"
import { type NodeSnapshot, snapshotOf } from "../status/snapshot.ts"
import { Store } from "../store/store.ts"
import { deliver } from "./deliver.ts"
import { Project, withoutStore } from "./project.ts"
import { print, printJson, printNote } from "./text/output.ts"
import { viewText } from "./view-text.ts"

/** Writes the results of nodes, or of runs that the experiment names, in the form that their official programs read. */
export const exportOfficial = Effect.fnUntraced(function*(
  graph: Graph,
  words: ReadonlyArray<string>,
  to: string,
  { gold, force, json }: { readonly gold: string | undefined; readonly force: boolean; readonly json: boolean },
) {
  const { experiment: { exports }, root } = yield* Project
  const view = exports?.official
  if (view === undefined) {
    return yield* new InputError({
      field: "--official",
      message: "dag.config.ts says of no result how an official program reads it",
      help: "leave --official out",
    })
  }
  const names = yield* attempt(() => selected(graph, words, view))
  const { nodes } = yield* snapshotOf(select(graph, names))
  const made = names.flatMap((name) => {
    const found = nodes.get(name)
    return found?.record === undefined ? [] : [found]
  })
  if (made.length === 0) {
    return yield* new InputError({
      message: `${
        names.length === 1 ? `${names.join("")} has not` : "none of the nodes has"
      } run yet${yield* withoutStore}`,
      help: `run first: dag run ${names.length === 1 ? names.join("") : view.stage} ${viewText(graph)}`,
    })
  }
  const files = new Map<string, string>()
  const notes = new Set<string>()
  const written: Array<NodeSnapshot> = []
  const refused: Array<InputError> = []
  const unreadable: Array<StoreError> = []
  for (const found of made) {
    // One that cannot be written does not keep the others from being written.
    yield* sourceOf(found, view.roles, gold === undefined ? undefined : resolve(root, gold)).pipe(
      Effect.flatMap((source) => attemptPromise(() => view.files(source))),
      Effect.match({
        onSuccess: (exported) => {
          written.push(found)
          for (const [name, content] of Object.entries(exported.files)) files.set(name, content)
          for (const note of exported.notes) notes.add(note)
        },
        onFailure: (error) => {
          if (error._tag === "StoreError") unreadable.push(error)
          else refused.push(error)
          notes.add(`${found.node.name} left out: ${error.message}`)
        },
      }),
    )
  }
  // What the store has lost fails the command, once all else is written.
  const [first = refused[0]] = unreadable
  if (first !== undefined && files.size === 0) return yield* first
  const delivered = yield* deliver(
    [...files].map(([name, content]) => ({ file: join(resolve(to), name), wanted: { content } })),
    force,
  )
  for (const note of notes) yield* printNote(note)
  const left = names.length - made.length
  if (left > 0) yield* printNote(`${counted(left, "node")} of ${names.length} left out: they have not run yet`)
  const stale = written.filter(({ status }) => status._tag !== "Fresh").map(({ node }) => node.name)
  if (stale.length > 0) yield* printNote(`not up to date, written as they last were: ${some(stale)}`)
  if (json) yield* printJson(delivered.map(({ file }) => ({ file })))
  else {
    const names = some([...files.keys()])
    yield* print(`${counted(files.size, "file")} of ${counted(written.length, "node")} in ${to}: ${names}`)
  }
  const [lost] = unreadable
  if (lost !== undefined) return yield* lost
})

/** The nodes that are meant, by their own names or as runs. */
const selected = (graph: Graph, words: ReadonlyArray<string>, view: OfficialExport): ReadonlyArray<string> => {
  const all = [...graph.nodes.values()].filter(({ stage, params }) => stage.name === view.stage && view.takes(params))
    .map(({ name }) => name)
  if (words.length === 0) return all
  const meant = new Set(words.flatMap((word) => {
    const runs = matching(graph, view.selector(word))
    if (runs.length > 0) return runs
    const named = matching(graph, word)
    if (named.length > 0 || all.length === 0) return named
    const first = view.selector("")
    throw new InputError({
      field: word,
      message: `names no run and no node of profile "${graph.profile}"`,
      help: `name runs such as ${some(all.map((name) => name.startsWith(first) ? name.slice(first.length) : name))}`,
    })
  }))
  const taken = all.filter((name) => meant.has(name))
  if (taken.length > 0) return taken
  throw new InputError({
    message: `of what ${words.join(", ")} names, no official program scores anything`,
    help: all.length === 0 ? "name another profile with --profile" : `name nodes such as ${some(all)}`,
  })
}

/** What a node was given when it last ran. */
const sourceOf = Effect.fnUntraced(function*(
  { node, record }: NodeSnapshot,
  roles: ReadonlyArray<string>,
  gold: string | undefined,
) {
  const store = yield* Store
  const inputs: Record<string, ReadonlyArray<object>> = {}
  for (const role of roles) {
    const [input, given] = [node.stage.inputs[role], record?.preImage.inputs[role]]
    if (input === undefined || input._tag === "Files" || given === undefined || given._tag === "Files") continue
    const tables = yield* Effect.forEach(given.digests, (digest) => store.readRows(input.row, digest))
    inputs[role] = tables.flat()
  }
  return { node: node.name, params: node.params, inputs, gold } satisfies ExportSource
})
