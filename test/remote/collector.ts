import { Effect, Stream } from "effect"
import { openRemote } from "../../pipeline/store/remote/open.ts"

/**
 * A process that removes from a remote what is old, again and again until its input ends, as collections do that meet a
 * push. Says a line when it begins.
 *
 * Run as `node collector.ts ADDRESS`.
 */
const [address = ""] = process.argv.slice(2)
process.stdin.resume()

const collectOnce = Effect.gen(function*() {
  const remote = yield* openRemote(address)
  process.stdout.write("begins\n")
  while (!process.stdin.readableEnded) {
    const old = (yield* Stream.runCollect(remote.list("objects/"))).filter(({ written }) => written < 1e12)
    yield* Effect.forEach(old, ({ name, written }) => remote.remove(name, written), { concurrency: 16, discard: true })
    yield* Effect.sleep(1)
  }
})

await Effect.runPromise(Effect.scoped(collectOnce))
