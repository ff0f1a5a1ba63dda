import { Effect } from "effect"
import type { Event } from "../store/events.ts"
import { Store } from "../store/store.ts"

/** What a run does beside its own work for those with whom it shares a remote. */
export interface Shared {
  readonly heard: (event: Event) => Effect.Effect<void>
  /** Waits for what is being pushed. */
  readonly end: Effect.Effect<void>
  /** The same where the run did not come to its end, within seconds. */
  readonly stop: Effect.Effect<void>
  /** Whether something is left for the next run to push. */
  readonly owes: Effect.Effect<boolean>
}

const alone: Shared = { heard: () => Effect.void, end: Effect.void, stop: Effect.void, owes: Effect.succeed(false) }

/** Shares what a run makes with the remote behind the store, where there is one; `say` tells the user. */
export const sharedBy = Effect.fnUntraced(function*(mayPush: boolean, say: (text: string) => Effect.Effect<void>) {
  const { remote, leases } = yield* Store
  if (remote === undefined) return alone
  const { makeSharing } = yield* Effect.promise(() => import("../store/remote/sharing.ts"))
  const sharing = yield* makeSharing(remote, mayPush, say)
  leases.shared(sharing)
  return {
    heard: (event) => {
      switch (event._tag) {
        // Noted before it is recorded: a job records what it made also where the run that handed it on was killed.
        case "NodeQueued":
        case "NodeStarted":
          return sharing.due(event.key)
        case "NodeCached":
          return event.elsewhere === true ? sharing.due(event.key) : Effect.void
        case "NodeSucceeded":
          return sharing.begin(event.key)
        case "NodeFailed":
          return event.key === null ? Effect.void : sharing.failed(event.key)
        default:
          return Effect.void
      }
    },
    end: sharing.end,
    stop: sharing.stop,
    owes: sharing.owes,
  } satisfies Shared
})
