import { Effect, Fiber, Option, Scope } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { bytes, counted } from "../../base/text.ts"
import { Disk } from "../disk.ts"
import type { Sharing } from "../leases.ts"
import { Store } from "../store.ts"
import { makePusher, type Pushed } from "./push.ts"
import type { RemoteStore } from "./remote-store.ts"
import { isOffline } from "./remote.ts"
import type { ToPush } from "./repack.ts"
import { fetchRecords } from "./sync.ts"

/** What a run does for those with whom it shares a remote. */
export interface RunSharing extends Sharing {
  /** Notes that what comes to be recorded of a key is to be pushed, by this run or a later one, whoever records it. */
  readonly due: (key: Digest) => Effect.Effect<void>
  /** Notes that nothing came of a key, unless there is a record of it. */
  readonly failed: (key: Digest) => Effect.Effect<void>
  /** Begins to push what was recorded of a key, beside the run. */
  readonly begin: (key: Digest) => Effect.Effect<void>
  /** Waits for what is being pushed, and for what earlier runs still owe, and puts their records into a pack. */
  readonly end: Effect.Effect<void>
  /** The same for a run that was stopped, whose user waits: what takes longer is left to the next run. */
  readonly stop: Effect.Effect<void>
  /** Whether something that was recorded is left to be pushed. */
  readonly owes: Effect.Effect<boolean>
}

/** So often the records of a run that goes on for long come into a pack, in milliseconds: a machine may be lost before its end. */
const BETWEEN_PACKS = 60_000

/** So many records are pushed one by one at a time. */
const AT_ONCE = 32

/** So long a run that was stopped waits for what is being pushed, and as long for the pack of it, in milliseconds. */
const PATIENCE = 3000

/**
 * Pushes what a run makes as it is made. Where the remote cannot be reached, or is full, that is said once and the run goes
 * on; what was not pushed then, the next run pushes, or `dag push`.
 */
export const makeSharing = Effect.fnUntraced(function*(
  remote: RemoteStore,
  mayPush: boolean,
  say: (text: string) => Effect.Effect<void>,
  patience: number = PATIENCE,
): Effect.fn.Return<RunSharing, never, Scope.Scope | Store | Disk> {
  const store = yield* Store
  const services = yield* Effect.context<Store | Disk>()
  const scope = yield* Effect.scope
  const pusher = yield* makePusher(remote)
  const { contents } = remote
  const pushing = new Map<Digest, Fiber.Fiber<void>>()
  let isOff = !mayPush
  /** What went wrong so far: the same is said once. */
  const said = new Set<string>()

  const endsAll = (error: StoreError): boolean => isOffline(error) || error.code === "full"

  const failed = (error: StoreError) =>
    Effect.suspend(() => {
      if (said.has(error.message) || (isOff && endsAll(error))) return Effect.void
      said.add(error.message)
      isOff ||= endsAll(error)
      return say(
        `${error.path}: ${error.message}: what this run makes is not all pushed, and is kept here; the next run pushes it, or dag push`,
      )
    })

  let isNoted = true
  /** Has the next run know what this one owes, as far as that can be written. */
  const due = (key: Digest) =>
    (mayPush ? contents.due.add([key]) : Effect.void).pipe(
      Effect.catch(({ path, message }) => {
        if (!isNoted) return Effect.void
        isNoted = false
        return say(`${path} ${message}: the next run does not know what this one cannot push: dag push brings it`)
      }),
    )

  /** Those of keys that something was recorded of. */
  const recorded = Effect.fnUntraced(function*(keys: ReadonlyArray<Digest>) {
    const found: Array<ToPush> = []
    for (const key of keys) {
      const record = yield* store.record(key)
      if (record !== undefined) found.push({ key, record })
    }
    return found
  })

  const pushThese = (records: ReadonlyArray<ToPush>): Effect.Effect<void, StoreError> =>
    records.length === 0 ? Effect.void : Effect.asVoid(Effect.andThen(remote.written, pusher.push(records)))

  const pushNow = (key: Digest) => Effect.flatMap(recorded([key]), pushThese).pipe(Effect.catch(failed))

  /** Pushes what is owed together; where one of it cannot be pushed, the others are, each by itself. */
  const pushOwed = Effect.gen(function*() {
    const records = yield* recorded(contents.due.all())
    const each = Effect.forEach(
      records,
      ({ key }) => Effect.suspend(() => (isOff ? Effect.void : pushNow(key))),
      { concurrency: AT_ONCE, discard: true },
    )
    yield* pushThese(records).pipe(Effect.catch((error) => (endsAll(error) ? failed(error) : each)))
  })

  if (mayPush) {
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(
        Effect.sleep(BETWEEN_PACKS),
        Effect.suspend(() => isOff ? Effect.void : pusher.finish.pipe(Effect.catch(failed))),
      )),
    )
  }

  const tellOf = Effect.fnUntraced(function*({ records, objects, bytes: size, disagreements }: Pushed) {
    if (records + objects > 0) {
      yield* say(
        `pushed ${counted(records, "record")} and ${counted(objects, "object")} (${bytes(size)}) to ${remote.address}`,
      )
    }
    for (const { node } of disagreements) {
      yield* say(`the remote has other outputs of ${node}: both are kept, and the remote's count there`)
    }
  })

  const begun = (key: Digest) =>
    Effect.suspend(() => {
      const known = pushing.get(key)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.tap(Effect.forkIn(pushNow(key), scope), (fiber) =>
        Effect.sync(() => {
          pushing.set(key, fiber)
          fiber.addObserver(() => pushing.delete(key))
        }))
    })

  /** Waits for what is being pushed now. */
  const settled = Effect.suspend(() => Effect.forEach([...pushing.values()], Fiber.await, { discard: true }))

  const tellOfWait = Effect.suspend(() =>
    pushing.size === 0
      ? Effect.void
      : say(`pushes what ${counted(pushing.size, "more node")} made to ${remote.address}`)
  )

  return {
    due,
    failed: (key) =>
      Effect.flatMap(
        recorded([key]),
        ({ length }) => length === 0 ? contents.due.remove([key]) : Effect.void,
      ).pipe(Effect.ignore),
    begin: (key) => Effect.andThen(due(key), Effect.suspend(() => (isOff ? Effect.void : Effect.asVoid(begun(key))))),
    push: (key) => (isOff ? Effect.void : Effect.asVoid(Effect.flatMap(begun(key), Fiber.await))),
    owes: mayPush
      ? Effect.orElseSucceed(Effect.map(recorded(contents.due.all()), ({ length }) => length > 0), () => true)
      : Effect.succeed(false),
    fetch: (keys) => Effect.ignore(Effect.provideContext(fetchRecords(keys), services)),
    say,
    end: Effect.gen(function*() {
      if (!mayPush) return
      yield* tellOfWait
      yield* settled
      if (isOff) return
      yield* pusher.finish
      // What earlier runs could not push, and what of this one failed for a moment.
      yield* pushOwed
      yield* tellOf(yield* pusher.finish)
    }).pipe(Effect.catch(failed)),
    stop: Effect.gen(function*() {
      if (isOff) return
      yield* tellOfWait
      yield* Effect.timeoutOption(Effect.interruptible(settled), patience)
      const done = yield* Effect.timeoutOption(Effect.interruptible(pusher.finish), patience)
      if (Option.isSome(done)) yield* tellOf(done.value)
    }).pipe(Effect.catch(failed)),
  }
})
