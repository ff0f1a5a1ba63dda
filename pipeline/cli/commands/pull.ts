import { Effect } from "effect"
import { Command } from "effect/cli"
import type { BlobRef } from "../../base/blob-ref.ts"
import { bytes, counted, some } from "../../base/text.ts"
import { snapshotOf } from "../../status/snapshot.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import { bringing } from "../bringing.ts"
import { exitCodes } from "../exit-codes.ts"
import { graphOf } from "../project.ts"
import { neededRemote } from "../remote.ts"
import { selected } from "../selecting.ts"
import { makeMeter } from "../text/meter.ts"
import { print, printJson, printNote } from "../text/output.ts"

/** So many objects are asked for at the same time: those that come together are forced to the disk together. */
const AT_ONCE = 256

/** An object that is to come; where what a node printed is gone, nothing is incomplete for it. */
interface Wanted {
  readonly ref: BlobRef
  readonly node: string
  readonly isLog: boolean
}

const sizeOf = (all: ReadonlyArray<{ readonly ref: BlobRef }>): number =>
  all.reduce((sum, { ref }) => sum + ref.size, 0)

/** `dag pull`: brings what nodes made from the remote. */
export const pull = Command.make(
  "pull",
  bringing("Nodes whose tables, blobs and logs are to be here; every node if left out"),
  ({ selectors, exclude, profile, json }) =>
    Effect.gen(function*() {
      const remote = yield* neededRemote
      const { needFormat } = yield* Effect.promise(() => import("../../store/remote/format.ts"))
      yield* needFormat(yield* remote.service)
      const store = yield* Store
      const disk = yield* Disk
      const { part, chosen } = yield* selected(yield* graphOf(profile), { include: selectors, exclude })
      const { nodes } = yield* snapshotOf(part)
      const wanted = new Map<string, Wanted>()
      let notFresh = 0
      for (const name of chosen) {
        const status = nodes.get(name)?.status
        if (status?._tag !== "Fresh") {
          notFresh++
          continue
        }
        const { outputs, blobs, log } = status.record
        const released = new Set<string>(status.released)
        if (log !== null && remote.has(log.digest)) wanted.set(log.digest, { ref: log, node: name, isLog: true })
        for (const ref of [...Object.values(outputs), ...blobs]) {
          if (!released.has(ref.digest)) wanted.set(ref.digest, { ref, node: name, isLog: false })
        }
      }
      const lacking: Array<Wanted> = []
      for (const each of wanted.values()) {
        if ((yield* disk.size(store.objectPath(each.ref.digest))) !== each.ref.size) lacking.push(each)
      }
      const all = sizeOf(lacking)
      const meter = makeMeter("pulled")
      let here = 0
      remote.hear((bytes) => {
        here += bytes
        meter.advancedNow(here, all)
      })
      const bad = new Set<string>()
      const pulled = yield* Effect.forEach(lacking, (each) =>
        store.blobPath(each.ref).pipe(
          Effect.as([each]),
          // One that is gone or damaged there says nothing of the others.
          Effect.catchIf(({ damaged }) => damaged === each.ref.digest, () => {
            if (!each.isLog) bad.add(each.node)
            return Effect.succeed([])
          }),
        ), { concurrency: AT_ONCE }).pipe(Effect.ensuring(meter.close))
      const came = pulled.flat()
      const size = sizeOf(came)
      if (bad.size > 0) process.exitCode = exitCodes.failed
      if (json) {
        return yield* printJson({
          remote: remote.address,
          objects: came.length,
          bytes: size,
          notFresh,
          incomplete: [...bad],
        })
      }
      yield* print(`Pulled ${counted(came.length, "object")} (${bytes(size)}) from ${remote.address}.`)
      if (bad.size > 0) {
        yield* printNote(
          `something of ${
            some([...bad])
          } is gone from the remote, or damaged there: run it again, or push it from where it is`,
        )
      }
      if (notFresh > 0) {
        yield* printNote(
          `${counted(notFresh, "node")} not up to date, here or in the remote: run them, or push them there`,
        )
      }
    }),
).pipe(
  Command.withDescription(
    "Bring the tables, blobs and logs of nodes from the remote; other commands read what they need. Exit code 0: done, 1: something is gone or damaged there",
  ),
)
