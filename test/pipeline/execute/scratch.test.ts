import { afterEach, assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { blobPathHere, scratchVariable } from "../../../pipeline/execute/scratch.ts"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { newOwner } from "../../../pipeline/store/owner.ts"
import * as Store from "../../../pipeline/store/store.ts"

describe("the scratch folder of a compute node", () => {
  const folders: Array<string> = []
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "redag-scratch-"))
    folders.push(made)
    return made
  }
  afterEach(() => {
    Reflect.deleteProperty(process.env, scratchVariable)
    for (const each of folders.splice(0)) rmSync(each, { recursive: true, force: true })
  })
  const large = Buffer.alloc(2 << 20, "weights ")

  /** What becomes of asking for the paths of blobs of a new store, twice each. */
  const pathsOf = (
    store: string,
    contents: ReadonlyArray<Buffer>,
    meanwhile: (objects: ReadonlyArray<string>) => void,
  ) =>
    Effect.gen(function*() {
      const { putBlob, objectPath } = yield* Store.Store
      const refs = yield* Effect.forEach(contents, (content) => putBlob(content))
      const objects = refs.map(({ digest }) => objectPath(digest))
      meanwhile(objects)
      const ask = Effect.forEach(refs, (ref) => Effect.exit(blobPathHere(ref)))
      return { objects, first: yield* ask, second: yield* ask }
    }).pipe(Effect.provide(Store.layer(store).pipe(Layer.provideMerge(Disk.layer))))
  const found = (paths: ReadonlyArray<{ readonly _tag: string; readonly value?: string }>) =>
    paths.map((each) => each.value ?? each._tag)

  it.effect("has verified copies of what is large, made once; the rest is read from the store", () =>
    Effect.gen(function*() {
      const scratch = process.env[scratchVariable] = folder()
      const small = Buffer.from("a tokenizer")
      const { objects, first, second } = yield* pathsOf(folder(), [large, small], () => {})
      const [copy = "", ...rest] = found(first)
      assert.deepStrictEqual(rest, objects.slice(1))
      assert.isTrue(copy.startsWith(join(scratch, "redag/")))
      assert.isTrue(readFileSync(copy).equals(large))
      assert.deepStrictEqual(found(second), found(first))
    }))

  it.live("is filled once for all processes of a job, and stays for each as long as that lives", () =>
    Effect.gen(function*() {
      const scratch = process.env[scratchVariable] = folder()
      const store = folder()
      const engine = newOwner()
      // What is of another job has its own.
      const owners = [`${engine}.t1`, `${engine}.t2`, `${engine}.t3`, newOwner()]
      let copied = 0
      const counting: Calls = { ...calls, copy: (from, to) => (copied++, calls.copy(from, to)) }
      const ask = (owner: string) =>
        Effect.gen(function*() {
          const ref = yield* (yield* Store.Store).putBlob(large)
          return yield* blobPathHere(ref)
        }).pipe(
          Effect.provide(
            Store.layer(store, owner).pipe(Layer.provideMerge(Layer.succeed(Disk.Disk, Disk.diskOver(counting)))),
          ),
        )
      const paths = yield* Effect.forEach(owners, ask, { concurrency: "unbounded" })
      assert.strictEqual(copied, 2)
      assert.deepStrictEqual(paths.map((path) => path.split("/").at(-2)), owners)
      rmSync(join(scratch, "redag", owners[0] ?? ""), { recursive: true })
      for (const path of paths.slice(1)) assert.isTrue(readFileSync(path).equals(large))
    }))

  it.effect("is not needed where nobody names one, nor where it cannot be written", () =>
    Effect.gen(function*() {
      const plain = yield* pathsOf(folder(), [large], () => {})
      assert.deepStrictEqual(found(plain.first), plain.objects)
      const file = join(folder(), "no-folder")
      writeFileSync(file, "")
      process.env[scratchVariable] = file
      const none = yield* pathsOf(folder(), [large], () => {})
      assert.deepStrictEqual(found(none.first), none.objects)
    }))

  it.effect("keeps nobody waiting for a turn that a full disk took", () =>
    Effect.gen(function*() {
      const scratch = process.env[scratchVariable] = folder()
      const owner = newOwner()
      let isFull = true
      const ofLocks = new Set<number>()
      const full: Calls = {
        ...calls,
        open: (path, how) => {
          const file = calls.open(path, how)
          if (path.endsWith(".lock") && how === "new") ofLocks.add(file)
          return file
        },
        close: (file) => (ofLocks.delete(file), calls.close(file)),
        write: (file, ...rest) => {
          if (isFull && ofLocks.has(file)) throw Object.assign(new Error("ENOSPC: it is full"), { code: "ENOSPC" })
          return calls.write(file, ...rest)
        },
      }
      const store = folder()
      const ask = Effect.gen(function*() {
        const { putBlob, objectPath } = yield* Store.Store
        const ref = yield* putBlob(large)
        const path = yield* blobPathHere(ref)
        return { lock: join(scratch, "redag", owner, `${ref.digest}.lock`), isRead: path === objectPath(ref.digest) }
      }).pipe(
        Effect.provide(
          Store.layer(store, owner).pipe(Layer.provideMerge(Layer.succeed(Disk.Disk, Disk.diskOver(full)))),
        ),
      )
      const { lock, isRead } = yield* ask
      assert.isTrue(isRead)
      assert.isFalse(existsSync(lock))
      isFull = false
      // As a process leaves it that is killed between making it and writing to it; nobody's clock goes on here.
      writeFileSync(lock, "")
      const second = yield* Effect.forkChild(ask)
      while (second.pollUnsafe() === undefined) yield* TestClock.adjust(100)
      assert.isFalse((yield* Fiber.join(second)).isRead)
    }))

  it.effect("is left out where another process is at a copy for too long", () =>
    Effect.gen(function*() {
      const scratch = process.env[scratchVariable] = folder()
      const store = folder()
      const engine = newOwner()
      const ask = Effect.gen(function*() {
        const { putBlob, objectPath } = yield* Store.Store
        const ref = yield* putBlob(large)
        mkdirSync(join(scratch, "redag", engine), { recursive: true })
        // It lives, and never ends.
        writeFileSync(join(scratch, "redag", engine, `${ref.digest}.lock`), `${engine}.t1`)
        return (yield* blobPathHere(ref)) === objectPath(ref.digest)
      }).pipe(
        Effect.provide(Store.layer(store, `${engine}.t2`).pipe(Layer.provideMerge(Disk.layer))),
      )
      const fiber = yield* Effect.forkChild(ask)
      while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust(10_000)
      assert.isTrue(yield* Fiber.join(fiber))
    }))

  it.effect("never gives damaged bytes", () =>
    Effect.gen(function*() {
      const scratch = process.env[scratchVariable] = folder()
      const { first } = yield* pathsOf(folder(), [large], ([object = ""]) => {
        chmodSync(object, 0o644)
        writeFileSync(object, Buffer.alloc(large.length))
      })
      assert.deepStrictEqual(first.map(({ _tag }) => _tag), ["Failure"])
      const short = yield* pathsOf(folder(), [large], ([object = ""]) => {
        chmodSync(object, 0o644)
        truncateSync(object, 5)
      })
      assert.deepStrictEqual(short.first.map(({ _tag }) => _tag), ["Failure"])
      const left = readdirSync(scratch, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
      assert.deepStrictEqual(left, [])
    }))

  it.effect("is rid of what killed processes left there, and of nothing else", () =>
    Effect.gen(function*() {
      const scratch = process.env[scratchVariable] = folder()
      const mine = newOwner()
      // The same machine, and a process that started at another time.
      const dead = mine.replace(/-(\d+)-([0-9a-f]{8})$/u, "-1-$2")
      for (const name of [dead, mine, "something else"]) mkdirSync(join(scratch, "redag", name), { recursive: true })
      yield* pathsOf(folder(), [large], () => {})
      assert.deepStrictEqual([dead, mine, "something else"].map((name) => existsSync(join(scratch, "redag", name))), [
        false,
        true,
        true,
      ])
    }))
})
