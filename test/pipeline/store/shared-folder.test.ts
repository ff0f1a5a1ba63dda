import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { awaitedRecord, UNSEEN } from "../../../pipeline/store/awaited.ts"
import { diskOver } from "../../../pipeline/store/disk.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { remembering } from "./remembering.ts"
import { inFolder, onStore, recordOf, storeLayer } from "./support.ts"

/** Another machine puts an object and the record that names it into a store. */
const madeElsewhere = (folder: string, param: number): Promise<unknown> =>
  onStore(
    folder,
    Effect.gen(function*() {
      const store = yield* Store
      const made = yield* store.putBlob(`made of ${param}`)
      yield* store.publishRecord(recordOf(param, { text: made }))
    }),
  )

const hit = (param: number) =>
  Effect.flatMap(Store, (store) => Effect.map(store.hit(recordOf(param, {}).key), ({ _tag }) => _tag))

describe("a store in a folder that machines share", () => {
  it("finds what another machine has made, though this one remembers that it was not there", () =>
    inFolder(async (folder) => {
      const machine = remembering()
      await madeElsewhere(folder, 2)
      await onStore(
        folder,
        Effect.gen(function*() {
          assert.strictEqual(yield* hit(1), "NoRecord")
          yield* Effect.promise(() => madeElsewhere(folder, 1))
          assert.strictEqual(yield* hit(1), "Hit")
        }),
        machine.calls,
      )
      assert.isAbove(machine.fromMemory(), 0)
    }))

  it("finds what stands in folders that another machine has made, though none of them was there", () =>
    inFolder(async (folder) => {
      const machine = remembering()
      const disk = diskOver(machine.calls)
      const [above, file] = [join(folder, "store/objects/ab"), join(folder, "store/objects/ab/cd")]
      assert.isUndefined(Effect.runSync(disk.stat(file)))
      assert.isEmpty(Effect.runSync(disk.list(above)))
      assert.isUndefined(Effect.runSync(disk.stat(above)))
      assert.isUndefined(Effect.runSync(disk.stat(join(folder, "store"))))
      mkdirSync(above, { recursive: true })
      writeFileSync(file, "text")
      assert.deepStrictEqual(Effect.runSync(disk.list(above)), ["cd"])
      assert.strictEqual(Effect.runSync(disk.read(file)), "text")

      const other = remembering()
      const looking = diskOver(other.calls)
      const later = join(folder, "later/objects/ab/cd")
      assert.isEmpty(Effect.runSync(looking.presentIn(join(folder, "later/objects/ab"), [later])))
      assert.isUndefined(Effect.runSync(looking.stat(join(folder, "later"))))
      mkdirSync(join(folder, "later/objects/ab"), { recursive: true })
      writeFileSync(later, "text")
      assert.deepStrictEqual([...Effect.runSync(looking.presentIn(join(folder, "later/objects/ab"), [later]))], [later])
    }))

  it("waits for a record that a job says it wrote until it can be seen", () =>
    inFolder(async (folder) => {
      let forgets = false
      const machine = remembering(() => forgets)
      const { key } = recordOf(1, {})
      await madeElsewhere(folder, 2)
      const record = await Effect.runPromise(
        Effect.gen(function*() {
          assert.strictEqual(yield* hit(1), "NoRecord")
          yield* Effect.promise(() => madeElsewhere(folder, 1))
          const waiting = yield* Effect.forkChild(awaitedRecord(key), { startImmediately: true })
          yield* TestClock.adjust(UNSEEN / 2)
          assert.isUndefined(waiting.pollUnsafe())
          forgets = true
          yield* TestClock.adjust(UNSEEN / 2)
          return yield* Fiber.join(waiting)
        }).pipe(Effect.provide(storeLayer(folder, machine.calls)), Effect.provide(TestClock.layer())),
      )
      assert.strictEqual(record?.key, key)
    }))

  it("gives up a record that a job says it wrote and that never comes", () =>
    inFolder(async (folder) => {
      await madeElsewhere(folder, 2)
      const given = await Effect.runPromise(
        Effect.gen(function*() {
          const waiting = yield* Effect.forkChild(awaitedRecord(recordOf(1, {}).key), { startImmediately: true })
          yield* TestClock.adjust(UNSEEN - 1)
          assert.isUndefined(waiting.pollUnsafe())
          yield* TestClock.adjust(10_000)
          return yield* Fiber.join(waiting)
        }).pipe(Effect.provide(storeLayer(folder, remembering().calls)), Effect.provide(TestClock.layer())),
      )
      assert.isUndefined(given)
    }))
})
