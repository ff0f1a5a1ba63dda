import { Effect } from "effect"
import type { Digest } from "./digest.ts"
import { InputError } from "./errors.ts"
import { plan } from "./freshness.ts"
import type { Graph, Node } from "./graph.ts"
import type { ActionRecord, Code } from "./store/record.ts"
import { Store } from "./store/store.ts"

/** One action in a lineage: what it did, of what, and which actions made its inputs. */
export interface Ancestor {
  readonly record: ActionRecord
  readonly code: Code | undefined
  /** By role, the keys of the actions that made the inputs; undefined where the maker is not in this graph. */
  readonly sources: ReadonlyArray<{ readonly role: string; readonly digest: Digest; readonly key: Digest | undefined }>
}

/** A lineage: the actions that an artifact stands on, each once, the artifact's own first. */
export type Lineage = ReadonlyArray<Ancestor>

/**
 * Everything that the artifacts of an action stand on, back to the files outside the store.
 *
 * The makers of inputs are found by content among the actions that the nodes of `graph` stand for.
 */
export const lineageOf = Effect.fnUntraced(function*(graph: Graph, start: ActionRecord) {
  const store = yield* Store
  const makers = new Map<Digest, ActionRecord>()
  for (const [, record] of yield* currentRecords(graph)) {
    for (const output of Object.values(record.outputs)) {
      // Equal content made twice has two makers; the first in the graph's order is told.
      if (!makers.has(output.digest)) makers.set(output.digest, record)
    }
  }
  const lineage = new Map<Digest, Ancestor>()
  const queue = [start]
  for (let record = queue.shift(); record !== undefined; record = queue.shift()) {
    if (lineage.has(record.key)) continue
    const sources = Object.entries(record.preImage.inputs).flatMap(([role, input]) =>
      input._tag === "Artifacts"
        ? input.digests.map((digest) => ({ role, digest, key: makers.get(digest)?.key }))
        : []
    )
    lineage.set(record.key, { record, code: yield* store.code(record.preImage.code), sources })
    for (const { digest } of sources) {
      const maker = makers.get(digest)
      if (maker !== undefined) queue.push(maker)
    }
  }
  return [...lineage.values()]
})

/** The record that each node of a graph last had, by node name, without nodes that never ran or whose record is lost. */
export const headRecords = Effect.fnUntraced(function*(graph: Graph) {
  const store = yield* Store
  const heads = yield* store.heads(graph.profile)
  const records = new Map<string, ActionRecord>()
  for (const name of graph.nodes.keys()) {
    const key = heads.get(name)
    const record = key === undefined ? undefined : yield* store.record(key).pipe(Effect.orElseSucceed(() => undefined))
    if (record !== undefined) records.set(name, record)
  }
  return records
})

/**
 * The record that each node of a graph stands for now: what is up to date as declared, otherwise what it last had.
 *
 * The two differ after an edit that goes back to an earlier state, until the next run notes it.
 */
export const currentRecords = Effect.fnUntraced(function*(graph: Graph) {
  const records = yield* headRecords(graph)
  for (const [name, state] of yield* plan(graph)) if (state._tag === "Fresh") records.set(name, state.record)
  return records
})

/** An output of an action, and the node whose it is. */
export interface Located {
  readonly node: Node
  readonly output: string
  readonly record: ActionRecord
}

/** The output that a digest, or the beginning of one (six digits or more), names among those of a graph's nodes. */
export const locateDigest = Effect.fnUntraced(function*(graph: Graph, prefix: string) {
  const found: Array<Located> = []
  for (const [name, record] of yield* headRecords(graph)) {
    const node = graph.nodes.get(name)
    for (const [output, { digest }] of Object.entries(record.outputs)) {
      if (node !== undefined && digest.startsWith(prefix)) found.push({ node, output, record })
    }
  }
  const [first] = found
  if (first === undefined) return undefined
  const digests = new Set(found.map(({ record, output }) => record.outputs[output]?.digest))
  if (digests.size > 1) {
    return yield* new InputError({ field: prefix, message: "begins several digests", help: "give more digits" })
  }
  return first
})

/** Whether a word given for a node can only be a digest. */
export const looksLikeDigest = (word: string): boolean => /^[0-9a-f]{6,64}$/u.test(word)
