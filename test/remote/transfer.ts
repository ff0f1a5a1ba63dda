/**
 * Sends an object of a file to a remote, or brings one into a store, as `dag push` and `dag pull` do; for tests that kill it.
 *
 * Run as `node transfer.ts push ADDRESS FILE DIGEST SIZE KILL` or `node transfer.ts pull ADDRESS STORE DIGEST SIZE KILL`.
 * Prints how many bytes are there, a line a megabyte, and at last the most memory that the process had, in bytes. It kills
 * itself once KILL bytes are there, also with requests on their way: whoever watches it may be too late for that.
 */
import { Effect } from "effect"
import { writeSync } from "node:fs"
import { Digest } from "../../pipeline/base/digest.ts"
import { Disk, layer as realDisk } from "../../pipeline/store/disk.ts"
import { openRemote } from "../../pipeline/store/remote/open.ts"
import { makePartials } from "../../pipeline/store/remote/partials.ts"
import { makeSender } from "../../pipeline/store/remote/send.ts"
import { layer as storeIn, Store } from "../../pipeline/store/store.ts"

const [verb, address = "", path = "", name = "", bytes = "", kill = ""] = process.argv.slice(2)
const ref = { digest: Digest.make(name), size: Number(bytes) }

const say = (text: string): void => {
  // At once: what a process that is killed has still to write is lost.
  writeSync(1, `${text}\n`)
}
const sayMemory = (): void => say(`memory ${process.resourceUsage().maxRSS * 1024}`)

let said = -Infinity
const progress = (there: number): void => {
  const isOver = there >= Number(kill)
  if (there - said >= 1 << 20 || there === ref.size || isOver) {
    said = there
    say(String(there))
  }
  if (!isOver) return
  sayMemory()
  process.kill(process.pid, "SIGKILL")
}

const program = Effect.gen(function*() {
  const disk = yield* Disk
  const remote = yield* openRemote(address)
  if (verb === "push") return yield* makeSender(disk, remote)({ path, ...ref }, progress)
  const { layout, processes, owner } = yield* Store
  return yield* makePartials(disk, layout, processes, owner).fetch(remote, ref, progress)
})

await Effect.runPromise(
  program.pipe(Effect.scoped, Effect.provide(storeIn(verb === "push" ? "" : path)), Effect.provide(realDisk)),
)
sayMemory()
