import { Effect, Exit, Schedule, type Scope, Semaphore, Stream } from "effect"
import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import type { Digest } from "../../base/digest.ts"
import { StoreError } from "../../base/errors.ts"
import type { Holder, Taking } from "../leases.ts"
import { kernelSays, pidOf } from "../owner.ts"
import { bytesOf, type Claim, claimOf, MOST_OF_CLAIM, nameOfTurn, type Turn, turnOf } from "./claims.ts"
import { checkPresence } from "./format.ts"
import { names } from "./names.ts"
import { always, onlyNew, type Remote } from "./remote.ts"
import { makeWatching, remotePatience, TAKEN_OVER } from "./watching.ts"

/**
 * Who is at work on which action, of all that share a remote. It asks two things of the remote: that a name is written
 * by one of those who write it only where nothing stands there, and that a listing shows what was written before it.
 *
 * - The lease of a key is a row of claims, `leases/<key>.<number>.json`. **The highest number counts.** A claim never
 *   changes; its owner is the one that its bytes name.
 * - Each owner says again and again, in `processes/<owner>.json`, that it lives and which claims it has. A claim stands
 *   in there before it is written.
 * - *Take*: list the claims. None: write number 1. The highest is over: write the next number. Otherwise it is held.
 *   The write is conditional, so one of those who try gets the number; then list again: who sees a higher number than
 *   its own, or a lower one that is not over, takes its own back. Numbers begin with 1 again where all let go, so that a
 *   slow one may come to write above somebody who lives. The lower ones are removed.
 * - A claim is *over* where its owner is known to have died; or was watched to say nothing for the time that it gave
 *   itself; or was seen to say, two beats after the claim was seen, that it has no such claim: the write of it was given
 *   up and came late, or the removal was. Time is only ever watched: see watching.ts.
 * - *Release*: remove the claim, after the record stands in the remote. It is a removal of one name, without condition:
 *   one that comes late can only remove a claim that then counts as lost.
 * - *Lost*: at a beat, a claim that is listed no more, or that stands below the same higher one as at the beat before:
 *   a slow one that wrote above somebody who lives takes its own back meanwhile.
 * - *Guard*: the claim with the highest number is this owner's, by its bytes. It tells work that failed from work that
 *   another has taken over.
 *
 * There is one highest claim at any time, so the guard of one owner at most holds. Who lost its claim, by sleeping or
 * with its network, finds so at a beat, and may go on until then: two may be at work on one action. Leases save work;
 * what is right does not depend on them. Records are written by condition: the first one stays, and another that names
 * the same outputs is the same, while one that names others becomes a conflict.
 *
 * No lease is lost for ever: whatever is left of an owner, by a crash at any point, by writes whose answers were lost or
 * that came late, is a claim that is over for those who watch it.
 *
 * Where the remote ignores conditions two may write one number: the last counts, and the other does not see it at its
 * beats, and does its work in vain.
 */
export interface RemoteLeases {
  /** Takes the leases of many keys, for work on nodes: two listings for all of them. */
  readonly takeAll: (
    wanted: ReadonlyArray<readonly [key: Digest, node: string]>,
  ) => Effect.Effect<ReadonlyArray<Taking>, StoreError>
  /** Whose lease each of these keys is in force; keys that nobody is at work on, or only this process, are left out. */
  readonly heldElsewhere: (keys: ReadonlySet<Digest>) => Effect.Effect<ReadonlyMap<Digest, Holder>, StoreError>
  /** Fails where another has taken over the work on a key that this process had the lease of. */
  readonly guard: (key: Digest) => Effect.Effect<void, StoreError>
  /** Says that this process lives, and looks whether it lost leases. */
  readonly beat: Effect.Effect<void, StoreError>
  /** Says in the claims to come which run this process is of. */
  readonly named: (run: string) => Effect.Effect<void>
}

/** So long the last claims may take to be removed, in milliseconds, where the run was stopped and where it ended. */
const PATIENCE = { stopped: 2000, ended: 30_000 }

/** What leases need of a remote. */
export type LeasedRemote = Pick<Remote["Service"], "address" | "read" | "write" | "list" | "remove">

/** A claim that this process has, or is about to have. */
interface Own {
  readonly claim: Claim
  readonly turn: Turn
  isHeld: boolean
  /** The number of the claim that stood above this one at the last beat. */
  above: number | undefined
  isLost: boolean
  readonly listeners: Array<() => void>
}

/** The leases of a remote, for the process of this name. It beats while it has any. */
export const makeRemoteLeases = Effect.fnUntraced(function*(
  remote: LeasedRemote,
  owner: string,
  kernel: typeof kernelSays = kernelSays,
): Effect.fn.Return<RemoteLeases, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const own = new Map<string, Own>()
  /** Claims that were given up, and that the remote may still have. */
  const leaving = new Set<string>()
  const lost = new Set<Digest>()
  const one = yield* Semaphore.make(1)
  const judge = makeWatching(remote, owner, (name) => own.has(name), kernel)
  let beats = 0
  let run: string | null = null

  /** The claims that stand under a prefix, by key, the highest last. */
  const claimsIn = (prefix: string) =>
    Stream.runFold(remote.list(prefix), () => new Map<Digest, Array<Turn>>(), (found, { name }) => {
      const turn = turnOf(name)
      if (turn === undefined) return found
      const known = found.get(turn.key)
      if (known === undefined) found.set(turn.key, [turn])
      else known.push(turn)
      return found
    }).pipe(Effect.tap((found) =>
      Effect.sync(() => {
        for (const turns of found.values()) turns.sort((a, b) => a.number - b.number)
      })
    ))

  const lose = (name: string, each: Own): void => {
    own.delete(name)
    each.isLost = true
    lost.add(each.turn.key)
    for (const then of each.listeners) then()
  }

  const say = Effect.gen(function*() {
    const { seconds } = yield* remotePatience(process.env)
    const beat = ++beats
    const at = new Date().toISOString()
    yield* remote.write(
      names.process(owner),
      bytesOf({ host: hostname(), beat, at, seconds, claims: [...own.keys()] }),
      always,
    )
  })

  /** Says that it lives, then loses the claims that no longer count. */
  const beat = one.withPermits(1)(Effect.gen(function*() {
    yield* say
    const before = [...own].filter(([, { isHeld }]) => isHeld)
    if (before.length === 0) return
    const claims = yield* claimsIn(names.leases)
    const gone = before.filter(([name, each]) => {
      const turns = claims.get(each.turn.key) ?? []
      const isListed = turns.some(({ number }) => number === each.turn.number)
      const higher = turns.at(-1)?.number
      const above = each.above
      each.above = isListed && higher !== each.turn.number ? higher : undefined
      return own.has(name) && (!isListed || (above !== undefined && above === each.above))
    })
    if (gone.length > 0) yield* checkPresence(remote)
    for (const [name, each] of gone) if (own.get(name) === each) lose(name, each)
  }))

  const withdraw = (name: string) =>
    Effect.suspend(() => {
      own.delete(name)
      leaving.add(name)
      return Effect.andThen(Effect.ignore(remote.remove(name)), Effect.sync(() => leaving.delete(name)))
    })

  /** Whether a claim is this process's now: it wrote it, or did although no answer said so. */
  const wrote = Effect.fnUntraced(function*(name: string, { claim }: Own) {
    if ((yield* remote.write(name, bytesOf(claim), onlyNew)) !== undefined) return true
    const found = yield* remote.read(name, MOST_OF_CLAIM)
    return found !== undefined && claimOf(found.bytes)?.nonce === claim.nonce
  })

  const takeAll = Effect.fnUntraced(function*(wanted: ReadonlyArray<readonly [key: Digest, node: string]>) {
    const before = yield* claimsIn(names.leases)
    const outcomes = new Map<Digest, Taking>()
    const mine = new Map<string, Own>()
    for (const [key, node] of wanted) {
      if ([...own.values()].some(({ turn }) => turn.key === key)) {
        outcomes.set(key, { _tag: "Held", by: owner })
        continue
      }
      const top = before.get(key)?.at(-1)
      const judged = top === undefined ? undefined : yield* judge(nameOfTurn(top))
      // Where it is gone by now, somebody may begin with the first number again.
      if (judged !== undefined && (!judged.isOver || judged.isGone)) {
        outcomes.set(key, { _tag: "Held", by: judged.claim?.owner ?? "another" })
        continue
      }
      const turn = { key, number: (top?.number ?? 0) + 1 }
      const nonce = randomBytes(8).toString("hex")
      const claim = { owner, nonce, node, host: hostname(), run, since: new Date().toISOString() }
      const each: Own = { claim, turn, isHeld: false, above: undefined, isLost: false, listeners: [] }
      own.set(nameOfTurn(turn), each)
      mine.set(nameOfTurn(turn), each)
    }
    if (mine.size > 0) {
      yield* Effect.gen(function*() {
        // Before the claims, so that each stands in what this process says of itself.
        yield* one.withPermits(1)(say)
        yield* Effect.forEach(mine, ([name, each]) =>
          Effect.flatMap(wrote(name, each), (isMine) =>
            Effect.sync(() => {
              if (isMine) return
              own.delete(name)
              mine.delete(name)
              outcomes.set(each.turn.key, { _tag: "Held", by: "another" })
            })), { concurrency: 8 })
        const after = yield* claimsIn(names.leases)
        for (const [name, each] of mine) {
          const { key, number } = each.turn
          const turns = after.get(key) ?? []
          const lower = turns.slice(0, -1).map(nameOfTurn)
          if (turns.at(-1)?.number !== number || !(yield* Effect.all(lower.map(judge))).every(({ isOver }) => isOver)) {
            yield* withdraw(name)
            outcomes.set(key, { _tag: "Held", by: "another" })
            continue
          }
          each.isHeld = true
          lost.delete(key)
          const whenLost = (then: () => void) => each.isLost ? then() : void each.listeners.push(then)
          const release = Effect.suspend(() => (own.get(name) === each ? withdraw(name) : Effect.void))
          outcomes.set(key, { _tag: "Taken", lease: { release, whenLost } })
          yield* Effect.forEach(lower, (each) => Effect.ignore(remote.remove(each)), { discard: true })
        }
      }).pipe(
        // Nobody hears of what was taken already, so that nobody else lets it go.
        Effect.tapError(() => Effect.forEach([...mine.keys()], withdraw, { discard: true })),
        // Whoever stops a run waits for no network.
        Effect.onInterrupt(() =>
          Effect.forEach([...mine.keys()], (name) => Effect.forkIn(withdraw(name), scope), { discard: true })
        ),
      )
    }
    return wanted.map(([key]): Taking => outcomes.get(key) ?? { _tag: "Held", by: owner })
  })

  yield* Effect.addFinalizer((exit) =>
    Effect.suspend(() => {
      const claims = [...own.keys(), ...leaving]
      own.clear()
      return Effect.forEach(claims, (name) => Effect.ignore(remote.remove(name)), { concurrency: 8, discard: true })
    }).pipe(
      Effect.andThen(beats === 0 ? Effect.void : Effect.ignore(remote.remove(names.process(owner)))),
      // Of what a network keeps from being removed, others see that nobody is behind it.
      Effect.interruptible,
      Effect.timeoutOption(Exit.hasInterrupts(exit) ? PATIENCE.stopped : PATIENCE.ended),
    )
  )
  yield* Effect.forkScoped(Effect.gen(function*() {
    const { interval } = yield* remotePatience(process.env)
    // A beat that fails, as without a network, may succeed the next time. Who has no claims says nothing.
    const next = Effect.suspend(() => (own.size === 0 ? Effect.void : Effect.ignore(beat)))
    yield* Effect.repeat(Effect.delay(next, interval), Schedule.forever)
  }))

  return {
    takeAll,
    heldElsewhere: Effect.fnUntraced(function*(keys) {
      const held = new Map<Digest, Holder>()
      if (keys.size === 0) return held
      for (const [key, turns] of yield* claimsIn(names.leases)) {
        const top = turns.at(-1)
        if (!keys.has(key) || top === undefined || own.has(nameOfTurn(top))) continue
        const { claim, pulse, isOver } = yield* judge(nameOfTurn(top))
        if (isOver) continue
        held.set(key, {
          node: claim?.node ?? "",
          pid: claim === undefined ? 0 : pidOf(claim.owner),
          ...(claim === undefined ? {} : { host: claim.host, since: claim.since }),
          ...(claim === undefined || claim.run === null ? {} : { run: claim.run }),
          ...(pulse === undefined ? {} : { heard: pulse.at }),
        })
      }
      if (held.size < keys.size) yield* checkPresence(remote)
      return held
    }),
    guard: Effect.fnUntraced(function*(key) {
      const mine = [...own].find(([, { turn, isHeld }]) => isHeld && turn.key === key)
      if (mine === undefined && !lost.has(key)) return
      if (mine !== undefined) {
        const [name, each] = mine
        const found = yield* remote.read(name, MOST_OF_CLAIM)
        const top = (yield* claimsIn(names.leasesOf(key))).get(key)?.at(-1)
        const isMine = found !== undefined && claimOf(found.bytes)?.nonce === each.claim.nonce
        if (isMine && top?.number === each.turn.number) return
        yield* checkPresence(remote)
        if (own.get(name) === each) lose(name, each)
      }
      yield* new StoreError({
        path: `${remote.address} leases/${key}`,
        message: "is another's: this machine was not heard of for so long that another took over its work",
        help: "run again; what the other makes is found then",
        code: TAKEN_OVER,
      })
    }),
    beat,
    named: (id) =>
      Effect.sync(() => {
        run = id
      }),
  }
})
