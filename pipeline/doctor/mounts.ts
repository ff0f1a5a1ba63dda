import { realpathSync } from "node:fs"
import { dirname } from "node:path"

/** File systems that several machines see at once. */
const shared =
  /^(?:nfs\d?|lustre|gpfs|beegfs|ceph|fuse\.(?:ceph|glusterfs|juicefs|sshfs|weka)|glusterfs|panfs|wekafs|pvfs2|orangefs|cifs|smb\d?|afs|9p)$/u

/** Whether machines share what is on a file system of this kind. */
export const isShared = (kind: string): boolean => shared.test(kind)

/** The kind of file system that a folder is on, or would be, by what `/proc/self/mountinfo` lists. */
export const kindOf = (folder: string, mounts: string): string | undefined => {
  const real = realOf(folder)
  let longest = ""
  let kind: string | undefined
  for (const line of mounts.split("\n")) {
    const [before = "", behind = ""] = line.split(" - ")
    const place = (before.split(" ")[4] ?? "").replaceAll(
      /\\(\d{3})/gu,
      (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)),
    )
    const isAround = real === place || real.startsWith(place.endsWith("/") ? place : `${place}/`)
    // Of two mounts at one place the later counts.
    if (place === "" || !isAround || place.length < longest.length) continue
    longest = place
    kind = behind.split(" ")[0]
  }
  return kind
}

/** Where a folder really is, or the nearest one above it that there is. */
const realOf = (folder: string): string => {
  for (let path = folder;; path = dirname(path)) {
    try {
      return realpathSync(path)
    } catch (thrown) {
      if (dirname(path) === path) throw thrown
    }
  }
}
