import { Effect } from "effect"
import { join } from "node:path"
import type { StoreError } from "../../base/errors.ts"
import { Disk, type StatOf } from "../disk.ts"
import type { Folder } from "../layout.ts"
import type { Kind } from "./finding.ts"
import type { Ledger } from "./ledger.ts"

/** Something in a folder of the store. */
export interface Entry {
  readonly file: string
  readonly path: string
  readonly stat: StatOf
}

/** A file whose name is one that the store gives in its folder. */
export interface Named extends Entry {
  /** What the file's name stands for. */
  readonly name: string
}

/** What stands in a folder, without what goes away meanwhile. A folder that is none, or cannot be read, is a finding. */
export const entriesIn = Effect.fnUntraced(function*(
  folder: string,
  kind: Kind,
  ledger: Ledger,
): Effect.fn.Return<ReadonlyArray<Entry>, StoreError, Disk> {
  const disk = yield* Disk
  const found = yield* disk.stat(folder)
  if (found === undefined) return []
  if (found.kind !== "folder") {
    ledger.find("foreign", kind, folder, `is ${wordsFor[found.kind]} where the store has a folder`)
    return []
  }
  const entries: Array<Entry> = []
  for (const file of yield* disk.list(folder)) {
    const path = join(folder, file)
    const stat = yield* disk.stat(path)
    if (stat !== undefined) entries.push({ file, path, stat })
    // A name whose bytes are no text is listed as another one.
    else if (file.includes("\uFFFD")) ledger.find("foreign", kind, path, "has a name that is no text")
  }
  return entries
})

/** The files of a folder whose names the store gives, once `isName` takes them too; all else is foreign, and not opened. */
export const namedFiles = Effect.fnUntraced(function*(
  { folder, nameOf }: Folder,
  kind: Kind,
  ledger: Ledger,
  isName: (name: string) => boolean = () => true,
): Effect.fn.Return<ReadonlyArray<Named>, StoreError, Disk> {
  return (yield* entriesIn(folder, kind, ledger)).flatMap((entry) => {
    const name = nameOf(entry.file)
    const problem = notFile(entry)
      ?? (name === undefined || !isName(name) ? `has a name that no ${kind} of a store has` : undefined)
    if (problem === undefined && name !== undefined) return [{ ...entry, name }]
    ledger.find("foreign", kind, entry.path, problem ?? "")
    return []
  })
})

const wordsFor: Readonly<Record<StatOf["kind"], string>> = {
  file: "a file",
  folder: "a folder",
  link: "a link",
  other: "a FIFO, a socket or a device",
}

/** What is wrong with something that should be a file; undefined for a file. */
export const notFile = ({ stat: { kind } }: Entry): string | undefined =>
  kind === "file" ? undefined : `is ${wordsFor[kind]} where the store has a file`

/** Files that hold less than one byte in so many on the disk are not read: they are holes, and reading them never ends. */
const HOLES = 1000

/** What is wrong with a file that is all but a hole; undefined for any other. */
export const hollow = ({ stat: { size, allocated } }: Entry): string | undefined =>
  size > 4 << 20 && allocated * HOLES < size
    ? `has ${size} bytes, of which the disk holds only ${allocated}`
    : undefined
