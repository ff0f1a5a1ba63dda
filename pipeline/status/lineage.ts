import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { Code } from "../identity/code.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { makeReader } from "./reader.ts"

/** One action in a lineage: what it did, of what, and which actions made its inputs. */
export interface Ancestor {
  readonly record: ActionRecord
  readonly code: Code | undefined
  /** By role, the keys of the actions that made the inputs; undefined where the store has no record of it. */
  readonly sources: ReadonlyArray<{ readonly role: string; readonly digest: Digest; readonly key: Digest | undefined }>
}

/** A lineage: the actions that an artifact was made by, each once, the artifact's own first. */
export type Lineage = ReadonlyArray<Ancestor>

/**
 * Everything that the artifacts of an action depend on, back to the files outside the store.
 *
 * The makers of inputs are found by content among `records`, the actions that the nodes of a graph stand for. What none
 * of them made, as where a node ran again and what takes input from it did not, is looked for among all actions of the
 * store. Whoever asks for many lineages makes this once: what they share is read from the store once.
 */
export const lineages = Effect.fnUntraced(function*(records: ReadonlyMap<string, ActionRecord>) {
  const store = yield* Store
  const makers = new Map<Digest, ActionRecord>()
  const note = (record: ActionRecord): void => {
    for (const output of Object.values(record.outputs)) {
      // Equal content made twice has two makers; the first in the graph's order is taken.
      if (!makers.has(output.digest)) makers.set(output.digest, record)
    }
  }
  for (const record of records.values()) note(record)
  // Reading every record takes a while, and is seldom needed.
  const noteAll = yield* Effect.cached(Effect.gen(function*() {
    // In an order of their own: a folder lists its files in any.
    for (const key of (yield* store.keys).toSorted()) {
      const record = yield* store.record(key).pipe(Effect.orElseSucceed(() => undefined))
      if (record !== undefined) note(record)
    }
  }))
  const reader = yield* makeReader
  const ancestors = new Map<Digest, Ancestor>()
  const ancestorOf = Effect.fnUntraced(function*(record: ActionRecord) {
    const known = ancestors.get(record.key)
    if (known !== undefined) return known
    const inputs = Object.entries(record.preImage.inputs).flatMap(([role, input]) =>
      input._tag === "Artifacts" ? input.digests.map((digest) => ({ role, digest })) : []
    )
    if (inputs.some(({ digest }) => !makers.has(digest))) yield* noteAll
    const sources = inputs.map(({ role, digest }) => ({ role, digest, key: makers.get(digest)?.key }))
    const ancestor: Ancestor = { record, code: yield* reader.code(record.preImage.code), sources }
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
