import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { stripVTControlCharacters } from "node:util"
import { digestOf, short } from "../../base/digest.ts"
import { InputError } from "../../base/errors.ts"
import { counted, indent, some } from "../../base/text.ts"
import { commitOf } from "../../execute/environment.ts"
import type { Graph } from "../../graph/node.ts"
import { type Selection, selects } from "../../graph/select.ts"
import { columns, paint } from "../../report/terminal.ts"
import { acceptable } from "../../status/accept.ts"
import { acceptedIn, snapshotOf } from "../../status/snapshot.ts"
import type { Accepted } from "../../store/accepted.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import { unusableAmong } from "../damaged.ts"
import { graphOf, jsonFlag, profileFlag, Project } from "../project.ts"
import { excludeFlag, nodesArgument, selected } from "../selecting.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { reasonLines } from "../text/reasons.ts"

/** `dag accept NODE… --reason TEXT`: declares that what changed makes no difference to what nodes make. */
export const accept = Command.make("accept", {
  selectors: nodesArgument("Nodes that are not up to date and stay as they last were"),
  exclude: excludeFlag,
  profile: profileFlag,
  json: jsonFlag,
  reason: Flag.String("reason").pipe(
    Flag.withDescription("Why what changed makes no difference; lineage and results show it"),
    Flag.withDefault(""),
  ),
  list: Flag.Boolean("list").pipe(Flag.withDescription("List what was accepted"), Flag.withDefault(false)),
  remove: Flag.Boolean("remove").pipe(
    Flag.withDescription("Take back what was accepted for the nodes, also what no longer counts: they run again"),
    Flag.withDefault(false),
  ),
}, ({ selectors, exclude, profile, json, reason, list, remove }) =>
  Effect.gen(function*() {
    yield* checkWords(selectors, { reason, list, remove })
    const graph = yield* graphOf(profile)
    if (list) return yield* printAccepted(graph, json)
    return yield* (remove
      ? takeBack(graph, { include: selectors, exclude }, json)
      : note(graph, { include: selectors, exclude }, reason.trim(), json))
  })).pipe(
    Command.withDescription(
      "Declare that what changed makes no difference to what nodes make, so that they do not run",
    ),
  )

const checkWords = Effect.fnUntraced(function*(
  selectors: ReadonlyArray<string>,
  { reason, list, remove }: { readonly reason: string; readonly list: boolean; readonly remove: boolean },
) {
  const given = [list ? "--list" : "", remove ? "--remove" : "", reason === "" ? "" : "--reason"].filter((flag) =>
    flag !== ""
  )
  if (given.length > 1) {
    return yield* new InputError({
      field: given[0] ?? "",
      message: `cannot be given together with ${given[1] ?? ""}`,
      help: "give one of them",
    })
  }
  if (!list && selectors.length === 0) {
    return yield* new InputError({
      message: "no node is named",
      help: `name the nodes, or see what was accepted: dag accept --list`,
    })
  }
  if (!list && !remove && reason.trim() === "") {
    return yield* new InputError({
      field: "--reason",
      message: "is not given",
      help: "say why what changed makes no difference; lineage and results show it",
    })
  }
})

const note = Effect.fnUntraced(function*(
  whole: Graph,
  selection: Selection,
  reason: string,
  json: boolean,
) {
  const store = yield* Store
  const { root } = yield* Project
  const { part, chosen } = yield* selected(whole, selection)
  const { found, leftOut } = yield* acceptable(part, chosen, new Set(selection.include))
  const when = new Date().toISOString()
  const commit = commitOf(root)
  const noted = found.map(({ node, reasons, key, preImage, as }): Accepted => ({
    key,
    preImage,
    as,
    node,
    profile: whole.profile,
    reason,
    differences: reasonLines(reasons).map(stripVTControlCharacters),
    when,
    ...commit,
  }))
  for (const each of noted) yield* store.files.accepted.publish(each.key, each)
  yield* acceptThere(noted)
  for (const [why, nodes] of Map.groupBy(leftOut, (each) => each.why)) {
    const all = some(nodes.map(({ node }) => node))
    yield* printNote(
      nodes.length === 1
        ? `${all} is left out: ${why}`
        : `${counted(nodes.length, "node")} are left out (${all}), each since ${why}`,
    )
  }
  if (json) return yield* printJson(noted)
  for (const { node, differences } of noted) {
    yield* print(`accepted ${paint.bold(node)}\n${indent(differences.join("\n"), 9)}`)
  }
  yield* print(
    noted.length === 0
      ? "Nothing was accepted: these nodes are up to date."
      : `${counted(noted.length, "node")} ${noted.length === 1 ? "stays" : "stay"} as ${
        noted.length === 1 ? "it" : "they"
      } last ${
        noted.length === 1 ? "was" : "were"
      }. Another change counts; where it is undone, what was accepted counts again.`,
  )
})

/** Brings what was accepted to the remote behind the store, as far as that has what it stands for. */
const acceptThere = Effect.fnUntraced(function*(noted: ReadonlyArray<Accepted>) {
  const store = yield* Store
  const { remote } = store
  if (remote === undefined || noted.length === 0) return
  const { pushAccepted } = yield* Effect.promise(() => import("../../store/remote/accepted.ts"))
  const left = yield* pushAccepted(remote, noted).pipe(
    Effect.catch(({ path, message }) => Effect.as(printNote(`${path} ${message}`), noted)),
  )
  if (left.length > 0) {
    yield* printNote(`the remote does not have this yet: dag push ${left.map(({ node }) => node).join(" ")}`)
  }
})

/** Something that was accepted, and whether it counts now. */
interface Listed {
  readonly accepted: Accepted
  /** The node that it counts for, otherwise the one that it was accepted for. */
  readonly node: string
  readonly counts: boolean
}

/** What was accepted, in the order of time. */
const listed = Effect.fnUntraced(function*(graph: Graph) {
  const store = yield* Store
  const counting = new Map(acceptedIn(yield* snapshotOf(graph)).map(({ node, accepted }) => [accepted.key, node]))
  const all: Array<Listed> = []
  for (const name of yield* store.files.accepted.names) {
    const found = yield* store.files.accepted.look(name)
    // What cannot be used is listed apart.
    if (found._tag !== "Sound") continue
    const accepted = found.value
    const node = counting.get(accepted.key)
    all.push({ accepted, node: node ?? accepted.node, counts: node !== undefined })
  }
  return all.toSorted(({ accepted: one }, { accepted: other }) =>
    one.when < other.when ? -1 : one.when > other.when ? 1 : 0
  )
})

/** Removes declarations: those that count, those that what changed since left behind, those of profiles that are gone. */
const takeBack = Effect.fnUntraced(function*(graph: Graph, selection: Selection, json: boolean) {
  const store = yield* Store
  const { experiment } = yield* Project
  // What was accepted may be of nodes that are declared no more.
  const own = yield* selected(graph, selection).pipe(
    Effect.map(({ chosen }) => chosen),
    Effect.catchTag("InputError", () => Effect.succeed(new Set<string>())),
  )
  const [named, unnamed] = [selection.include, selection.exclude].map((each) => each.map(selects))
  const isMeant = (node: string): boolean =>
    graph.nodes.has(node)
      ? own.has(node)
      : named?.some((matches) => matches(node)) === true && unnamed?.some((matches) => matches(node)) !== true
  const found = (yield* listed(graph)).filter(({ node, counts, accepted: { profile } }) =>
    (counts || profile === graph.profile || !Object.hasOwn(experiment.profiles, profile))
    && isMeant(node)
  )
  if (found.length === 0) {
    return yield* new InputError({
      message: "nothing is accepted for these nodes",
      help: "see what is: dag accept --list",
    })
  }
  const disk = yield* Disk
  const dropped = yield* Effect.forEach(
    found,
    ({ accepted: { key } }) => Effect.map(disk.readBytes(store.files.accepted.path(key)), (text) => ({ key, text })),
  )
  // First, and with no remote too: otherwise one that has it would bring it back with the next look there.
  const { makeWithdrawn } = yield* Effect.promise(() => import("../../store/remote/marks.ts"))
  yield* makeWithdrawn(disk, store.layout).add(
    dropped.flatMap(({ text }) => text === undefined ? [] : [digestOf(text)]),
  )
  for (const { key } of dropped) yield* store.files.accepted.drop(key)
  const { remote } = store
  if (remote === undefined) yield* noteUnheard
  else {
    const { dropAccepted } = yield* Effect.promise(() => import("../../store/remote/accepted.ts"))
    yield* dropAccepted(remote, dropped).pipe(
      Effect.catch(({ path, message }) =>
        printNote(`${path} ${message}: it counts for those who read the remote until dag push reaches it from here`)
      ),
    )
  }
  const names = [...new Set(found.map(({ node }) => node))]
  if (json) return yield* printJson(names)
  const running = new Set(found.flatMap(({ node, counts }) => (counts ? [node] : [])))
  const after = running.size === 0
    ? "It counted for nothing any more."
    : `A run executes ${running.size < names.length ? [...running].join(", ") : running.size === 1 ? "it" : "them"}.`
  yield* print(`Taken back: ${names.join(", ")}. ${after}`)
})

/** Says that remotes that the store had behind it have not heard what was taken back. */
const noteUnheard = Effect.gen(function*() {
  const { layout } = yield* Store
  const { addressesIn } = yield* Effect.promise(() => import("../../store/remote/contents.ts"))
  const addresses = yield* addressesIn(yield* Disk, layout)
  if (addresses.length === 0) return
  yield* printNote(
    `this store had ${
      some(addresses)
    } behind it, and no remote is named now: what the remote has of it counts for those who read there until dag push reaches it from here`,
  )
})

const printAccepted = Effect.fnUntraced(function*(graph: Graph, json: boolean) {
  const all = yield* listed(graph)
  const damaged = yield* unusableAmong((yield* Store).files.accepted)
  if (json) {
    return yield* printJson([
      ...all.map(({ accepted, counts }) => ({ ...accepted, counts })),
      ...damaged.map(({ key, problem }) => ({ key, counts: false, problem })),
    ])
  }
  if (all.length + damaged.length === 0) return yield* print("Nothing was accepted.")
  yield* print(columns(
    ["node", "state", "when (UTC)", "key", "stands for", "reason"],
    [
      ...all.map(({ node, counts, accepted: { key, as, profile, reason, when } }) => [
        node,
        counts ? "counts" : profile === graph.profile ? "changed since" : `of profile ${profile}`,
        when.slice(0, 19).replace("T", " "),
        short(key),
        short(as),
        reason,
      ]),
      ...damaged.map(({ key, problem }) => ["(not known)", "damaged", "", short(key), "", `the file ${problem}`]),
    ],
  ))
})
