import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { NodeSnapshot } from "../status/snapshot.ts"
import type { Holder } from "../store/leases.ts"
import type { SoFar } from "../store/so-far.ts"
import { Store } from "../store/store.ts"

/** An action that is not done, as far as an execution of it came. */
export interface Underway {
  readonly key: Digest
  readonly soFar: SoFar
  readonly state:
    | { readonly _tag: "Running"; readonly holder: Holder }
    /** It was interrupted, was killed or failed; `saved` says whether the next execution goes on from what it saved. */
    | { readonly _tag: "Stopped"; readonly saved: boolean }
}

/**
 * What an execution made so far of the action that brings a node up to date; undefined where the node is up to date,
 * or no execution showed anything.
 */
export const underwayOf = Effect.fnUntraced(function*({ node, status }: NodeSnapshot) {
  if (status._tag === "Fresh") return undefined
  const store = yield* Store
  const holders = yield* store.leases.holders
  const action = status._tag === "WillRun" ? status.action : undefined
  // What an edit that came after its start made of the node, the execution does not know.
  const key = action?.key ?? [...holders].find(([, holder]) => holder.node === node.name)?.[0]
  const soFar = key === undefined ? undefined : yield* store.unfinished(key).soFar.read
  if (key === undefined || soFar === undefined) return undefined
  const holder = holders.get(key)
  return {
    key,
    soFar,
    state: holder === undefined
      ? { _tag: "Stopped", saved: action?.unfinished ?? false }
      : { _tag: "Running", holder },
  } satisfies Underway
})
