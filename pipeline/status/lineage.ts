import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import type { Graph, Node } from "../graph/node.ts"

import type { Code } from "../identity/code.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { type Freshness, plan } from "./freshness.ts"

/** One action in a lineage: what it did, of what, and which actions made its inputs. */
export interface Ancestor {
  readonly record: ActionRecord
  readonly code: Code | undefined
  /** By role, the keys of the actions that made the inputs; undefined where the store has no record of it. */
  readonly sources: ReadonlyArray<{ readonly role: string; readonly digest: Digest; readonly key: Digest | undefined }>
}

/** A lineage: the actions that an artifact stands on, each once, the artifact's own first. */
export type Lineage = ReadonlyArray<Ancestor>

/**
 * Everything that the artifacts of an action stand on, back to the files outside the store.
 *
 * The makers of inputs are found by content among `records`, the actions that the nodes of a graph stand for; what none
 * of them made, as where a node ran again and what stands on it did not, among all actions of the store. Whoever asks
 * for many lineages makes this once: what they share is worked out and read from the store once.
 */
export const lineages = Effect.fnUntraced(function*(records: ReadonlyMap<string, ActionRecord>) {
  const store = yield* Store
  const makers = new Map<Digest, ActionRecord>()
  const note = (record: ActionRecord): void => {
    for (const output of Object.values(record.outputs)) {
      // Equal content made twice has two makers; the first in the graph's order is told.
      if (!makers.has(output.digest)) makers.set(output.digest, record)
    }
  }
  for (const record of records.values()) note(record)
  // Reading every record takes a while, and is seldom needed.
  const noteAll = yield* Effect.cached(Effect.gen(function*() {
    for (const key of yield* store.keys) {
      const record = yield* store.record(key).pipe(Effect.orElseSucceed(() => undefined))
      if (record !== undefined) note(record)
    }
  }))
  const codes = new Map<Digest, Code | undefined>()
  const ancestors = new Map<Digest, Ancestor>()
  const ancestorOf = Effect.fnUntraced(function*(record: ActionRecord) {
    const known = ancestors.get(record.key)
    if (known !== undefined) return known
    const inputs = Object.entries(record.preImage.inputs).flatMap(([role, input]) =>
      input._tag === "Artifacts" ? input.digests.map((digest) => ({ role, digest })) : []
    )
    if (inputs.some(({ digest }) => !makers.has(digest))) yield* noteAll
    const sources = inputs.map(({ role, digest }) => ({ role, digest, key: makers.get(digest)?.key }))
    const { code: digest } = record.preImage
    if (!codes.has(digest)) codes.set(digest, yield* store.code(digest))
    const ancestor: Ancestor = { record, code: codes.get(digest), sources }
    ancestors.set(record.key, ancestor)
    return ancestor
  })
  return Effect.fnUntraced(function*(start: ActionRecord): Effect.fn.Return<Lineage, StoreError> {
    const lineage = new Map<Digest, Ancestor>()
    const queue = [start]
    for (let record = queue.shift(); record !== undefined; record = queue.shift()) {
      if (lineage.has(record.key)) continue
      const ancestor = yield* ancestorOf(record)
      lineage.set(record.key, ancestor)
      for (const { digest } of ancestor.sources) {
        const maker = makers.get(digest)
        if (maker !== undefined && !lineage.has(maker.key)) queue.push(maker)
      }
    }
    return [...lineage.values()]
  })
})

/** The record that each node of a graph last had, by node name, without nodes that never ran or whose record is lost. */
export const headRecords = Effect.fnUntraced(function*(graph: Graph) {
  const { records } = yield* recordsOf(graph, new Map())
  return records
})

/**
 * How each node of a graph stands, and the record that it stands for: what is up to date as declared, otherwise what it
 * last had.
 *
 * The two differ after an edit that goes back to an earlier state, until the next run notes it.
 */
export const current = Effect.fnUntraced(function*(graph: Graph) {
  return yield* recordsOf(graph, yield* plan(graph))
})

const recordsOf = Effect.fnUntraced(function*(graph: Graph, states: ReadonlyMap<string, Freshness>) {
  const store = yield* Store
  const heads = yield* store.heads(graph.profile)
  const records = new Map<string, ActionRecord>()
  for (const name of graph.nodes.keys()) {
    const state = states.get(name)
    const key = heads.get(name)
    const record = state?._tag === "Fresh"
      ? state.record
      : key === undefined
      ? undefined
      : yield* store.record(key).pipe(Effect.orElseSucceed(() => undefined))
    if (record !== undefined) records.set(name, record)
  }
  return { states, records }
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
