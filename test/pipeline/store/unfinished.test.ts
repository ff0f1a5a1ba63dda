import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach } from "vitest"
import { Digest, digestOf } from "../../../pipeline/base/digest.ts"
import { systemCode } from "../../../pipeline/base/system.ts"
import type { SavedFile } from "../../../pipeline/graph/stage.ts"
import { calls } from "../../../pipeline/store/calls.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { removeStaleTemporaries } from "../../../pipeline/store/left-over.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { recordOf, storeLayer } from "./support.ts"

const key = Digest.make("a".repeat(64))

describe("what is saved of unfinished work", () => {
  let folder = ""
  let keepers: Array<ChildProcess> = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "redag-unfinished-"))
  })
  afterEach(() => {
    for (const keeper of keepers) keeper.kill("SIGKILL")
    keepers = []
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })

  const run = <A, E>(program: Effect.Effect<A, E, Store.Store | Disk.Disk>): Promise<A> =>
    Effect.runPromise(program.pipe(Effect.provide(Store.layer(folder).pipe(Layer.provideMerge(Disk.layer)))))

  const textOf = (file: SavedFile | undefined) => (file === undefined ? undefined : readFileSync(file.path, "utf8"))

  /** A process that keeps its letter again and again. */
  const keeper = async (letter: string): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "keeper.ts"), folder, key, letter], {
      stdio: ["pipe", "pipe", "inherit"],
    })
    keepers.push(child)
    if (child.stdout !== null) await once(child.stdout, "data")
    return child
  }

  /** The letter that the saved file consists of behind its number, all of it. */
  const letterOf = (file: SavedFile | undefined): string => {
    const bytes = readFileSync(file?.path ?? "").subarray(4)
    assert.lengthOf(bytes, (1 << 20) - 4)
    assert.isTrue(bytes.every((byte) => byte === bytes[0]), "two writers in one file")
    return String.fromCharCode(bytes[0] ?? 0)
  }

  it("is found under its key alone, replaced and cleared; files that stay are not written again", () =>
    run(Effect.gen(function*() {
      const store = yield* Store.Store
      const mine = store.unfinished(key)
      const others = store.unfinished(Digest.make("b".repeat(64)))
      assert.isUndefined(yield* mine.restore)
      assert.isFalse(yield* mine.isThere)
      const { best } = yield* mine.save({
        state: [Buffer.from("one "), new Uint8Array(0), Buffer.from("two")],
        best: [Buffer.from("best")],
      })
      yield* others.save({ state: [Buffer.from("others")] })
      assert.isTrue(yield* mine.isThere)
      assert.strictEqual(textOf((yield* mine.restore)?.["state"]), "one two")
      const { ino } = statSync(best?.path ?? "")
      for (const text of ["3", "4", "5"]) {
        yield* mine.save({ state: [Buffer.from(text)], ...(best === undefined ? {} : { best }) })
      }
      const found = (yield* store.unfinished(key).restore) ?? {}
      assert.deepStrictEqual(Object.values(found).map(textOf), ["5", "best"])
      assert.strictEqual(statSync(found["best"]?.path ?? "").ino, ino)
      // Two states, the two files of theirs that differ, and the one that they share.
      assert.lengthOf(readdirSync(join(folder, "unfinished", key)), 5)
      yield* mine.clear
      assert.isUndefined(yield* mine.restore)
      assert.strictEqual(textOf((yield* others.restore)?.["state"]), "others")
    })))

  it("is not that of another key, whose folder was given this one's name", () =>
    run(Effect.gen(function*() {
      const store = yield* Store.Store
      yield* store.unfinished(Digest.make("b".repeat(64))).save({ state: [Buffer.from("others")] })
      renameSync(join(folder, "unfinished", "b".repeat(64)), join(folder, "unfinished", key))
      assert.isUndefined(yield* store.unfinished(key).restore)
    })))

  it("is whole after kill -9 at any moment, and nothing else is left once the dead are swept away", async () => {
    for (let times = 0; times < 5; times++) {
      const child = await keeper(String(times))
      await sleep(Math.random() * 40)
      child.kill("SIGKILL")
      await once(child, "close")
      await run(Effect.gen(function*() {
        const unfinished = (yield* Store.Store).unfinished(key)
        const state = (yield* unfinished.restore)?.["state"]
        assert.strictEqual(letterOf(state), String(times))
        // Whoever goes on removes what the kill left.
        yield* unfinished.save(state === undefined ? {} : { state })
      }))
      assert.isAtMost(readdirSync(join(folder, "unfinished", key)).length, 4)
    }
    await run(removeStaleTemporaries)
    assert.deepStrictEqual(readdirSync(join(folder, "tmp")), [])
  })

  it("falls back to the state before where the disk fails at the newest", () =>
    run(Effect.gen(function*() {
      const store = yield* Store.Store
      const mine = store.unfinished(key)
      for (const text of ["before", "newest"]) yield* mine.save({ state: [Buffer.from(text)] })
      const newest = digestOf("newest")
      const stat: typeof calls.stat = (path) => {
        if (path.endsWith(newest)) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO", errno: -5 })
        return calls.stat(path)
      }
      const restored = Effect.flatMap(Store.Store, ({ unfinished }) => unfinished(key).restore)
      const found = yield* Effect.provide(restored, storeLayer(folder, { ...calls, stat }))
      assert.strictEqual(textOf(found?.["state"]), "before")
    })))

  it("goes where the action was recorded after it, and stays where it was saved since, released or accepted", () =>
    run(Effect.gen(function*() {
      const store = yield* Store.Store
      const saved = (param: string) => recordOf(param, {}).key
      const save = (param: string) => store.unfinished(saved(param)).save({ state: [Buffer.from(param)] })
      const record = (param: string, ...blobs: ReadonlyArray<{ readonly digest: Digest; readonly size: number }>) =>
        store.publishRecord({ ...recordOf(param, {}), blobs })
      const later = Effect.sleep(20)
      // Killed before it could be removed.
      yield* save("recorded")
      // Trained again since its weights were released.
      yield* save("released")
      yield* save("accepted")
      yield* later
      yield* record("recorded")
      const weights = { digest: digestOf("weights"), size: 7 }
      yield* record("released", weights)
      yield* store.files.released.publish(saved("released"), {
        key: saved("released"),
        when: new Date().toISOString(),
        objects: [weights],
      })
      yield* store.files.accepted.publish(saved("accepted"), {
        key: saved("accepted"),
        preImage: recordOf("accepted", {}).preImage,
        as: saved("recorded"),
        node: "op/accepted",
        profile: "p",
        reason: "cosmetic",
        differences: [],
        when: new Date().toISOString(),
        commit: null,
        dirty: false,
      })
      // Executed again though it was up to date.
      yield* record("forced")
      yield* later
      yield* save("forced")
      for (const param of ["recorded", "released", "accepted", "forced"]) {
        assert.strictEqual((yield* store.hit(saved(param)))._tag, "Hit", param)
      }
      yield* removeStaleTemporaries
      const left = readdirSync(join(folder, "unfinished"))
      assert.sameMembers(left, ["released", "accepted", "forced"].map(saved))
    })))

  it("may be written by two processes at once, as after a sleep: nothing that is damaged is given back", async () => {
    const children = await Promise.all([keeper("a"), keeper("b")])
    const seen = new Set<string>()
    await run(Effect.gen(function*() {
      const { unfinished } = yield* Store.Store
      for (let looks = 0; looks < 100; looks++) {
        const state = (yield* unfinished(key).restore)?.["state"]
        // Either removes what the other saved, also between its being found and its being read.
        if (state !== undefined && existsSync(state.path)) {
          try {
            seen.add(letterOf(state))
          } catch (thrown) {
            // On a network's file system it may be open by then.
            assert.include(["ENOENT", "ESTALE"], systemCode(thrown))
          }
        }
        // The keepers may be putting a file there at this moment; a later run removes what stays.
        if (Math.random() < 0.3) yield* Effect.ignore(unfinished(key).clear)
        yield* Effect.sleep(2)
      }
    }))
    for (const child of children) {
      child.stdin?.end()
      const [code] = (await once(child, "close")) as [number | null]
      assert.strictEqual(code, 0)
    }
    assert.isAtLeast(seen.size, 1)
    for (const letter of seen) assert.include(["a", "b"], letter)
  })
})
