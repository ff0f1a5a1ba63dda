import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { StoreError } from "../../../pipeline/base/errors.ts"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import { diskOver } from "../../../pipeline/store/disk.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, recordOf } from "./support.ts"

const disk = diskOver(calls)

/** The calls, of which one answers with an error. */
const answering = (name: keyof Calls, code: string): Calls => ({
  ...calls,
  [name]: () => {
    throw Object.assign(new Error(`${code}: some words`), { code, syscall: name })
  },
})

const run = Effect.runPromise

describe("the store's file-system calls", () => {
  const codes = [
    "EIO",
    "ESTALE",
    "EBUSY",
    "EMFILE",
    "ENFILE",
    "ETIMEDOUT",
    "ENOTCONN",
    "EACCES",
    "ENOSPC",
    "EDQUOT",
    "EROFS",
    "EOWNERDEAD",
  ]
  const names = ["open", "read", "write", "sync", "close", "rename", "makeFolder", "list", "stat", "link"] as const

  it.each(codes)(
    "row 18: %s at any call is an error of the store, with what to do",
    (code) =>
      inFolder(async (folder) => {
        const store = join(folder, "store")
        const record = recordOf(1, { out: await onStore(store, Effect.flatMap(Store, (each) => each.putBlob("text"))) })
        await onStore(store, Effect.flatMap(Store, (each) => each.publishRecord(record)))
        for (const name of names) {
          const program = Effect.gen(function*() {
            const each = yield* Store
            yield* each.hit(record.key)
            yield* each.keys
            yield* each.publishRecord(recordOf(2, { out: yield* each.putBlob(`by ${name}`) }))
          })
          const found = await onStore(store, Effect.result(program), answering(name, code))
          // What the server has removed is not there, when one only looks.
          if (found._tag === "Success") assert.isTrue(code === "ESTALE", name)
          else {
            assert.instanceOf(found.failure, StoreError)
            assert.match(found.failure.message, /^cannot be (?:read|written|made|moved|removed): /u)
            assert.isNotEmpty(found.failure.help)
          }
        }
      }),
  )

  it("row 19: records that cannot be read are an error, not records that are not there", () =>
    inFolder(async (folder) => {
      const { key } = recordOf(1, {})
      for (const code of ["EACCES", "EIO"]) {
        const hit = Effect.flatMap(Store, (store) => Effect.result(store.hit(key)))
        await onStore(folder, Effect.flatMap(Store, (store) => store.publishRecord(recordOf(1, {}))))
        const found = await onStore(folder, hit, answering("open", code))
        assert.isTrue(found._tag === "Failure")
      }
      await onStore(join(folder, "other"), Effect.void)
      mkdirSync(join(folder, "other"))
      writeFileSync(join(folder, "other/actions"), "in the way")
      const found = await onStore(
        join(folder, "other"),
        Effect.flatMap(Store, (store) => Effect.result(store.hit(key))),
      )
      assert.isTrue(found._tag === "Failure")
      assert.match(found._tag === "Failure" ? found.failure.message : "", /a part of the path is a file/u)
    }))

  it("opens no FIFO, device or link, and waits for none", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "file"), "text")
      execFileSync("mkfifo", [join(folder, "fifo")])
      symlinkSync("file", join(folder, "link"))
      symlinkSync("link", join(folder, "loop"))
      for (const path of [join(folder, "fifo"), join(folder, "link"), join(folder, "loop"), folder, "/dev/zero"]) {
        const calls: ReadonlyArray<Effect.Effect<unknown, StoreError>> = [
          disk.read(path),
          disk.readBytes(path),
          disk.digest(path),
          disk.source(path),
        ]
        for (const call of calls) {
          const error = await run(Effect.flip(call))
          assert.instanceOf(error, StoreError)
          assert.match(error.message, /^cannot be read: it is /u)
        }
        assert.isUndefined(await run(disk.size(path)))
      }
      await run(Effect.flip(disk.append(join(folder, "link"), "more")))
      await run(Effect.flip(disk.overwrite(join(folder, "link"), "more")))
      assert.isFalse(await run(disk.create(join(folder, "link"), "more")))
      assert.strictEqual(readFileSync(join(folder, "file"), "utf8"), "text")
      assert.strictEqual((await run(disk.stat(join(folder, "link"))))?.kind, "link")
      assert.strictEqual((await run(disk.stat(join(folder, "fifo"))))?.kind, "other")
    }))

  it("reads no file of an absurd size", () =>
    inFolder(async (folder) => {
      const path = join(folder, "huge")
      writeFileSync(path, "")
      truncateSync(path, 2 ** 40)
      assert.match((await run(Effect.flip(disk.read(path)))).message, /1099511627776 bytes/u)
    }))

  it("removes a link and what is below a folder, and nothing that a link leads to", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "outside"))
      writeFileSync(join(folder, "outside/file"), "text")
      mkdirSync(join(folder, "inside/deep"), { recursive: true })
      symlinkSync("../../outside", join(folder, "inside/deep/link"))
      symlinkSync("outside", join(folder, "link"))
      await run(disk.remove(join(folder, "inside")))
      await run(disk.remove(join(folder, "link")))
      await run(disk.remove(join(folder, "nothing")))
      assert.deepStrictEqual(readdirSync(folder), ["outside"])
      assert.deepStrictEqual(readdirSync(join(folder, "outside")), ["file"])
    }))

  it("makes a file only where there is none, writes over a small one, and tells its time", () =>
    inFolder(async (folder) => {
      const path = join(folder, "beat")
      assert.isTrue(await run(disk.create(path, "a longer text")))
      assert.isFalse(await run(disk.create(path, "other")))
      await run(disk.overwrite(path, "short"))
      assert.strictEqual(readFileSync(path, "utf8"), "short")
      const time = await run(disk.now(join(folder, "now"), "now\n"))
      assert.strictEqual(time, statSync(join(folder, "now")).mtimeMs)
      assert.isAtLeast(await run(disk.now(join(folder, "now"), "now\n")), time)
    }))

  it("gives a name only where it is free, also where the file system knows no second names", () =>
    inFolder(async (folder) => {
      for (const own of [disk, diskOver(answering("link", "EPERM"))]) {
        const [first, second, path] = [join(folder, "1"), join(folder, "2"), join(folder, "deep", "name")]
        writeFileSync(first, "first")
        writeFileSync(second, "second")
        assert.isTrue(await run(own.publishNew(first, path)))
        assert.isFalse(await run(own.publishNew(second, path)))
        assert.strictEqual(readFileSync(path, "utf8"), "first")
        assert.deepStrictEqual(readdirSync(folder), ["deep"])
        await run(own.remove(path))
      }
    }))
})
