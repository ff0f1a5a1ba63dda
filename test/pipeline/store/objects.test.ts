import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { BlobRef } from "../../../pipeline/base/blob-ref.ts"
import { calls } from "../../../pipeline/store/calls.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import { layer as storeIn, Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, recordOf } from "./support.ts"

const put = (text: string) => Effect.flatMap(Store, (store) => store.putBlob(text))
const pathOf = (ref: BlobRef) => Effect.flatMap(Store, (store) => store.blobPath(ref))
const presence = (ref: BlobRef) => Effect.flatMap(Store, (store) => store.presence(ref))
const suspects = Effect.flatMap(Store, (store) => store.suspects.all)

/** Changes one bit of an object, and nothing of its size. */
const flip = (path: string) => {
  const bytes = readFileSync(path)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  writeFileSync(path, bytes)
  return bytes
}

describe("an object", () => {
  it("row 9: is never removed by reading it, whatever it holds, and is suspect from then on", () =>
    inFolder(async (folder) => {
      const ref = await onStore(folder, put("text"))
      const path = layoutOf(folder).object(ref.digest)
      const bytes = flip(path)
      // Nobody has read it yet.
      assert.strictEqual(await onStore(folder, presence(ref)), "whole")
      const error = await onStore(folder, Effect.flip(pathOf(ref)))
      assert.strictEqual(error.damaged, ref.digest)
      assert.match(error.message, /is damaged: its content has sha256/u)
      assert.deepStrictEqual(readFileSync(path), bytes)
      assert.deepStrictEqual(await onStore(folder, suspects), [ref.digest])
      assert.strictEqual(await onStore(folder, presence(ref)), "damaged")
    }))

  it("row 8: is written again in the place of one of its size that is damaged, and no longer suspect", () =>
    inFolder(async (folder) => {
      const ref = await onStore(folder, put("text"))
      const path = layoutOf(folder).object(ref.digest)
      flip(path)
      await onStore(folder, Effect.flip(pathOf(ref)))
      await onStore(folder, put("text"))
      assert.strictEqual(readFileSync(path, "utf8"), "text")
      assert.deepStrictEqual(await onStore(folder, suspects), [])
      assert.strictEqual(await onStore(folder, presence(ref)), "whole")
    }))

  it("that was suspect and is right again is so once that is looked at", () =>
    inFolder(async (folder) => {
      const ref = await onStore(folder, put("text"))
      const path = layoutOf(folder).object(ref.digest)
      flip(path)
      await onStore(folder, Effect.flip(pathOf(ref)))
      // As from a backup.
      writeFileSync(path, "text")
      assert.strictEqual(await onStore(folder, presence(ref)), "whole")
      assert.deepStrictEqual(await onStore(folder, suspects), [])
    }))

  it("is looked at anew where it changed since this process found it right", () =>
    inFolder((folder) =>
      onStore(
        folder,
        Effect.gen(function*() {
          const ref = yield* put("text")
          const path = yield* pathOf(ref)
          flip(path)
          assert.strictEqual((yield* Effect.flip(pathOf(ref))).damaged, ref.digest)
          yield* put("text")
          assert.strictEqual(yield* pathOf(ref), path)
        }),
      )
    ))

  it("of a store that is only read leaves no hint, and this process knows it all the same", () =>
    inFolder(async (folder) => {
      const ref = await onStore(folder, put("text"))
      flip(layoutOf(folder).object(ref.digest))
      const names = readdirSync(folder, { recursive: true })
      await Effect.runPromise(
        Effect.gen(function*() {
          yield* Effect.flip(pathOf(ref))
          assert.strictEqual(yield* presence(ref), "damaged")
        }).pipe(Effect.provide(storeIn(folder).pipe(Layer.provide(Disk.readOnly)))),
      )
      assert.deepStrictEqual(readdirSync(folder, { recursive: true }), names)
    }))

  it("that is cut short, gone, a link, a folder or a FIFO is not read, and is made again", () =>
    inFolder(async (outer) => {
      const folder = join(outer, "store")
      const ref = await onStore(folder, put("text"))
      const path = layoutOf(folder).object(ref.digest)
      writeFileSync(join(outer, "outside"), "text")
      const places: ReadonlyArray<readonly [string, () => void]> = [
        ["damaged", () => {
          truncateSync(path, 2)
        }],
        ["gone", () => {
          rmSync(path)
        }],
        ["damaged", () => {
          rmSync(path)
          symlinkSync(join(outer, "outside"), path)
        }],
        ["damaged", () => {
          rmSync(path)
          execFileSync("mkfifo", [path])
        }],
      ]
      for (const [found, damage] of places) {
        damage()
        assert.strictEqual(await onStore(folder, presence(ref)), found)
        assert.strictEqual((await onStore(folder, Effect.flip(pathOf(ref)))).damaged, ref.digest)
        await onStore(folder, put("text"))
        assert.strictEqual(readFileSync(await onStore(folder, pathOf(ref)), "utf8"), "text")
      }
      rmSync(path)
      mkdirSync(path)
      assert.match((await onStore(folder, Effect.flip(put("text")))).message, /it is a folder/u)
    }))

  it("is not written through a link in the place of a folder of the store", () =>
    inFolder(async (outer) => {
      const [folder, outside] = [join(outer, "store"), join(outer, "outside")]
      for (const made of [folder, outside]) mkdirSync(made)
      symlinkSync(outside, join(folder, "objects"))
      const error = await onStore(folder, Effect.flip(put("text")))
      assert.deepInclude(error, { path: join(folder, "objects") })
      assert.match(error.message, /is a link/u)
      assert.deepStrictEqual(readdirSync(outside), [])
    }))

  it("is whole though each call of the system writes only a part", () =>
    inFolder(async (folder) => {
      const write: typeof calls.write = (file, from, at, length, position) =>
        calls.write(file, from, at, Math.min(length, 3), position)
      const text = "a text of some length, ".repeat(20)
      const ref = await onStore(folder, put(text), { ...calls, write })
      assert.strictEqual(readFileSync(await onStore(folder, pathOf(ref)), "utf8"), text)
      const record = recordOf(1, { out: ref })
      await onStore(folder, Effect.flatMap(Store, (store) => store.publishRecord(record)), { ...calls, write })
      assert.strictEqual((await onStore(folder, Effect.flatMap(Store, (store) => store.hit(record.key))))._tag, "Hit")
    }))

  it("that vanishes while it is read is gone: the error names it, so that what made it is executed again", () =>
    inFolder(async (folder) => {
      const { digest, size } = await onStore(folder, Effect.flatMap(Store, (store) => store.putBlob("some bytes")))
      const open: typeof calls.open = (path, how) => {
        if (how === "read" && path.endsWith(digest.slice(2))) rmSync(path, { force: true })
        return calls.open(path, how)
      }
      const failure = await onStore(
        folder,
        Effect.flip(Effect.flatMap(Store, (store) => store.blobPath({ digest, size }))),
        { ...calls, open },
      )
      assert.strictEqual(failure.message, `object ${digest} is not in the store`)
      assert.strictEqual(failure.damaged, digest)
    }))
})
