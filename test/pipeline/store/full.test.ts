import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import { beginCollection } from "../../../pipeline/store/gc/inventory.ts"
import { planCollection } from "../../../pipeline/store/gc/plan.ts"
import { removeAll } from "../../../pipeline/store/gc/remove.ts"
import { newOwner } from "../../../pipeline/store/owner.ts"
import { repairStore } from "../../../pipeline/store/repair/repair.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { verifyStore } from "../../../pipeline/store/verify/verify.ts"
import { inFolder, onStore, recordOf } from "./support.ts"

/** A disk that has no room for a byte more, and none for a folder either where `folders` says so. */
const full = (code: "ENOSPC" | "EDQUOT", folders: boolean): Calls => {
  const refuse = (): never => {
    throw Object.assign(new Error(code), { code })
  }
  return { ...calls, write: refuse, copy: refuse, ...(folders ? { makeFolder: refuse } : {}) }
}

const Row = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "full" })

const fill = Effect.gen(function*() {
  const store = yield* Store
  const blob = yield* store.putBlob("days of training")
  yield* store.publishRecord(recordOf(1, { weights: blob }))
  return { object: store.layout.object(blob.digest), record: store.files.records.path(recordOf(1, {}).key) }
})

const collect = Effect.gen(function*() {
  const wanted = {
    profiles: new Set<string>(),
    known: new Set<string>(),
    keys: new Set<never>(),
    sources: new Map<string, never>(),
    code: new Set<never>(),
    quarantine: false,
    checkpoints: "all" as const,
  }
  const { releases, removals } = yield* planCollection(yield* beginCollection(true), wanted, 0)
  return yield* removeAll(releases, removals)
})

const repair = Effect.flatMap(verifyStore(), (verified) => repairStore(verified, () => false))

/** Puts the heartbeat of another process into a store. */
const beat = (folder: string, owner: string): void => {
  mkdirSync(join(folder, "processes"), { recursive: true })
  const heartbeat = { host: "other", run: null, began: "", beat: 1, at: Date.now(), seconds: 30 }
  writeFileSync(join(folder, "processes", `${owner}.json`), JSON.stringify(heartbeat))
}

/** What is not older than the beginning of a collection stays for that reason alone. */
const later = () => new Promise((resolve) => setTimeout(resolve, 50))

describe("a full disk", () => {
  for (const code of ["ENOSPC", "EDQUOT"] as const) {
    for (const folders of [false, true]) {
      it(`is made room on by gc (${code}${folders ? ", no room for a folder" : ""}), which leaves nothing behind`, () =>
        inFolder(async (folder) => {
          const { object, record } = await onStore(folder, fill)
          // A process of this machine, which the kernel shows, is in nobody's way.
          beat(folder, newOwner())
          await later()
          const removed = await onStore(folder, collect, full(code, folders))
          assert.includeMembers(removed.map(({ kind }) => kind), ["record", "object"])
          assert.deepStrictEqual([existsSync(object), existsSync(record)], [false, false])
          assert.deepStrictEqual(readdirSync(join(folder, "tmp")), [])
          assert.lengthOf(readdirSync(join(folder, "processes")), 1)
        }))
    }

    it(`keeps nobody from moving what is damaged away (${code})`, () =>
      inFolder(async (folder) => {
        const { object, record } = await onStore(folder, fill)
        writeFileSync(record, "{ torn")
        writeFileSync(object, "other bytes")
        const { moved } = await onStore(folder, repair, full(code, false))
        assert.lengthOf(moved, 2)
        assert.deepStrictEqual([existsSync(object), existsSync(record)], [false, false])
        assert.strictEqual(
          (await onStore(folder, verifyStore())).findings.filter((each) => each.state === "damaged").length,
          0,
        )
      }))
  }

  it("is an error where a process of another machine may be at work, which could not see this one", () =>
    inFolder(async (folder) => {
      const { object } = await onStore(folder, fill)
      beat(folder, "00000001-1-1-1-00000001")
      await later()
      const before = readdirSync(join(folder, "processes"))
      const error = await onStore(folder, Effect.flip(collect), full("ENOSPC", false))
      assert.match(error.message, /the disk is full/u)
      assert.isTrue(existsSync(object))
      writeFileSync(object, "other bytes")
      assert.match((await onStore(folder, Effect.flip(repair), full("ENOSPC", false))).message, /the disk is full/u)
      assert.isTrue(existsSync(object))
      assert.deepStrictEqual(readdirSync(join(folder, "processes")), before)
    }))

  it("for the output or the record of some that are recorded at once fails those alone, which leave nothing behind", () =>
    inFolder(async (folder) => {
      /** Which file of the second and the fourth there is no room for, in the order in which they are written. */
      const refused = new Set([3, 8])
      const fullFor: Calls = {
        ...calls,
        open: (path, how) => {
          const file = calls.open(path, how)
          if (how === "new" && path.includes("/tmp/") && refused.has(++opened)) without.add(file)
          return file
        },
        write: (file, from, at, length, position) => {
          if (without.has(file)) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" })
          return calls.write(file, from, at, length, position)
        },
        close: (file) => {
          without.delete(file)
          calls.close(file)
        },
      }
      let opened = 0
      const without = new Set<number>()
      const numbers = [1, 2, 3, 4, 5]
      const recordOne = Effect.fnUntraced(function*(number: number) {
        const store = yield* Store
        const { output, prepared } = yield* store.prepareRows("out", Row, [{ value: number }])
        return yield* store.publishRecord(recordOf(number, { out: output }), [prepared])
      })
      const hits = Effect.flatMap(
        Store,
        (store) =>
          Effect.forEach(numbers, (number) => Effect.map(store.hit(recordOf(number, {}).key), ({ _tag }) => _tag)),
      )
      await onStore(
        folder,
        Effect.gen(function*() {
          const all = yield* Effect.forEach(numbers, (number) => Effect.result(recordOne(number)), {
            concurrency: "unbounded",
          })
          assert.deepStrictEqual(all.map(({ _tag }) => _tag), ["Success", "Failure", "Success", "Failure", "Success"])
          for (const each of all) if (each._tag === "Failure") assert.match(each.failure.message, /the disk is full/u)
          assert.deepStrictEqual(yield* hits, ["Hit", "NoRecord", "Hit", "NoRecord", "Hit"])
          for (const own of readdirSync(join(folder, "tmp"))) {
            assert.deepStrictEqual(readdirSync(join(folder, "tmp", own)), [])
          }
          // There is room now.
          yield* Effect.forEach([2, 4], recordOne)
          assert.deepStrictEqual(yield* hits, ["Hit", "Hit", "Hit", "Hit", "Hit"])
        }),
        fullFor,
      )
      const { findings } = await onStore(folder, verifyStore())
      assert.deepStrictEqual(findings.filter(({ state }) => state === "damaged"), [])
    }))
})
