import { Effect, Stream } from "effect"
import { type Digest, digester } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { Store } from "../store.ts"
import type { Report } from "../verify/finding.ts"
import type { Ledger } from "../verify/ledger.ts"
import type { Held } from "./contents.ts"
import { needFormat } from "./format.ts"
import { checkObjectsOf, inventoryOf, type RemoteInventory, remoteLedger } from "./inventory.ts"
import { names } from "./names.ts"
import { checkPacked } from "./packed.ts"
import type { RemoteStore } from "./remote-store.ts"
import { type Entry, isOffline, type Remote } from "./remote.ts"
import { idOf } from "./take-in.ts"

/** So many objects are read at the same time. */
const AT_ONCE = 8

/**
 * Checks what a remote has, and writes nothing there: each record and pack by what it proves, each object by its name and
 * its size, and where it `readsAll`, by its bytes.
 *
 * What is not as it should be is remembered as not being there, so that a push sends it again.
 */
export const verifyRemote = Effect.fnUntraced(function*(
  remote: RemoteStore,
  readsAll: boolean,
  advanced: (done: number, total: number) => Effect.Effect<void>,
): Effect.fn.Return<Report, StoreError, Store> {
  const service = yield* remote.service
  yield* needFormat(service)
  const ledger = remoteLedger()
  const found = yield* inventoryOf(service, ledger, advanced)
  yield* checkPacked(found, ledger)
  for (const { entry, record } of found.conflicts) {
    ledger.find("note", "conflict", entry.name, `says that ${record.node} made other bytes another time`)
  }
  const lacking = new Set<Digest>(checkObjectsOf(found, ledger))
  if (readsAll) {
    for (const digest of yield* damagedAmong(service, found.objects, ledger, advanced)) lacking.add(digest)
  }
  for (const id of yield* forgottenOf(remote, found)) lacking.add(id)
  yield* remote.contents.note([...lacking].map((id): Held => ({ kind: "gone", id })))
  const packs = new Set<string>(found.packs.map(({ entry }) => entry.name))
  const lost = remote.contents.all("pack").find((id) => !packs.has(names.pack(id)))
  if (lost !== undefined) yield* remote.contents.note([{ kind: "unpacked", id: lost }])
  return ledger.report()
})

/** What is known of a remote that it has no more, or not as it was. */
const forgottenOf = Effect.fnUntraced(function*({ contents }: RemoteStore, found: RemoteInventory) {
  const { files } = yield* Store
  const forgotten = contents.all("object").filter((id) => found.objects.get(id)?.size !== contents.sizeOf(id))
  const records = new Set([...found.records.values()].map(({ record }) => idOf(record)))
  for (const id of contents.all("record")) if (!records.has(id)) forgotten.push(id)
  for (const key of found.unsound) {
    const record = yield* files.records.readIntact(key)
    if (record !== undefined) forgotten.push(idOf(record))
  }
  return forgotten
})

/** Reads objects, and gives those whose bytes are not what their names say. */
const damagedAmong = Effect.fnUntraced(function*(
  service: Remote["Service"],
  objects: ReadonlyMap<Digest, Entry>,
  ledger: Ledger,
  advanced: (done: number, total: number) => Effect.Effect<void>,
) {
  const total = [...objects.values()].reduce((sum, { size }) => sum + size, 0)
  const damaged: Array<Digest> = []
  let done = 0
  yield* Effect.forEach(
    objects,
    Effect.fnUntraced(function*([digest, { name }]) {
      const sha256 = digester()
      const read = yield* Stream.runForEach(service.readFrom(names.object(digest), 0), (bytes) => {
        sha256.update(bytes)
        done += bytes.length
        return advanced(Math.min(done, total), total)
      }).pipe(
        Effect.as("read" as const),
        // One that cannot be read says nothing of the others; a remote that cannot be asked says nothing of any.
        Effect.catch((error) => isOffline(error) ? Effect.fail(error) : Effect.succeed(error)),
      )
      if (read !== "read") return ledger.find("unreadable", "object", name, read.message)
      const actual = sha256.digest()
      if (actual === digest) return
      damaged.push(digest)
      ledger.find("damaged", "object", name, `holds other bytes: their sha256 is ${actual}`)
    }),
    { concurrency: AT_ONCE, discard: true },
  )
  return damaged
})
