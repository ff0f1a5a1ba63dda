import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { Node } from "../graph/node.ts"
import type { Code } from "../identity/code.ts"
import type { Accepted } from "../store/accepted.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { type Maker, makersIn } from "./makers.ts"
import { makeReader } from "./reader.ts"
import { acceptedIn, type Snapshot } from "./snapshot.ts"

/** One action in a lineage: what it did, of what, and which actions made its inputs. */
export interface Ancestor {
  /** By which the sources of others name it: its node, or its key where no node of the graph stands for it now. */
  readonly id: string
  /** The node of the graph that stands for the action; undefined where none does. */
  readonly node: string | undefined
  /** The name that its node had when it was executed, where that is another one; the profile where it is known. */
  readonly ranAs: { readonly node: string; readonly profile: string | undefined } | undefined
  readonly record: ActionRecord
  /** What was accepted for its node, for which the action stands though it is another one. */
  readonly accepted: Accepted | undefined
  readonly code: Code | undefined
  readonly sources: ReadonlyArray<Source>
}

/** An artifact that an action took, and the action that made it. */
export interface Source {
  readonly role: string
  readonly digest: Digest
  /** The node that the graph wires to this input; undefined where it wires none. */
  readonly wired: string | undefined
  /**
   * "now": the wired node has these bytes. "before": it has other ones now, or none. "unwired": nobody knows from which
   * node they came.
   */
  readonly bytes: "now" | "before" | "unwired"
  /** The action that made the bytes; undefined where the store has no record of one. */
  readonly maker: { readonly id: string; readonly node: string; readonly key: Digest } | undefined
  /** Where the wired node's action made the bytes again after they were taken: an action that had made them before. */
  readonly first: { readonly node: string; readonly key: Digest } | undefined
}

/** A lineage: the actions that the artifacts of a node were made by, each node's once, its own first. */
export type Lineage = ReadonlyArray<Ancestor>

/**
 * Gives the function that finds everything that the artifacts of a node depend on, back to the files outside the store.
 *
 * The sources of a node are those that the graph wires to it, each with its own action, whatever other nodes made equal
 * bytes. Only what the wired node does not have, as where it ran again and what takes input from it did not, is looked
 * for by content among all actions of the store. A node that never ran has no lineage. Whoever asks for many lineages
 * makes this once: what they share is read from the store once.
 */
export const lineages = Effect.fnUntraced(function*({ graph, nodes }: Pick<Snapshot, "graph" | "nodes">) {
  const store = yield* Store
  const reader = yield* makeReader
  const records = new Map([...nodes].flatMap(([name, { record }]) => (record === undefined ? [] : [[name, record]])))
  const makers = yield* makersIn(records)
  const accepted = new Map(acceptedIn({ nodes }).map((each) => [each.node, each.accepted]))
  const heads = yield* Effect.cached(Effect.gen(function*() {
    const all: Array<readonly [profile: string, heads: ReadonlyMap<string, Digest>]> = []
    for (const profile of yield* store.profiles) all.push([profile, yield* store.heads(profile)])
    return all
  }))

  const ranAs = Effect.fnUntraced(function*({ key, node }: ActionRecord, name: string | undefined) {
    if (node === name) return undefined
    const profiles = (yield* heads).filter(([, its]) => its.get(node) === key).map(([profile]) => profile)
    return { node, profile: profiles.includes(graph.profile) ? graph.profile : profiles[0] }
  })

  const sourcesOf = Effect.fnUntraced(function*(node: Node | undefined, record: ActionRecord) {
    const sources: Array<Source> = []
    for (const [role, input] of Object.entries(record.preImage.inputs)) {
      if (input._tag !== "Artifacts") continue
      const wires = wiresOf(node, role, input.digests, records)
      for (const [index, digest] of input.digests.entries()) {
        const wired = wires[index]?.node
        const own = wires[index]?.hasBytes === true && wired !== undefined ? records.get(wired) : undefined
        const common = { role, digest, wired }
        if (wired !== undefined && own !== undefined) {
          const maker = { id: wired, node: wired, key: own.key }
          sources.push({
            ...common,
            bytes: "now",
            maker,
            first: asFirst(yield* makers.before(digest, wired, own, record)),
          })
          continue
        }
        const found = yield* makers.of(digest, wired, record)
        const bytes = wired === undefined ? "unwired" : "before"
        sources.push({ ...common, bytes, maker: found === undefined ? undefined : asSource(found), first: undefined })
      }
    }
    return sources
  })

  const ancestors = new Map<string, Ancestor>()
  const ancestorOf = Effect.fnUntraced(function*(id: string, { node, record }: Maker) {
    const known = ancestors.get(id)
    if (known !== undefined) return known
    const former = graph.nodes.get(record.node)
    const wiring = node !== undefined
      ? graph.nodes.get(node)
      : former?.stage.name === record.preImage.stage
      ? former
      : undefined
    const ancestor: Ancestor = {
      id,
      node,
      ranAs: yield* ranAs(record, node),
      record,
      accepted: node === undefined ? undefined : accepted.get(node),
      code: yield* reader.code(record.preImage.code),
      sources: yield* sourcesOf(wiring, record),
    }
    ancestors.set(id, ancestor)
    return ancestor
  })

  return Effect.fnUntraced(function*(start: string): Effect.fn.Return<Lineage, StoreError> {
    const record = records.get(start)
    const lineage = new Map<string, Ancestor>()
    const queue: Array<readonly [id: string, maker: Maker]> = record === undefined
      ? []
      : [[start, { node: start, record }]]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [id, maker] = next
      if (lineage.has(id)) continue
      const ancestor = yield* ancestorOf(id, maker)
      lineage.set(id, ancestor)
      for (const source of ancestor.sources) {
        if (source.maker === undefined || lineage.has(source.maker.id)) continue
        const found = makers.known(source.maker.id)
        if (found !== undefined) queue.push([source.maker.id, found])
      }
    }
    return [...lineage.values()]
  })
})

const asSource = ({ node, record }: Maker): NonNullable<Source["maker"]> => ({
  id: node ?? record.key,
  node: node ?? record.node,
  key: record.key,
})

const asFirst = (maker: Maker | undefined): Source["first"] =>
  maker === undefined ? undefined : { node: maker.node ?? maker.record.node, key: maker.record.key }

/**
 * For each artifact that an action took in a role, the node that the graph wires to it, and whether that has its bytes.
 *
 * Where the action took as many as the graph wires now, they are taken to be the same ones in the same order. Elsewhere,
 * and for those that this does not explain, a wired node counts that has the bytes.
 */
const wiresOf = (
  node: Node | undefined,
  role: string,
  digests: ReadonlyArray<Digest>,
  records: ReadonlyMap<string, ActionRecord>,
): ReadonlyArray<{ readonly node: string; readonly hasBytes: boolean } | undefined> => {
  const wire = node?.inputs.get(role)
  const refs = wire?._tag === "Artifacts" ? wire.refs : []
  const has = (index: number, digest: Digest): boolean => {
    const ref = refs[index]
    return ref !== undefined && records.get(ref.node)?.outputs[ref.output]?.digest === digest
  }
  const inPlace = refs.length === digests.length
  const isPlaced = digests.map((digest, index) => inPlace && has(index, digest))
  const free = new Set([...refs.keys()].filter((index) => isPlaced[index] !== true))
  return digests.map((digest, index) => {
    const moved = isPlaced[index] === true ? index : [...free].find((other) => has(other, digest))
    if (moved !== undefined) free.delete(moved)
    const ref = moved !== undefined ? refs[moved] : inPlace ? refs[index] : undefined
    return ref === undefined ? undefined : { node: ref.node, hasBytes: moved !== undefined }
  })
}
