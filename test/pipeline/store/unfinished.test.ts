import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach } from "vitest"
import { Digest } from "../../../pipeline/base/digest.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { removeStaleTemporaries } from "../../../pipeline/store/left-over.ts"
import * as Store from "../../../pipeline/store/store.ts"

const key = Digest.make("a".repeat(64))

describe("what is kept of unfinished work", () => {
  let folder = ""
  let keepers: Array<ChildProcess> = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "redag-unfinished-"))
  })
  afterEach(() => {
    for (const keeper of keepers) keeper.kill("SIGKILL")
    keepers = []
    rmSync(folder, { recursive: true, force: true })
  })

  const run = <A, E>(program: Effect.Effect<A, E, Store.Store | Disk.Disk>): Promise<A> =>
    Effect.runPromise(program.pipe(Effect.provide(Store.layer(folder).pipe(Layer.provideMerge(Disk.layer)))))

  const textAt = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path, "utf8"))

  /** A process that keeps its letter again and again. */
  const keeper = async (letter: string): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "keeper.ts"), folder, key, letter], {
      stdio: ["pipe", "pipe", "inherit"],
    })
    keepers.push(child)
    if (child.stdout !== null) await once(child.stdout, "data")
    return child
  }

  /** The letter that the kept file consists of, all of it; undefined where there is none at this moment. */
  const letterOf = (path: string): string | undefined => {
    let bytes: Buffer
    try {
      bytes = readFileSync(path)
    } catch {
      return undefined
    }
    assert.lengthOf(bytes, 1 << 20)
    assert.isTrue(bytes.every((byte) => byte === bytes[0]), "two writers in one file")
    return String.fromCharCode(bytes[0] ?? 0)
  }

  it("is found by its name under its key alone, replaced, dropped and cleared", () =>
    run(Effect.gen(function*() {
      const store = yield* Store.Store
      const mine = store.unfinished(key)
      const others = store.unfinished(Digest.make("b".repeat(64)))
      assert.isUndefined(yield* mine.find("state"))
      assert.isFalse(yield* mine.isThere)
      yield* mine.keep("state", [Buffer.from("one "), new Uint8Array(0), Buffer.from("two")])
      yield* mine.keep("best", [Buffer.from("best")])
      yield* others.keep("state", [Buffer.from("others")])
      assert.strictEqual(textAt(yield* mine.find("state")), "one two")
      yield* mine.keep("state", [Buffer.from("3")])
      assert.strictEqual(textAt(yield* mine.find("state")), "3")
      yield* mine.drop("best")
      yield* mine.drop("best")
      assert.isUndefined(yield* mine.find("best"))
      assert.isTrue(yield* mine.isThere)
      yield* mine.clear
      assert.isUndefined(yield* mine.find("state"))
      assert.strictEqual(textAt(yield* others.find("state")), "others")
      assert.throws(() => mine.find("../state"), /no plain file name/u)
    })))

  it("is whole after kill -9 at any moment, and nothing else is left once the dead are swept away", async () => {
    for (let times = 0; times < 5; times++) {
      const child = await keeper(String(times))
      await sleep(Math.random() * 40)
      child.kill("SIGKILL")
      await once(child, "close")
      assert.strictEqual(letterOf(join(folder, "unfinished", key, "state")), String(times))
    }
    await run(removeStaleTemporaries)
    assert.deepStrictEqual(readdirSync(join(folder, "tmp")), [])
    assert.deepStrictEqual(readdirSync(join(folder, "unfinished", key)), ["state"])
  })

  it("is whole whoever of two processes kept it last, also while a third takes the folder away", async () => {
    const children = await Promise.all([keeper("a"), keeper("b")])
    const seen = new Set<string>()
    await run(Effect.gen(function*() {
      const { unfinished } = yield* Store.Store
      for (let looks = 0; looks < 400 || seen.size < 2; looks++) {
        const path = yield* unfinished(key).find("state")
        const letter = path === undefined ? undefined : letterOf(path)
        if (letter !== undefined) seen.add(letter)
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
    assert.deepStrictEqual([...seen].toSorted(), ["a", "b"])
  })
})
