import { Effect } from "effect"
import { sources } from "../graph/node.ts"
import type { Advance } from "../graph/stage.ts"
import { type LastWords, lastWordsOf } from "../store/last-words.ts"
import { runNames } from "../store/runs.ts"
import { Store } from "../store/store.ts"
import { type NodeSnapshot, type Snapshot, withSources } from "./snapshot.ts"
import type { Status } from "./status.ts"

/** Files that a node lacks, in the folder or at the address where they are looked for. */
export interface MissingSet {
  readonly node: string
  readonly title: string
  readonly base: string
  readonly names: ReadonlyArray<string>
}

/** Why there is nothing of a node: the reason may lie in a node that it depends on. */
export type AbsenceReason =
  /** Of all nodes that lack files, the sets that they lack. */
  | { readonly _tag: "MissingFiles"; readonly sets: ReadonlyArray<MissingSet> }
  | { readonly _tag: "NotRun" }
  /** It last ran before what it depends on changed. */
  | { readonly _tag: "Older" }
  /** What it made, or the record of it, is damaged in the store, or gone. */
  | { readonly _tag: "Damaged"; readonly node: string }
  /** It is up to date, but ran after what it is absent from was computed. */
  | { readonly _tag: "NotAdded" }
  | { readonly _tag: "Failed"; readonly node: string; readonly message: string }
  /** It is executed now, by this run or another; how far it is, as far as its run's log says. */
  | { readonly _tag: "Running"; readonly node: string; readonly at: Advance | undefined }
  /** Its job waits in the queue of a cluster; how far it came before, if it began. */
  | { readonly _tag: "Queued"; readonly node: string; readonly at: Advance | undefined }
  /** It was interrupted, and goes on from a state that it saved. */
  | { readonly _tag: "Stopped"; readonly node: string; readonly at: Advance | undefined }

/** A source of a node of which there is nothing, and why. */
export interface Absent {
  readonly node: string
  /** The params of that node, encoded. */
  readonly params: object
  readonly reason: AbsenceReason
}

/** So many of the newest logs are read, and no more after so many bytes of them. */
const most = { logs: 20, bytes: 2 ** 27 }

/** Of several reasons the first of these counts, and stands first. */
export const absenceOrder = [
  "Running",
  "Queued",
  "MissingFiles",
  "Failed",
  "Stopped",
  "Damaged",
  "Older",
  "NotAdded",
  "NotRun",
] as const satisfies ReadonlyArray<AbsenceReason["_tag"]>

/** Says of nodes that are absent from results why that is so; `damaged` are those of which that was found just now. */
export const absences = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  names: ReadonlySet<string>,
  damaged: ReadonlySet<string>,
) {
  if (names.size === 0) return []
  const wanted = withSources(snapshot, names)
  const holders = yield* Effect.flatMap(Store, ({ leases }) => leases.holders)
  const lacking = lackingIn(snapshot)
  // Nothing else need be known of what lacks files; logs of long trainings are large.
  const open = withSources(snapshot, new Set([...names].filter((name) => !lacking.has(name))))
  const newest = yield* Effect.cached(lastWords(snapshot.graph.profile))
  const words = new Map<string, LastWords | undefined>()

  const ownReason = Effect.fnUntraced(function*({ node: { name }, status, record }: NodeSnapshot) {
    if (damaged.has(name)) return { _tag: "Damaged", node: name } satisfies AbsenceReason
    if (status._tag === "Missing") {
      const { set: { title, base }, names } = status
      return { _tag: "MissingFiles", sets: [{ node: name, title, base, names }] } satisfies AbsenceReason
    }
    const action = status._tag === "WillRun" ? status.action : undefined
    const holder = action === undefined ? undefined : holders.get(action.key)
    if (holder !== undefined) {
      const { run } = holder
      if (run !== undefined && !words.has(run)) {
        words.set(run, yield* Effect.orElseSucceed(lastWordsOf(run), () => undefined))
      }
      const said = run === undefined ? undefined : words.get(run)
      const at = said?.advances.get(holder.node)
      const waits = said?.open.get(holder.node)?.wait !== undefined
      return { _tag: waits ? "Queued" : "Running", node: name, at } satisfies AbsenceReason
    }
    const nothing: AbsenceReason = isDamaged(status)
      ? { _tag: "Damaged", node: name }
      : names.has(name) && record !== undefined
      ? { _tag: "Older" }
      : { _tag: "NotRun" }
    if (!open.has(name)) return nothing
    const last = (yield* newest).find(({ made, failed, advances }) =>
      made.has(name) || failed.has(name) || advances.has(name)
    )
    const failure = last?.failed.get(name)
    // What failed under another key may go well now.
    if (failure !== undefined && action !== undefined && last?.failedKeys.get(name) === action.key) {
      return { _tag: "Failed", node: name, message: failure.message } satisfies AbsenceReason
    }
    return action?.unfinished === true
      ? {
        _tag: "Stopped",
        node: name,
        at: failure === undefined ? last?.advances.get(name) : undefined,
      } satisfies AbsenceReason
      : nothing
  })

  const reasons = new Map<string, AbsenceReason>()
  for (const each of snapshot.nodes.values()) {
    const { node, status } = each
    if (!wanted.has(node.name) || (status._tag === "Fresh" && !damaged.has(node.name))) continue
    const all = [yield* ownReason(each), ...sources(node).flatMap((source) => reasons.get(source) ?? [])]
    const first = absenceOrder.map((tag) => all.find(({ _tag }) => _tag === tag)).find((reason) => reason !== undefined)
    if (first !== undefined) reasons.set(node.name, first._tag === "MissingFiles" ? allSets(all) : first)
  }
  return [...snapshot.nodes.values()].flatMap(({ node: { name, params } }): ReadonlyArray<Absent> =>
    names.has(name) ? [{ node: name, params, reason: reasons.get(name) ?? { _tag: "NotAdded" } }] : []
  )
})

/** Whether a node runs again only because something of it in the store cannot be used. */
const isDamaged = (status: Status): boolean =>
  status._tag === "WillRun"
  && status.reasons.some(({ _tag }) => _tag === "RecordDamaged" || _tag === "ObjectMissing")

/** The sets of files that several reasons name, each once. */
const allSets = (reasons: ReadonlyArray<AbsenceReason>): AbsenceReason => {
  const sets = reasons.flatMap((reason) => (reason._tag === "MissingFiles" ? reason.sets : []))
  return { _tag: "MissingFiles", sets: [...new Map(sets.map((set) => [set.node, set])).values()] }
}

/** The nodes that lack files, and those that depend on such. */
const lackingIn = ({ nodes }: Snapshot): ReadonlySet<string> => {
  const lacking = new Set<string>()
  for (const [name, { node, status }] of nodes) {
    if (status._tag === "Missing" || sources(node).some((source) => lacking.has(source))) lacking.add(name)
  }
  return lacking
}

/** What the newest logs of a profile say, the newest first. */
const lastWords = Effect.fnUntraced(function*(profile: string) {
  const found: Array<LastWords> = []
  let bytes = 0
  for (const run of (yield* runNames).toReversed().slice(0, most.logs)) {
    if (bytes > most.bytes) break
    const words = yield* Effect.orElseSucceed(lastWordsOf(run), () => undefined)
    bytes += words?.size ?? 0
    if (words?.profile === profile) found.push(words)
  }
  return found
})
