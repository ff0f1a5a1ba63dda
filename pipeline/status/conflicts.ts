import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import { Store } from "../store/store.ts"
import type { Snapshot } from "./snapshot.ts"

/** An action that made other bytes when it was executed another time; the store has both. */
export interface Conflict {
  /** The node of the graph that stands for the action, otherwise the one that it ran for. */
  readonly node: string
  readonly key: Digest
  /** The outputs that differ from those of the record that counts, with what each execution made. */
  readonly outputs: ReadonlyArray<{ readonly name: string; readonly counts: Digest | null; readonly other: Digest }>
  /** Where and when the other execution ran. */
  readonly host: string
  readonly started: string
}

/** The conflicts of a store that can be read, in the order of their keys; "dag verify" names damaged ones. */
export const conflictsIn = Effect.fnUntraced(function*({ nodes }: Pick<Snapshot, "nodes">) {
  const store = yield* Store
  const names = new Map([...nodes].flatMap(([name, { record }]) => (record === undefined ? [] : [[record.key, name]])))
  const conflicts: Array<Conflict> = []
  for (const { found } of yield* store.conflicts) {
    if (found._tag !== "Sound") continue
    const { key, node, outputs, environment: { host }, started } = found.value
    const standing = yield* store.lookRecord(key)
    const counting = standing._tag === "Sound" ? standing.value.outputs : {}
    const differing = Object.entries(outputs).flatMap(([name, { digest, varies }]) => {
      const counts = counting[name]?.digest ?? null
      return varies || counts === digest ? [] : [{ name, counts, other: digest }]
    })
    // One that a process which was killed was about to make count, and made.
    if (differing.length === 0) continue
    conflicts.push({ node: names.get(key) ?? node, key, outputs: differing, host, started })
  }
  return conflicts
})
