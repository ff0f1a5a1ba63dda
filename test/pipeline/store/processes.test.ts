import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { TestClock } from "effect/testing"
import { spawnSync } from "node:child_process"
import { StoreError } from "../../../pipeline/base/errors.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import {
  engineOf,
  kernelSays,
  newOwner,
  ownerIn,
  pidOf,
  processOwner,
  threadOwner,
} from "../../../pipeline/store/owner.ts"
import { makeProcesses } from "../../../pipeline/store/processes.ts"
import { MemoryFiles } from "./memory-disk.ts"

const layout = layoutOf("/store")
// Of machines that the kernel here knows nothing of.
const [first, second] = ["00000001-1-1-1-00000001", "00000002-1-1-1-00000001"] as const

const SECOND = 1000

/** The module of owners, for a process of its own. */
const owners = new URL("../../../pipeline/store/owner.ts", import.meta.url).href

describe("who lives", () => {
  /** Two processes on one store, and a scope whose end is the first one's death; time passes for all. */
  const two = Effect.gen(function*() {
    const files = new MemoryFiles()
    const scope = yield* Scope.make()
    const begin = (owner: string) => makeProcesses(files.disk(), layout, owner, Effect.void)
    const one = yield* Effect.provideService(begin(first), Scope.Scope, scope)
    const other = yield* begin(second)
    /** Time passes for the machines and, at the same pace, for the store. */
    const pass = Effect.fnUntraced(function*(milliseconds: number) {
      for (let passed = 0; passed < milliseconds; passed += SECOND) {
        files.clock += SECOND
        yield* TestClock.adjust(SECOND)
      }
    })
    const seesDead = Effect.flatMap(other.look, (look) => look.isDead(first))
    /** Looks each second, as one who waits does; gives after how many seconds the first was taken for dead. */
    const secondsUntilDead = Effect.gen(function*() {
      for (let seconds = 0; seconds < 300; seconds++) {
        if (yield* seesDead) return seconds
        yield* pass(SECOND)
      }
      return Infinity
    })
    return { files, one, other, scope, pass, seesDead, secondsUntilDead }
  })

  // The clock of the store may be minutes before or behind that of any machine: it only has to go on.
  for (const minutes of [0, 10, -10]) {
    it.effect(`is told by beats, with clocks ${minutes} minutes apart: the dead one within twice its time`, () =>
      Effect.gen(function*() {
        const { files, one, other, scope, pass, seesDead, secondsUntilDead } = yield* two
        files.clock = Date.now() + minutes * 60 * SECOND
        yield* one.begin
        yield* other.begin
        for (let times = 0; times < 200; times++) {
          assert.isFalse(yield* seesDead)
          yield* pass(SECOND)
        }
        const path = layout.processes.path(first)
        const last = files.files.get(path)
        if (last === undefined) throw new Error("no heartbeat")
        yield* Scope.close(scope, Exit.void)
        // Of one that ends there is nothing left, and nobody waits for it for longer than two beats.
        const gone = yield* secondsUntilDead
        assert.isAtLeast(gone, 10)
        assert.isAtMost(gone, 12)
        // One that is killed leaves its last beat.
        files.files.set(path, last)
        const seconds = yield* secondsUntilDead
        assert.isAtLeast(seconds, 20)
        assert.isAtMost(seconds, 60)
      }).pipe(Effect.scoped))
  }

  it.effect("is told with its run at once, whether that has its name before the first beat or after it", () =>
    Effect.gen(function*() {
      const { one, other } = yield* two
      yield* one.named("before")
      yield* one.begin
      assert.strictEqual((yield* other.heartbeat(first))?.run, "before")
      yield* other.begin
      assert.isNull((yield* one.heartbeat(second))?.run)
      yield* other.named("after")
      assert.strictEqual((yield* one.heartbeat(second))?.run, "after")
    }).pipe(Effect.scoped))

  it.effect("is not told by how old a beat is alone: two that slept together wake together", () =>
    Effect.gen(function*() {
      const { files, one, other, pass, seesDead } = yield* two
      yield* one.begin
      yield* other.begin
      yield* pass(20 * SECOND)
      assert.isFalse(yield* seesDead)
      // The clock of the store goes on while both sleep, or is set.
      files.clock += 36_000 * SECOND
      for (let times = 0; times < 60; times++) {
        assert.isFalse(yield* seesDead)
        yield* pass(SECOND)
      }
    }).pipe(Effect.scoped))

  it.effect("is told by beats that were watched: not by one who slept, and sees an old beat when it wakes", () =>
    Effect.gen(function*() {
      const { files, one, other, scope, seesDead } = yield* two
      yield* one.begin
      yield* other.begin
      const path = layout.processes.path(first)
      const last = files.files.get(path)
      if (last === undefined) throw new Error("no heartbeat")
      assert.isFalse(yield* seesDead)
      yield* Scope.close(scope, Exit.void)
      files.files.set(path, last)
      files.clock += 3600 * SECOND
      yield* TestClock.adjust(3600 * SECOND)
      files.files.set(path, last)
      assert.isFalse(yield* seesDead)
    }).pipe(Effect.scoped))

  it.effect("is not told by a heartbeat that is not there yet, or not in a listing that is a little old", () =>
    Effect.gen(function*() {
      const { files, one, other, pass, seesDead } = yield* two
      yield* other.begin
      assert.isFalse(yield* seesDead)
      yield* pass(5 * SECOND)
      yield* one.begin
      for (let times = 0; times < 60; times++) {
        yield* pass(SECOND)
        // Seen neither in the folder nor under its name, for a moment.
        const path = layout.processes.path(first)
        const hidden = files.files.get(path)
        if (hidden === undefined) throw new Error("no heartbeat")
        files.files.delete(path)
        assert.isFalse(yield* seesDead)
        files.files.set(path, hidden)
        assert.isFalse(yield* seesDead)
      }
    }).pipe(Effect.scoped))

  it.effect("is told of a process that cannot write all of a beat, as on a full disk, by what it wrote before", () =>
    Effect.gen(function*() {
      const files = new MemoryFiles()
      const disk = files.disk()
      let isFull = false
      const full = (path: string) => new StoreError({ path, message: "cannot be written: the disk is full", help: "" })
      const one = yield* makeProcesses(
        { ...disk, overwrite: (path, text) => (isFull ? Effect.fail(full(path)) : disk.overwrite(path, text)) },
        layout,
        first,
        Effect.void,
      )
      const other = yield* makeProcesses(disk, layout, second, Effect.void)
      yield* one.begin
      isFull = true
      for (let seconds = 0; seconds < 120; seconds++) {
        files.clock += SECOND
        yield* TestClock.adjust(SECOND)
        assert.isDefined(yield* other.heartbeat(first))
        assert.isFalse(yield* (yield* other.look).isDead(first), `after ${seconds} s`)
      }
    }).pipe(Effect.scoped))

  it.effect("of a heartbeat that is torn or is not written any more is told after its time", () =>
    Effect.gen(function*() {
      const { files, secondsUntilDead, seesDead } = yield* two
      files.files.set(layout.processes.path(first), { text: "{\"host\":", mtime: 0 })
      assert.isFalse(yield* seesDead)
      const seconds = yield* secondsUntilDead
      assert.isAtLeast(seconds, 30)
      assert.isAtMost(seconds, 60)
    }).pipe(Effect.scoped))

  it("is told by the kernel, of what it shows", () => {
    const own = newOwner()
    assert.strictEqual(pidOf(own), process.pid)
    assert.strictEqual(kernelSays(own), "living")
    assert.strictEqual(
      kernelSays(own.replace(/\d+-[0-9a-f]{8}$/u, "1-00000000")),
      "dead",
      "an earlier process of its id",
    )
    assert.strictEqual(kernelSays(own.replace(`-${process.pid}-`, "-2147483646-")), "dead")
    const worker = processOwner(own)
    assert.strictEqual(kernelSays(worker), "living")
    assert.strictEqual(kernelSays(worker.replace(/\d+$/u, "1")), "dead")
    assert.strictEqual(
      kernelSays(processOwner(own.replace(`-${process.pid}-`, "-2147483646-"))),
      "living",
      "outlives it",
    )
    assert.strictEqual(kernelSays(threadOwner(own, 7)), "living")
    assert.strictEqual(kernelSays(threadOwner(own.replace(`-${process.pid}-`, "-2147483646-"), 7)), "dead")
    assert.isUndefined(kernelSays(first))
    assert.isUndefined(kernelSays(own.replace(/^([0-9a-f]{8})-\d+/u, "$1-4")), "another namespace")
  })

  it("is not told by the kernel of a process that lives and cannot be read", () => {
    // With as many files open as it may have, a process cannot read of itself that it runs.
    const script = `
      const { openSync } = await import("node:fs")
      const { kernelSays, newOwner } = await import(${JSON.stringify(owners)})
      const own = newOwner()
      const ended = own.replace("-" + process.pid + "-", "-2147483646-")
      const before = [kernelSays(own), kernelSays(ended)]
      try {
        for (;;) openSync("/dev/null")
      } catch (thrown) {
        if (thrown.code !== "EMFILE") throw thrown
      }
      console.error(JSON.stringify([...before, kernelSays(own) ?? null, kernelSays(ended)]))
    `
    const { stderr } = spawnSync(
      "sh",
      ["-c", "ulimit -n 64; exec \"$0\" --input-type=module --eval \"$1\"", process.execPath, script],
      { encoding: "utf8" },
    )
    assert.deepStrictEqual(JSON.parse(stderr), ["living", "dead", null, "dead"], stderr)
  })

  it("is found by the names of files", () => {
    const own = newOwner()
    const key = "a".repeat(64)
    for (const name of [own, `${own}.json`, `${key}.${own}`, `${key}.${own}.log`, `${key}.${own}.json`]) {
      assert.strictEqual(ownerIn(name), own, name)
    }
    for (const worker of [processOwner(own), threadOwner(own, 12)]) {
      assert.strictEqual(ownerIn(worker), worker)
      assert.strictEqual(ownerIn(`${key}.${worker}`), worker)
      assert.strictEqual(engineOf(worker), own)
    }
    for (const name of ["", key, `${key}.log`, `x${own}`, `${own}x`, "host-12-0a1b2c3d"]) {
      assert.isUndefined(ownerIn(name), name)
    }
  })
})
