/**
 * redag's side of bench/remote.ts: brings all objects of a store to a remote, or from there, as `dag push` and `dag pull`
 * do. Run as `node remote.ts push|pull ADDRESS STORE LIST`; LIST is a file with a digest and a size a line.
 */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { Digest } from "../../pipeline/base/digest.ts"
import { Disk, layer as realDisk } from "../../pipeline/store/disk.ts"
import { makeSender } from "../../pipeline/store/remote/send.ts"
import { layer as storeIn, Store } from "../../pipeline/store/store.ts"

const [verb, address = "", folder = "", list = ""] = process.argv.slice(2)

const refs = readFileSync(list, "utf8").trim().split("\n").map((line) => {
  const [digest = "", size] = line.split(" ")
  return { digest: Digest.make(digest), size: Number(size) }
})

const program = Effect.gen(function*() {
  const store = yield* Store
  const { remote } = store
  if (remote === undefined) return yield* Effect.die("there is no remote")
  if (verb === "push") {
    const send = makeSender(yield* Disk, yield* remote.service)
    return yield* Effect.forEach(refs, (ref) => send({ ...ref, path: store.objectPath(ref.digest) }), {
      concurrency: "unbounded",
      discard: true,
    })
  }
  yield* remote.contents.note(refs.map(({ digest, size }) => ({ kind: "object", id: digest, size })))
  return yield* Effect.forEach(refs, (ref) => store.blobPath(ref), { concurrency: 256, discard: true })
})

await Effect.runPromise(
  program.pipe(Effect.scoped, Effect.provide(storeIn(folder, undefined, address)), Effect.provide(realDisk)),
)
