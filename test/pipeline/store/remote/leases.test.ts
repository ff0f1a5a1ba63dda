import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Scope } from "effect"
import * as fc from "fast-check"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import { makeRemoteLeases, type RemoteLeases } from "../../../../pipeline/store/remote/leases.ts"
import { names } from "../../../../pipeline/store/remote/names.ts"
import { onlyNew } from "../../../../pipeline/store/remote/remote.ts"
import { type Fate, MemoryRemote } from "./memory-remote.ts"

const keys = [digestOf("one"), digestOf("other")] as const
const ownerOf = (index: number) => `0000000${index}-1-1-1-0000000${index}`

/** The time for which an owner counts as living without a beat, in milliseconds. */
const LEASE = 300_000

/** An engine of a crowd: the keys that it works on, and the calls at which it dies or sleeps, if it does. */
interface Member {
  readonly work: ReadonlyArray<0 | 1>
  readonly killedAt: number | null
  readonly sleepsAt: number | null
}

const members = (least: number, most: number): fc.Arbitrary<ReadonlyArray<Member>> =>
  fc.array(
    fc.record({
      work: fc.array(fc.constantFrom(0 as const, 1 as const), { minLength: 1, maxLength: 3 }),
      killedAt: fc.option(fc.integer({ min: 0, max: 40 }), { freq: 3 }),
      sleepsAt: fc.option(fc.integer({ min: 4, max: 24 }), { freq: 2 }),
    }),
    { minLength: least, maxLength: most },
  )

/** What a crowd lives in. */
interface World {
  /** Whether everybody hears at once who died, as processes of one machine do. */
  readonly isOneMachine: boolean
  readonly keepsConditions: boolean
  /** What becomes of one write after the other. */
  readonly fates: ReadonlyArray<Fate>
  /** How much time passes at each call, in milliseconds. */
  readonly pace: number
}

/** A clock that goes on only when it is told to. */
const clockOf = (now: () => number): Clock.Clock => ({
  currentTimeMillisUnsafe: now,
  currentTimeMillis: Effect.sync(now),
  currentTimeNanosUnsafe: () => BigInt(now()) * 1_000_000n,
  currentTimeNanos: Effect.sync(() => BigInt(now()) * 1_000_000n),
  monotonicTimeNanosUnsafe: () => BigInt(now()) * 1_000_000n,
  monotonicTimeNanos: Effect.sync(() => BigInt(now()) * 1_000_000n),
  sleep: () => Effect.never,
})

/** What came of a crowd. */
interface Came {
  taken: number
  takenOver: number
  twoAtWork: number
  published: number
  lost: number
}

const runCrowd = async (crowd: ReadonlyArray<Member>, scheduler: fc.Scheduler, world: World): Promise<Came> => {
  const remote = new MemoryRemote()
  const came: Came = { taken: 0, takenOver: 0, twoAtWork: 0, published: 0, lost: 0 }
  const dead = new Set<string>()
  const atWork = keys.map(() => new Set<string>())
  const heard = new Map<string, number>()
  const living = new Map<string, RemoteLeases>()
  let time = 0
  let isAsking = false
  let call = 0
  const kernel = (owner: string) => dead.has(owner) ? "dead" : world.isOneMachine ? "living" : undefined
  const kernelApart = (owner: string) => (world.isOneMachine ? kernel(owner) : undefined)

  /** At every moment, the guard of one owner at most holds. */
  const assertOneGuard = (): void => {
    isAsking = true
    for (const [index, key] of keys.entries()) {
      const holding = [...living].filter(([owner, leases]) =>
        atWork[index]?.has(owner) === true && Exit.isSuccess(Effect.runSyncExit(leases.guard(key)))
      )
      assert.isAtMost(holding.length, 1, `two may publish ${String(index)}`)
    }
    isAsking = false
  }

  const live = ({ work, killedAt, sleepsAt }: Member, index: number): Promise<void> => {
    const owner = ownerOf(index)
    const ended = Promise.withResolvers<void>()
    let calls = 0
    let awake = 0
    const die = (): void => {
      dead.add(owner)
      living.delete(owner)
      for (const each of atWork) each.delete(owner)
      ended.resolve()
    }
    const turn: Effect.Effect<void> = Effect.suspend(() => {
      if (isAsking) return Effect.void
      if (dead.has(owner)) return Effect.never
      return Effect.andThen(
        Effect.promise(() => scheduler.schedule(Promise.resolve())),
        Effect.suspend(() => {
          time += world.pace
          if (dead.has(owner)) return Effect.never
          if (time < awake) return turn
          const call = calls++
          if (call === sleepsAt && !world.isOneMachine) {
            awake = time + 15 * LEASE
            return turn
          }
          if (call !== killedAt) return Effect.void
          die()
          return Effect.never
        }),
      )
    })
    const fate = (): Fate => world.fates[call++] ?? "done"
    const seen = remote.seenBy(turn, fate, world.keepsConditions)
    const own = {
      ...seen,
      write: (...words: Parameters<typeof seen.write>) =>
        Effect.tap(seen.write(...words), () =>
          Effect.sync(() => {
            if (words[0] === names.process(owner)) heard.set(owner, time)
            if (Math.random() < 0.3 && !isAsking) assertOneGuard()
          })),
    }
    const workOn = Effect.fnUntraced(function*(leases: RemoteLeases, which: 0 | 1) {
      const key = keys[which]
      const others = atWork[which] ?? new Set<string>()
      for (let attempts = 0; attempts < 40; attempts++) {
        const [taking] = yield* leases.takeAll([[key, "node"]]).pipe(Effect.orElseSucceed(() => []))
        if (taking?._tag !== "Taken") {
          yield* turn
          continue
        }
        came.taken++
        if (others.size > 0) {
          came.twoAtWork++
          for (const other of others) {
            if (world.isOneMachine || world.fates.length > 0) continue
            came.takenOver++
            assert.isAtLeast(time - (heard.get(other) ?? 0), LEASE, "the other was heard of")
          }
        }
        others.add(owner)
        let isLost = false
        taking.lease.whenLost(() => {
          isLost = true
          came.lost++
          others.delete(owner)
        })
        for (let step = 0; step < 8 && atWork[which]?.has(owner) === true; step++) yield* turn
        const guarded = yield* Effect.exit(leases.guard(key))
        if (Exit.isSuccess(guarded) && !isLost) {
          const name = names.record(key)
          const written = yield* Effect.exit(own.write(name, Buffer.from("the outputs"), onlyNew))
          if (Exit.isSuccess(written) && written.value !== undefined) came.published++
        }
        others.delete(owner)
        yield* taking.lease.release
        return
      }
    })
    const life = Effect.gen(function*() {
      const leases = yield* makeRemoteLeases(own, owner, kernelApart)
      living.set(owner, leases)
      yield* Effect.forkScoped(Effect.forever(Effect.andThen(turn, Effect.ignore(leases.beat))))
      for (const which of work) yield* workOn(leases, which)
    })
    const clock = clockOf(() => time)
    const scope = Scope.makeUnsafe()
    const fiber = Effect.runFork(life.pipe(
      Effect.provideService(Scope.Scope, scope),
      Effect.provideService(Clock.Clock, clock),
    ))
    fiber.addObserver((exit) => {
      // The process ends with what it is at.
      die()
      if (exit._tag === "Failure") ended.reject(new Error(String(exit.cause)))
    })
    return ended.promise
  }
  await scheduler.waitFor(Promise.all(crowd.map(live)))
  while (remote.isUnderWay) remote.arrive()

  // Nothing that anybody left is in the way of who comes after: a look each beat, for three leases at most.
  const after = Effect.gen(function*() {
    const leases = yield* makeRemoteLeases(remote.seenBy(Effect.void), ownerOf(9), kernelApart)
    for (const key of keys) {
      for (let looks = 0;; looks++) {
        const [taking] = yield* leases.takeAll([[key, "node"]])
        if (taking?._tag === "Taken") break
        assert.isBelow(looks, 21, "a lease is lost for ever")
        time += LEASE / 6
      }
      yield* leases.guard(key)
    }
  })
  await Effect.runPromise(Effect.provideService(Effect.scoped(after), Clock.Clock, clockOf(() => time)))
  return came
}

const plain: World = { isOneMachine: true, keepsConditions: true, fates: [], pace: 1000 }

/** Runs many crowds, and adds up what came of them. */
const runCrowds = async (numRuns: number, worlds: fc.Arbitrary<World>): Promise<Came> => {
  const sum: Came = { taken: 0, takenOver: 0, twoAtWork: 0, published: 0, lost: 0 }
  await fc.assert(
    fc.asyncProperty(members(2, 4), fc.scheduler(), worlds, async (crowd, scheduler, world) => {
      const came = await runCrowd(crowd, scheduler, world)
      if (world.isOneMachine && world.fates.length === 0 && world.keepsConditions) assert.strictEqual(came.twoAtWork, 0)
      sum.taken += came.taken
      sum.takenOver += came.takenOver
      sum.twoAtWork += came.twoAtWork
      sum.published += came.published
      sum.lost += came.lost
    }),
    { numRuns },
  )
  return sum
}

const fates = fc.array(
  fc.oneof({ weight: 6, arbitrary: fc.constant<Fate>("done") }, fc.constantFrom<Fate>("unheard", "late")),
  { minLength: 10, maxLength: 80 },
)

describe("leases in a remote", () => {
  it("are never of two at once, in whatever order they take, let go and die", async () => {
    const { taken, published } = await runCrowds(80, fc.constant(plain))
    assert.isAbove(taken, 80)
    assert.isAbove(published, 20)
  })

  it("pass from those who died or slept for their time, and from nobody else: one at most may publish", async () => {
    const { takenOver, lost } = await runCrowds(
      80,
      fc.record({ ...constants(plain), isOneMachine: fc.constant(false), pace: fc.constantFrom(10_000, 30_000) }),
    )
    assert.isAbove(takenOver, 0)
    assert.isAbove(lost, 0)
  })

  it("are not lost for ever where writes come late or their answers do not come", async () => {
    await runCrowds(
      80,
      fc.record({ ...constants(plain), isOneMachine: fc.boolean(), fates, pace: fc.constantFrom(1000, 20_000) }),
    )
  })

  it("are not lost to a slow one that takes its claim back, and lost to one that stays", async () => {
    const remote = new MemoryRemote()
    const higher = names.lease(keys[0], 7)
    const program = Effect.gen(function*() {
      const leases = yield* makeRemoteLeases(remote.seenBy(Effect.void), ownerOf(1), () => undefined)
      const [taking] = yield* leases.takeAll([[keys[0], "node"]])
      let isLost = false
      if (taking?._tag === "Taken") taking.lease.whenLost(() => (isLost = true))
      for (let times = 0; times < 3; times++) {
        remote.files.set(higher, Buffer.from("of another"))
        yield* leases.beat
        remote.files.delete(higher)
        yield* leases.beat
      }
      assert.deepStrictEqual([taking?._tag, isLost], ["Taken", false])
      remote.files.set(higher, Buffer.from("of another"))
      yield* leases.beat
      yield* leases.beat
      assert.isTrue(isLost)
    })
    await Effect.runPromise(Effect.scoped(program))
  })

  it("are not lost where the remote goes away and comes back", async () => {
    const remote = new MemoryRemote()
    const program = Effect.gen(function*() {
      const leases = yield* makeRemoteLeases(remote.seenBy(Effect.void), ownerOf(1), () => undefined)
      const [taking] = yield* leases.takeAll([[keys[0], "node"]])
      assert.strictEqual(taking?._tag, "Taken")
      let isLost = false
      if (taking?._tag === "Taken") taking.lease.whenLost(() => (isLost = true))
      const before = [...remote.files]
      remote.files.clear()
      for (const asked of [leases.beat, leases.guard(keys[0]), leases.heldElsewhere(new Set([keys[1]]))]) {
        assert.strictEqual((yield* Effect.flip(asked)).code, "missing")
      }
      remote.files.clear()
      for (const [name, bytes] of before) remote.files.set(name, bytes)
      yield* leases.beat
      yield* leases.guard(keys[0])
      assert.isFalse(isLost)
    })
    await Effect.runPromise(Effect.scoped(program))
  })

  it("keep nobody who stops from ending, where the remote answers no more: each is asked to go once more", async () => {
    const asked: Array<string> = []
    const hung = {
      ...new MemoryRemote().seenBy(Effect.void),
      remove: (name: string) => Effect.andThen(Effect.sync(() => asked.push(name)), Effect.never),
    }
    const program = Effect.gen(function*() {
      const leases = yield* makeRemoteLeases(hung, ownerOf(1), () => undefined)
      const [one] = yield* leases.takeAll([[keys[0], "node"], [keys[1], "node"]])
      if (one?._tag === "Taken") yield* one.lease.release
    })
    const fiber = Effect.runFork(Effect.scoped(program))
    assert.deepStrictEqual(asked, [names.lease(keys[0], 1)])
    assert.isTrue(
      Exit.hasInterrupts(await Effect.runPromise(Effect.andThen(Fiber.interrupt(fiber), Fiber.await(fiber)))),
    )
    assert.sameMembers(asked.slice(1), [names.lease(keys[0], 1), names.lease(keys[1], 1)])
  })

  it("let one at most publish where the remote ignores conditions", async () => {
    await runCrowds(60, fc.record({ ...constants(plain), keepsConditions: fc.constant(false) }))
  })
})

/** Arbitraries of what is the same always. */
const constants = <A extends object>(value: A) =>
  Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fc.constant(each)])) as {
    [K in keyof A]: fc.Arbitrary<A[K]>
  }
