/**
 * Saves unfinished work of one action until it is told to stop, as a process of its own: `node keeper.ts STORE KEY LETTER`.
 *
 * What it saves is 1 MiB of its letter in uneven pieces, but for its first bytes, which are a number that rises. It
 * prints a line once it began and ends when its input does.
 */
import { Effect, Layer } from "effect"
import { Digest } from "../../../pipeline/base/digest.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import * as Store from "../../../pipeline/store/store.ts"

const [folder = "", key = "", letter = ""] = process.argv.slice(2)
const bytes = Buffer.alloc(1 << 20, letter)
const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 1), bytes.subarray(1, 70_000), bytes.subarray(70_000)]

process.stdin.resume()

const keep = Effect.gen(function*() {
  const unfinished = (yield* Store.Store).unfinished(Digest.make(key))
  yield* unfinished.restore
  for (let times = 0; !process.stdin.readableEnded; times++) {
    bytes.writeUInt32LE(times)
    yield* unfinished.save({ state: pieces })
    if (times === 0) process.stdout.write("began\n")
    yield* Effect.sleep(1)
  }
})
await Effect.runPromise(keep.pipe(Effect.provide(Store.layer(folder).pipe(Layer.provide(Disk.layer)))))
