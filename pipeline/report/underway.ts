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
 * where its action is not known before others ran, or where no execution showed anything.
 *
 * The key of the action decides, for another profile may have another node of that name.
 */
export const underwayOf = Effect.fnUntraced(function*({ status }: NodeSnapshot) {
  const action = status._tag === "WillRun" ? status.action : undefined
  if (action === undefined) return undefined
  const { key, unfinished: saved } = action
  const store = yield* Store
  const soFar = yield* store.unfinished(key).soFar.read
  if (soFar === undefined) return undefined
  const holder = (yield* store.leases.holders).get(key)
  return {
    key,
    soFar,
    state: holder === undefined
      ? { _tag: "Stopped", saved }
      : { _tag: "Running", holder },
  } satisfies Underway
})
