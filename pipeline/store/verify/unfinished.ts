import { Effect } from "effect"
import { isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { Disk } from "../disk.ts"
import type { Folder } from "../layout.ts"
import { damagedLines, soFarFile } from "../so-far.ts"
import { isStateFile, stateIn } from "../unfinished.ts"
import type { Ledger } from "./ledger.ts"
import { digestInPieces } from "./objects.ts"
import { orUnreadable } from "./unreadable.ts"
import { entriesIn, type Entry, notFile } from "./walk.ts"

/** Checks what executions saved that did not finish: each state against the digest of its text, each file against its name. */
export const checkUnfinished = Effect.fnUntraced(function*(
  unfinished: Folder,
  ledger: Ledger,
  advanced: (bytes: number) => Effect.Effect<void>,
): Effect.fn.Return<void, StoreError, Disk> {
  const kind = "unfinished work"
  for (const folder of yield* entriesIn(unfinished.folder, kind, ledger)) {
    if (!isDigest(folder.file) || folder.stat.kind !== "folder") {
      ledger.find("foreign", kind, folder.path, "is no folder of a key")
      continue
    }
    for (const entry of yield* entriesIn(folder.path, kind, ledger)) {
      const problem = yield* problemWith(folder.file, entry, advanced)
      if (problem === "gone") continue
      ledger.count(kind, entry.stat.size)
      if (typeof problem === "object") ledger.find("unreadable", kind, entry.path, problem.problem)
      else if (problem === "foreign") ledger.find("foreign", kind, entry.path, "is nothing that an execution saves")
      else if (problem !== undefined) ledger.find("damaged", kind, entry.path, problem, entry.stat)
    }
  }
})

const problemWith = Effect.fnUntraced(function*(
  key: string,
  entry: Entry,
  advanced: (bytes: number) => Effect.Effect<void>,
) {
  const { file, path } = entry
  const isLog = file === soFarFile
  if (notFile(entry) !== undefined || (!isDigest(file) && !isStateFile(file) && !isLog)) return "foreign"
  const disk = yield* Disk
  const looked = isDigest(file)
    ? Effect.map(
      digestInPieces(path, advanced),
      (actual) =>
        actual === undefined ? "gone" : actual === file ? undefined : `holds other bytes: their sha256 is ${actual}`,
    )
    : isLog
    ? Effect.map(disk.readBytes(path), (log) => {
      if (log === undefined) return "gone"
      const [first] = damagedLines(key, log)
      return first === undefined ? undefined : `line ${first} is not what was written`
    })
    : Effect.map(
      disk.read(path),
      (text) => text === undefined ? "gone" : stateIn(text) === undefined ? "is not what was written" : undefined,
    )
  return yield* orUnreadable(looked)
})
