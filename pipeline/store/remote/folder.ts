import { constants } from "node:fs"
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises"
import { join } from "node:path"
import { attemptPromise } from "../../base/attempt.ts"
import { machineHelp, systemCode, systemReason } from "../../base/system.ts"
import { unsyncable } from "../publish.ts"
import { absent } from "./absent.ts"
import { filesRemote } from "./files-remote.ts"
import type { Files, FileStat, OpenFile } from "./files.ts"
import { gone, type Remote, remoteError, type RemoteTrouble } from "./remote.ts"
import { TooLarge, tooLarge } from "./small-files.ts"

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants

const flags = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  new: O_WRONLY | O_CREAT | O_EXCL,
  more: O_RDWR | O_NOFOLLOW,
} as const

/** Files of this machine, or of a file system of the network that is mounted here. */
export const localFiles: Files = {
  stat: async (path) => {
    const stats = await absent(lstat(path), undefined)
    return stats === undefined ? undefined : statOf(stats)
  },
  list: async (folder) => {
    const names = await absent(readdir(folder), [])
    const entries = []
    for (const name of names) {
      const stats = await absent(lstat(join(folder, name)), undefined)
      if (stats !== undefined) entries.push({ name, ...statOf(stats) })
    }
    return entries
  },
  open: async (path, how) => openFile(await open(path, flags[how], 0o666)),
  link: async (from, to) => {
    try {
      await link(from, to)
      return true
    } catch (thrown) {
      if (systemCode(thrown) !== "EEXIST") throw thrown
      // On NFS the answer to a call that succeeded may be lost: the name is then taken by this very file.
      const [one, other] = [await lstat(from), await absent(lstat(to), undefined)]
      return other !== undefined && one.ino === other.ino && one.dev === other.dev
    }
  },
  rename,
  unlink: (path) => absent(unlink(path).then(() => true), false),
  makeFolder: async (folder) => {
    try {
      await mkdir(folder)
      return true
    } catch (thrown) {
      if (systemCode(thrown) !== "EEXIST") throw thrown
      return false
    }
  },
  syncFolder: async (folder) => {
    const opened = await open(folder, O_RDONLY)
    try {
      await opened.sync()
    } catch (thrown) {
      if (!unsyncable(thrown)) throw thrown
    } finally {
      await opened.close()
    }
  },
}

const statOf = (stats: Awaited<ReturnType<typeof lstat>>): FileStat => ({
  kind: stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other",
  size: Number(stats.size),
  mtime: Number(stats.mtimeMs),
})

const openFile = (file: FileHandle): OpenFile => ({
  read: async (into, position) => (await file.read(into, 0, into.length, position)).bytesRead,
  write: async (bytes, position) => {
    for (let at = 0; at < bytes.length;) {
      at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
    }
  },
  sync: () => file.sync(),
  close: () => file.close(),
})

/** A folder as a remote. */
export const folderRemote = (root: string): Remote["Service"] =>
  filesRemote({
    address: root,
    root,
    use: (name, verb, call) =>
      attemptPromise(() => call(localFiles, 1), (thrown) => {
        if (thrown instanceof TooLarge) return tooLarge(root, name, thrown)
        const [code = "", reason] = [systemCode(thrown), systemReason(thrown)]
        if (code === "ENOENT" && verb === "read") return gone(root, name)
        return reason === undefined ? undefined : remoteError(
          root,
          name,
          troubles[code] ?? "failed",
          `cannot be ${verb}: ${reason}`,
          machineHelp(thrown) ?? "see that the folder is there, and that you may read and write in it; then run again",
        )
      }),
  })

const troubles: Readonly<Record<string, RemoteTrouble>> = {
  EACCES: "refused",
  EPERM: "refused",
  EROFS: "refused",
  ENOENT: "missing",
  ENOSPC: "full",
  EDQUOT: "full",
}
