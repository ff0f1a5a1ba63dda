import { statfsSync } from "node:fs"
import { dirname } from "node:path"

/** Bytes that this user may still write to the disk of a folder, which need not be there yet; undefined where no one knows. */
export const freeBytes = (folder: string): number | undefined => {
  for (let at = folder;; at = dirname(at)) {
    try {
      const { bavail, bsize } = statfsSync(at)
      return bavail * bsize
    } catch {
      if (at === dirname(at)) return undefined
    }
  }
}
