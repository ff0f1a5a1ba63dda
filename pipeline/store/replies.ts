import { Effect, Schema, type Scope } from "effect"
import { Digest, digestOf } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { Replies } from "../graph/stage.ts"
import type { Disk } from "./disk.ts"
import type { Claims, JsonFiles } from "./json.ts"
import type { Layout } from "./layout.ts"
import { kernelSays, ownerIn } from "./owner.ts"

/**
 * What a service outside replied to a request, in `replies/<request>.json`, whichever action asked.
 *
 * It may have cost money and may never come again, so that no command removes one that is sound.
 */
export const Reply = Schema.Struct({
  /** The digest of all that the request says. */
  request: Digest,
  /** When it came, as ISO 8601 writes it. */
  when: Schema.String,
  /** What the stage that asked wants to know of it. */
  reply: Schema.String,
})
export type Reply = typeof Reply.Type

/** A reply is that to the request of its name. */
export const replyClaims: Claims<Reply> = {
  refuted: (name, { request }) => (request === name ? undefined : `is the reply to ${request}`),
  help: "move it away with dag repair, and run again: the request is sent again",
}

/** How long whoever waits for a turn sleeps between two looks, in milliseconds. */
const LOOK = 200

/** The replies of a store, for the process of this name. */
export const makeReplies = (
  files: JsonFiles<Reply>,
  disk: Pick<Disk["Service"], "list" | "makeFolder" | "create" | "remove">,
  { leases: { folder, path } }: Pick<Layout, "leases">,
  owner: string,
): Replies["Service"] => {
  /** Takes the turn where no other process of this machine has it or wants it at this moment; whether it did. */
  const take = Effect.fnUntraced(function*(of: Digest) {
    const own = path(`${of}.${owner}`)
    const others = Effect.map(
      disk.list(folder),
      (names) =>
        names.flatMap((name) => (name.startsWith(`${of}.`) ? ownerIn(name) ?? [] : [])).filter((one) => one !== owner),
    )
    const living = Effect.fnUntraced(function*() {
      for (const other of yield* others) {
        if (kernelSays(other) === "living") return true
        if (kernelSays(other) === "dead") yield* disk.remove(path(`${of}.${other}`))
      }
      return false
    })
    // Who only waits writes nothing, so that it is in nobody's way.
    if (yield* living()) return false
    yield* disk.makeFolder(folder)
    yield* disk.create(own, "a turn to ask")
    const isFree = yield* Effect.onError(Effect.map(living(), (is) => !is), () => Effect.ignore(disk.remove(own)))
    if (!isFree) yield* disk.remove(own)
    return isFree
  })

  const turn = (name: string): Effect.Effect<void, StoreError, Scope.Scope> => {
    const of = digestOf(`turn of ${name}`)
    const taken: Effect.Effect<void, StoreError> = Effect.suspend(() =>
      Effect.flatMap(
        take(of),
        (isTaken) => isTaken ? Effect.void : Effect.andThen(Effect.sleep(LOOK * (1 + Math.random())), taken),
      )
    )
    return Effect.acquireRelease(
      taken,
      () => Effect.ignore(disk.remove(path(`${of}.${owner}`))),
      { interruptible: true },
    )
  }

  return {
    find: (request) => Effect.map(files.read(request), (found) => found?.reply),
    keep: (request, reply) => files.publish(request, { request, when: new Date().toISOString(), reply }),
    turn,
  }
}
