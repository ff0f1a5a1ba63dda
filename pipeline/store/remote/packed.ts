import { Effect } from "effect"
import { isDigest } from "../../base/digest.ts"
import { outputsDigest } from "../records.ts"
import { Store } from "../store.ts"
import type { Ledger } from "../verify/ledger.ts"
import type { RemoteInventory } from "./inventory.ts"

/**
 * Compares the records in packs with those in actions/, which are what counts. Who reads a pack believes it: one that says
 * something else was made by somebody who knew what he did, or where the remote ignores conditions.
 */
export const checkPacked = Effect.fnUntraced(function*(
  { packs, records, unsound }: RemoteInventory,
  ledger: Ledger,
): Effect.fn.Return<void, never, Store> {
  const { files } = yield* Store
  const damaged = new Set(unsound)
  for (const { entry: { name: pack }, files: packed } of packs) {
    for (const { kind, name, text } of packed) {
      if (kind !== "record" || !isDigest(name)) continue
      const read = files.records.opened(name, Buffer.from(text))
      if (read._tag !== "Sound") {
        if (read._tag !== "Absent") ledger.find("foreign", "pack", pack, `holds a record that ${read.problem}`)
        continue
      }
      const counts = records.get(name)?.record
      if (counts === undefined) {
        if (damaged.has(name)) continue
        ledger.find("incomplete", "pack", pack, `holds the record of ${read.value.node}, which actions/ has not`)
      } else if (outputsDigest(counts) !== outputsDigest(read.value)) {
        ledger.find(
          "damaged",
          "pack",
          pack,
          `says that ${read.value.node} has other outputs than its record in actions/ says: remove this pack there`,
        )
      }
    }
  }
})
