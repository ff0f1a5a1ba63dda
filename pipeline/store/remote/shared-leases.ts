import { Clock, Effect, Exit, Scope } from "effect"
import { type Digest, short } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Holder, Lease, Leases, Sharing, Taking, Wanted } from "../leases.ts"
import type { RemoteLeases } from "./leases.ts"
import type { Remote } from "./remote.ts"
import { remotePatience, TAKEN_OVER } from "./watching.ts"

/** A remote is looked at no more often, in milliseconds: what its leases are for takes longer. */
const PAUSE = 5000

/**
 * The leases of a store whose remote others share: what is wanted everywhere is taken in the remote too, after it was
 * taken here, so that of one folder's processes one asks the remote.
 *
 * A remote that cannot be asked, or written to, is in nobody's way: it is told once, and the work goes on with the lease
 * that was taken here. Two machines may do the same work then; of what they record the first stays.
 */
export const makeSharedLeases = Effect.fnUntraced(function*(
  local: Leases,
  service: Effect.Effect<Remote["Service"], StoreError>,
  owner: string,
): Effect.fn.Return<Leases, never, Scope.Scope> {
  const scope = yield* Effect.scope
  /** What the remote said of keys that others were at work on, when it was last asked. */
  let elsewhere: ReadonlyMap<Digest, Holder> = new Map()
  let asked = -Infinity
  let failing: number | undefined
  let run: string | undefined
  let sharing: Sharing = { push: () => Effect.void, fetch: () => Effect.void, say: () => Effect.void }
  let isTold = false
  let opened: RemoteLeases | undefined

  const tellOnce = (text: string) =>
    Effect.suspend(() => {
      if (isTold) return Effect.void
      isTold = true
      return sharing.say(text)
    })
  const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

  const remote = yield* Effect.cached(Effect.gen(function*() {
    const { makeRemoteLeases } = yield* Effect.promise(() => import("./leases.ts"))
    const { ensureFormat } = yield* Effect.promise(() => import("./format.ts"))
    const found = yield* service
    yield* ensureFormat(found)
    if ((yield* found.conditions) === "ignored") {
      yield* tellOnce(
        `${found.address} ignores conditional writes: two machines that begin at the same moment may execute the same node; nothing wrong is recorded`,
      )
    }
    const leases = yield* Effect.provideService(makeRemoteLeases(found, owner), Scope.Scope, scope)
    if (run !== undefined) yield* leases.named(run)
    opened = leases
    return leases
  }))

  const release = (here: Lease, there: Lease, key: Digest): Effect.Effect<void> =>
    Effect.andThen(
      here.release,
      // Others of the remote wait for the record; those of this folder have it. What is left at the end, the end lets go.
      Effect.asVoid(
        Effect.forkIn(Effect.andThen(Effect.exit(Effect.suspend(() => sharing.push(key))), there.release), scope),
      ),
    )

  /** The leases of both, of which either may be lost. */
  const both = (here: Lease, there: Lease, key: Digest): Lease => ({
    release: release(here, there, key),
    whenLost: (then) => {
      let isLost = false
      const once = (): void => {
        if (isLost) return
        isLost = true
        then()
      }
      here.whenLost(once)
      there.whenLost(once)
    },
  })

  /** Takes in the remote what was taken here. */
  const takeThere = Effect.fnUntraced(function*(keys: ReadonlyArray<Wanted>, here: ReadonlyMap<Digest, Lease>) {
    const takings = yield* Effect.flatMap(remote, (leases) => leases.takeAll(keys.map(([key, node]) => [key, node])))
      .pipe(
        Effect.catch(({ path, message }) =>
          Effect.as(
            tellOnce(
              `${path} ${message}: another machine may execute the same nodes meanwhile; nothing wrong is recorded`,
            ),
            undefined,
          )
        ),
      )
    const outcomes = new Map<Digest, Taking>()
    const taken: Array<Digest> = []
    for (const [index, [key]] of keys.entries()) {
      const own = here.get(key)
      const taking = takings?.[index]
      if (own === undefined || taking === undefined) continue
      if (taking._tag === "Taken") taken.push(key)
      if (taking._tag === "Taken") outcomes.set(key, { _tag: "Taken", lease: both(own, taking.lease, key) })
      else {
        yield* own.release
        // It is looked at when somebody asks who holds it.
        elsewhere = new Map([...elsewhere, [key, { node: short(key), pid: 0 }]])
        asked = -Infinity
        outcomes.set(key, taking)
      }
    }
    // Whoever had a lease before has recorded by now what it made.
    if (taken.length > 0) yield* sharing.fetch(taken)
    return outcomes
  })

  const takeAll: Leases["takeAll"] = Effect.fnUntraced(function*(wanted) {
    const takings = yield* local.takeAll(wanted)
    const everywhere = new Set(wanted.flatMap(([key, , where]) => (where === "everywhere" ? [key] : [])))
    if (everywhere.size === 0) return takings
    const exits = yield* Effect.forEach(takings, Effect.exit)
    const here = new Map<Digest, Lease>()
    for (const [index, [key]] of wanted.entries()) {
      const exit = exits[index]
      if (everywhere.has(key) && exit !== undefined && Exit.isSuccess(exit) && exit.value._tag === "Taken") {
        here.set(key, exit.value.lease)
      }
    }
    const there = here.size === 0
      ? new Map<Digest, Taking>()
      : yield* takeThere(wanted.filter(([key]) => here.has(key)), here).pipe(
        // A network may take its time, and whoever stops the run need not wait for it.
        Effect.interruptible,
        Effect.onError(() =>
          Effect.forEach(
            exits,
            (exit) => Exit.isSuccess(exit) && exit.value._tag === "Taken" ? exit.value.lease.release : Effect.void,
          )
        ),
      )
    return wanted.map(([key], index) => {
      const taking = there.get(key)
      const exit = exits[index]
      if (taking !== undefined && exit !== undefined && here.has(key)) {
        here.delete(key)
        return Effect.succeed(taking)
      }
      return exit ?? Effect.die("each lease has an outcome")
    })
  })

  /** What the remote says now of those that others were at work on, or said a moment ago. */
  const lookThere = Effect.fnUntraced(function*(keys: ReadonlySet<Digest>) {
    const waited = new Set([...elsewhere.keys()].filter((key) => keys.has(key)))
    const at = yield* now
    const { interval, milliseconds } = yield* remotePatience(process.env)
    if (waited.size === 0 || at - asked < Math.min(PAUSE, interval / 2)) return
    asked = at
    const found = yield* Effect.exit(Effect.flatMap(remote, (leases) => leases.heldElsewhere(waited)))
    if (Exit.isSuccess(found)) {
      failing = undefined
      elsewhere = found.value
      const over = [...waited].filter((key) => !found.value.has(key))
      if (over.length > 0) yield* sharing.fetch(over)
      return
    }
    // Without a network nobody hears of the others; in the end taking the lease says what is wrong.
    failing ??= at
    if (at - failing > milliseconds) elsewhere = new Map()
  })

  return {
    ...local,
    take: (key, node) =>
      Effect.flatMap(takeAll([[key, node]]), ([taking]) => taking ?? Effect.die("one key has one lease")),
    takeAll,
    heldElsewhere: Effect.fnUntraced(function*(keys) {
      const all = new Set(keys)
      const held = new Map(yield* local.heldElsewhere(all))
      yield* lookThere(all)
      for (const [key, { host, pid, run: of }] of elsewhere) {
        if (all.has(key) && !held.has(key)) held.set(key, `${host ?? ""} ${pid} ${of ?? ""}`)
      }
      return held
    }),
    holders: Effect.map(local.holders, (here) => new Map([...elsewhere, ...here])),
    guard: (key) =>
      Effect.andThen(
        local.guard(key),
        Effect.suspend(() => opened === undefined ? Effect.void : opened.guard(key)).pipe(
          // Of a remote that cannot be asked nobody hears that another has taken over.
          Effect.catchIf(({ code }) => code !== TAKEN_OVER, () => Effect.void),
        ),
      ),
    named: (id) =>
      Effect.suspend(() => {
        run = id
        return opened === undefined ? Effect.void : opened.named(id)
      }),
    shared: (by) => {
      sharing = by
    },
  }
})
