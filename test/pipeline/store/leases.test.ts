import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Scope } from "effect"
import * as fc from "fast-check"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import { makeLeases } from "../../../pipeline/store/leases.ts"
import type { Processes } from "../../../pipeline/store/processes.ts"
import { MemoryFiles } from "./memory-disk.ts"

const layout = layoutOf("/store")
const keys = [digestOf("one"), digestOf("other")] as const
const ownerOf = (index: number) => `0000000${index}-1-1-1-0000000${index}`

/** Processes that end at once and are known to have, and beat when they are told to. */
const processesOf = (dead: ReadonlySet<string>, actions: Array<Effect.Effect<void>> = []): Processes => ({
  begin: Effect.void,
  beginWhereRoom: Effect.void,
  named: () => Effect.void,
  eachBeat: (action) => {
    actions.push(action)
  },
  look: Effect.succeed({ isDead: (owner) => Effect.sync(() => dead.has(owner)) }),
  deadAmong: (owners) => Effect.sync(() => new Set(owners).intersection(dead)),
  heartbeat: () => Effect.succeed(undefined),
})

/** A process of a crowd: the keys that it works on, and the call of the disk at which it is killed, if it is. */
interface Member {
  readonly work: ReadonlyArray<0 | 1>
  readonly killedAt: number | null
}

const crowds: fc.Arbitrary<ReadonlyArray<Member>> = fc.array(
  fc.record({
    work: fc.array(fc.constantFrom(0 as const, 1 as const), { minLength: 1, maxLength: 4 }),
    killedAt: fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 }),
  }),
  { minLength: 2, maxLength: 5 },
)

/** Paths of a process alone. */
const temporaryOf = (owner: string): Effect.Effect<string> => {
  let count = 0
  return Effect.sync(() => join(layout.temporaries, owner, String(count++)))
}

/** Runs a crowd in the order of a scheduler; gives how often each key was taken. */
const runCrowd = async (crowd: ReadonlyArray<Member>, scheduler: fc.Scheduler): Promise<ReadonlyArray<number>> => {
  const files = new MemoryFiles()
  const dead = new Set<string>()
  const atWork = keys.map(() => new Set<string>())
  const taken = keys.map(() => 0)
  const wait = Effect.promise(() => scheduler.schedule(Promise.resolve()))

  const member = ({ work, killedAt }: Member, index: number): Promise<void> => {
    const owner = ownerOf(index)
    const ended = Promise.withResolvers<void>()
    let calls = 0
    const turn = Effect.suspend(() => {
      if (dead.has(owner)) return Effect.never
      return Effect.andThen(
        wait,
        Effect.suspend(() => {
          if (calls++ !== killedAt) return Effect.void
          dead.add(owner)
          for (const each of atWork) each.delete(owner)
          ended.resolve()
          return Effect.never
        }),
      )
    })
    const life = Effect.gen(function*() {
      const leases = yield* makeLeases(files.disk(turn), layout, processesOf(dead), owner, temporaryOf(owner))
      for (const which of work) {
        const taking = yield* leases.take(keys[which], "node")
        if (taking._tag === "Held") continue
        const others = atWork[which] ?? new Set()
        assert.deepStrictEqual([...others], [], "two at work on one key")
        others.add(owner)
        taken[which] = (taken[which] ?? 0) + 1
        yield* turn
        yield* turn
        others.delete(owner)
        yield* taking.lease.release
      }
    })
    const fiber = Effect.runFork(Effect.provideService(life, Scope.Scope, Scope.makeUnsafe()))
    fiber.addObserver((exit) => {
      if (exit._tag === "Success") ended.resolve()
      else ended.reject(new Error(String(exit.cause)))
    })
    return ended.promise
  }
  await scheduler.waitFor(Promise.all(crowd.map(member)))

  // Nothing that the dead left is in the way of whoever comes after them.
  const after = Effect.gen(function*() {
    const leases = yield* makeLeases(files.disk(), layout, processesOf(dead), ownerOf(9), temporaryOf(ownerOf(9)))
    for (const key of keys) assert.strictEqual((yield* leases.take(key, "node"))._tag, "Taken")
  })
  await Effect.runPromise(Effect.scoped(after))
  return taken
}

describe("leases", () => {
  it("are never of two at once, in whatever order they take, let go and die", async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(crowds, fc.scheduler(), async (crowd, scheduler) => {
        for (const times of await runCrowd(crowd, scheduler)) taken += times
      }),
      { numRuns: 400 },
    )
    assert.isAbove(taken, 400)
  })

  it.effect("are held until let go, and taken over from the dead", () =>
    Effect.gen(function*() {
      const files = new MemoryFiles()
      const dead = new Set<string>()
      const [one, other, third] = yield* Effect.forEach([1, 2, 3], (index) =>
        makeLeases(files.disk(), layout, processesOf(dead), ownerOf(index), temporaryOf(ownerOf(index))))
      if (one === undefined || other === undefined || third === undefined) {
        throw new Error("three were made")
      }
      const [key] = keys
      const taking = yield* one.take(key, "heavy/a")
      assert.deepStrictEqual(yield* other.take(key, "heavy/a"), { _tag: "Held", by: ownerOf(1) })
      assert.deepStrictEqual(yield* one.take(key, "heavy/a"), { _tag: "Held", by: ownerOf(1) })
      assert.deepStrictEqual(yield* other.heldElsewhere(keys), new Map([[key, ownerOf(1)]]))
      assert.deepStrictEqual(yield* one.heldElsewhere(keys), new Map())
      assert.include((yield* third.holders).get(key), { node: "heavy/a", pid: 1 })
      const [, fetched] = keys
      const forNone = yield* one.take(fetched, "")
      assert.deepStrictEqual([...(yield* third.holders).keys()], [key])
      if (forNone._tag === "Taken") {
        yield* forNone.lease.release
      }

      if (taking._tag === "Taken") {
        yield* taking.lease.release
      }
      assert.deepStrictEqual(yield* files.disk().list(layout.leases.folder), [])
      assert.strictEqual((yield* other.take(key, "heavy/a"))._tag, "Taken")
      dead.add(ownerOf(2))
      assert.strictEqual((yield* third.take(key, "heavy/a"))._tag, "Taken")
      assert.deepStrictEqual(yield* files.disk().list(layout.leases.folder), [`${key}.${ownerOf(3)}`])
    }).pipe(Effect.scoped))

  it.effect("have few files, which are used again, and say at each time for what", () =>
    Effect.gen(function*() {
      const files = new MemoryFiles()
      let made = 0
      const disk = files.disk()
      const counted = {
        ...disk,
        create: (path: string, text: string) => Effect.tap(disk.create(path, text), () => Effect.sync(() => made++)),
      }
      const one = yield* makeLeases(counted, layout, processesOf(new Set()), ownerOf(1), temporaryOf(ownerOf(1)))
      for (let time = 0; time < 20; time++) {
        files.clock = time * 1000
        const takings = yield* Effect.forEach(keys, (key, index) => one.take(key, `node/${index}/${time}`))
        for (const [index, key] of keys.entries()) {
          const { node, since } = (yield* one.holders).get(key) ?? {}
          assert.deepStrictEqual([node, since], [`node/${index}/${time}`, new Date(time * 1000).toISOString()])
        }
        for (const taking of takings) if (taking._tag === "Taken") yield* taking.lease.release
      }
      assert.strictEqual(made, keys.length)
      // Whoever took this process for dead has removed its temporary files.
      for (const path of files.files.keys()) yield* disk.remove(path)
      for (const key of keys) assert.strictEqual((yield* one.take(key, "node"))._tag, "Taken")
    }).pipe(Effect.scoped))

  it.effect("that were taken from a process which stood still are found lost at its next beat, and guard what it does", () =>
    Effect.gen(function*() {
      const files = new MemoryFiles()
      const beats: Array<Effect.Effect<void>> = []
      const [key, quiet] = keys
      const one = yield* makeLeases(
        files.disk(),
        layout,
        processesOf(new Set(), beats),
        ownerOf(1),
        temporaryOf(ownerOf(1)),
      )
      const other = yield* makeLeases(
        files.disk(),
        layout,
        processesOf(new Set([ownerOf(1)])),
        ownerOf(2),
        temporaryOf(ownerOf(2)),
      )
      const [lost, held] = yield* Effect.forEach([key, quiet], (each) => one.take(each, "node"))
      if (lost?._tag !== "Taken" || held?._tag !== "Taken") throw new Error("both were free")
      const heard: Array<string> = []
      lost.lease.whenLost(() => heard.push("lost"))
      held.lease.whenLost(() => heard.push("held"))
      yield* Effect.all(beats)
      assert.deepStrictEqual(heard, [])
      yield* one.guard(key)

      assert.strictEqual((yield* other.take(key, "node"))._tag, "Taken")
      const refused = yield* Effect.flip(one.guard(key))
      assert.include(refused.message, "another took over its work")
      yield* Effect.all(beats)
      assert.deepStrictEqual(heard, ["lost"])
      lost.lease.whenLost(() => heard.push("later"))
      assert.deepStrictEqual(heard, ["lost", "later"])
      // What it lets go of now is its own, and nothing of the other.
      yield* lost.lease.release
      assert.deepStrictEqual(yield* one.heldElsewhere(keys), new Map([[key, ownerOf(2)]]))
      yield* one.guard(quiet)
    }).pipe(Effect.scoped))

  it.effect("that were being taken when this was interrupted are nobody's, and may be taken again", () =>
    Effect.gen(function*() {
      const files = new MemoryFiles()
      const disk = files.disk()
      let lists = 0
      const one = yield* makeLeases(
        // The second listing of a taking never ends, so that the first key's file is there.
        { ...disk, list: (folder) => (++lists === 2 ? Effect.never : disk.list(folder)) },
        layout,
        processesOf(new Set()),
        ownerOf(1),
        temporaryOf(ownerOf(1)),
      )
      const wanted = keys.map((key) => [key, "node"] as const)
      const taking = yield* Effect.forkChild(one.takeAll(wanted), { startImmediately: true })
      assert.lengthOf(yield* files.disk().list(layout.leases.folder), 2)
      yield* Fiber.interrupt(taking)
      assert.deepStrictEqual(yield* files.disk().list(layout.leases.folder), [])
      for (const key of keys) assert.strictEqual((yield* one.take(key, "node"))._tag, "Taken")
    }).pipe(Effect.scoped))
})
