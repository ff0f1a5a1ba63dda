import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, statfsSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Digest, digestOf, digestOfFile } from "../../../pipeline/base/digest.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import * as Store from "../../../pipeline/store/store.ts"

/** More than one call of the system writes, and more than a 32-bit number counts. */
const large = 2 ** 32 + 5

const { bavail, bsize } = statfsSync(tmpdir())
const room = bavail * bsize > 3 * large

describe("pieces of more than 4 GiB", () => {
  it.skipIf(!room)(
    `are kept and put whole${room ? "" : ` [skipped: less than 12 GiB free in ${tmpdir()}]`}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "redag-large-"))
      try {
        // Pages that nobody wrote to take no memory.
        const piece = new Uint8Array(large)
        piece[0] = 1
        piece[2 ** 31] = 2
        piece[large - 1] = 3
        const program = Effect.gen(function*() {
          const { unfinished, putBlob } = yield* Store.Store
          yield* unfinished(digestOf("k")).save({ state: [piece, Uint8Array.of(4)] })
          const { path = "" } = (yield* unfinished(digestOf("k")).restore)?.["state"] ?? {}
          const blob = yield* putBlob([piece, Uint8Array.of(4)])
          assert.strictEqual(blob.size, large + 1)
          assert.strictEqual(statSync(path).size, large + 1)
          assert.strictEqual(digestOfFile(path), blob.digest)
        })
        await Effect.runPromise(program.pipe(Effect.provide(Store.layer(folder).pipe(Layer.provide(Disk.layer)))))
        const sha256 = createHash("sha256")
        for (let at = 0; at < large; at += 1 << 28) sha256.update(piece.subarray(at, at + (1 << 28)))
        const digest = Digest.make(sha256.update(Uint8Array.of(4)).digest("hex"))
        assert.strictEqual(digestOfFile(layoutOf(folder).object(digest)), digest)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})
