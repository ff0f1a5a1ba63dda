import { statfsSync } from "node:fs"
import { dirname } from "node:path"
import { systemCode } from "../base/system.ts"

/**
 * File systems that take the times of files from the kernel of this machine: ext, XFS, Btrfs, tmpfs, overlay, ZFS, F2FS.
 * No other machine changes what is on one behind this one's back, as on a network's.
 */
const local: ReadonlySet<number> = new Set([
  0xEF53,
  0x58465342,
  0x9123683E,
  0x01021994,
  0x794C7630,
  0x2FC12FC1,
  0xF2F52010,
])

/** Whether what stands at a path is on a file system of this machine alone. */
export const isLocal = (path: string): boolean => {
  try {
    return local.has(statfsSync(path).type)
  } catch {
    return false
  }
}

/** By folder, what was found. It may be asked of every folder of a store, which has a few hundred. */
const asked = new Map<string, boolean>()
const MOST_ASKED = 4096

/**
 * Whether a folder is, or would be made, on a file system of this machine alone. It is asked once: nobody puts another
 * file system in the place of a store that is in use. A network that does not answer says nothing, and is asked again.
 */
export const isLocalFolder = (folder: string): boolean => {
  const known = asked.get(folder)
  if (known !== undefined) return known
  const found = typeOf(folder)
  const above = dirname(folder)
  if (found === "unknown" || (found === "absent" && above === folder)) return false
  const is = found === "absent" ? isLocalFolder(above) : local.has(found)
  if (found === "absent" && !asked.has(above)) return is
  if (asked.size >= MOST_ASKED) asked.clear()
  asked.set(folder, is)
  return is
}

/** The type of the file system of a path, unless nothing is there or the system does not say. */
const typeOf = (path: string): number | "absent" | "unknown" => {
  try {
    return statfsSync(path).type
  } catch (thrown) {
    return ["ENOENT", "ENOTDIR"].includes(systemCode(thrown) ?? "") ? "absent" : "unknown"
  }
}

const SECOND = 1_000_000_000n

/**
 * Whether both times of a file were over at a moment on the clock of its file system, all in nanoseconds: then it cannot be
 * written any more without getting another one.
 *
 * Where it changed at a whole second the file system may write no others, as ext3: a write in the same second has the same
 * time. The other time a user can set, so that it says nothing of that.
 */
export const areOver = (mtime: bigint, changed: bigint, moment: bigint): boolean => {
  const last = mtime > changed ? mtime : changed
  const isCoarse = changed % SECOND === 0n
  return last + (isCoarse ? 2n * SECOND : 0n) < moment
}
