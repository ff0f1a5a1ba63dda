import { dirname } from "node:path"
import { systemCode } from "../base/system.ts"
import type { Calls } from "./calls.ts"
import { absentAs } from "./reading.ts"
import { makeFoldersWith, removeAll } from "./writing.ts"

/** Forces a file to the disk. */
const sync = (calls: Calls, path: string): void => {
  const file = calls.open(path, "read")
  try {
    calls.sync(file)
  } finally {
    calls.close(file)
  }
}

/** Whether a folder cannot be forced to a disk: some file systems of networks keep none in memory, and say so. */
export const unsyncable = (thrown: unknown): boolean =>
  ["EINVAL", "ENOTSUP", "EOPNOTSUPP"].includes(systemCode(thrown) ?? "")

const syncFolder = (calls: Calls, folder: number): void => {
  try {
    calls.sync(folder)
  } catch (thrown) {
    if (!unsyncable(thrown)) throw thrown
  }
}

/** Makes the folder of a path where there is none, and forces its name to the disk. */
const makeRoom = (calls: Calls, folder: string): void => {
  if (calls.stat(folder) !== undefined) return
  makeFoldersWith(calls, folder)
  const above = calls.open(dirname(folder), "folder")
  try {
    syncFolder(calls, above)
  } finally {
    calls.close(above)
  }
}

/** Runs `move` in a folder and forces that to the disk. Where another process removes the folder meanwhile, it is made again. */
const within = <A>(calls: Calls, folder: string, temporary: string, move: () => A): A => {
  for (let tries = 1;; tries++) {
    makeRoom(calls, folder)
    try {
      // Opened before, so that the folder's removal just after leaves something to force to the disk.
      const opened = calls.open(folder, "folder")
      try {
        const moved = move()
        syncFolder(calls, opened)
        return moved
      } finally {
        calls.close(opened)
      }
    } catch (thrown) {
      if (systemCode(thrown) !== "ENOENT" || calls.stat(temporary) === undefined || tries === 5) throw thrown
    }
  }
}

/** Gives a finished file its name for good, in the place of what was there. */
export const publish = (calls: Calls, temporary: string, path: string): void => {
  sync(calls, temporary)
  within(calls, dirname(path), temporary, () => calls.rename(temporary, path))
}

/** Gives a finished file its name for good where that is not taken; whether it was free. */
export const publishNew = (calls: Calls, temporary: string, path: string): boolean => {
  sync(calls, temporary)
  const isNew = within(calls, dirname(path), temporary, () => linkNew(calls, temporary, path))
  removeAll(calls, temporary)
  return isNew
}

/** A second name for a file is the one way to take a name only where it is free that networks' file systems know too. */
export const linkNew = (calls: Calls, temporary: string, path: string): boolean => {
  try {
    calls.link(temporary, path)
    return true
  } catch (thrown) {
    const code = systemCode(thrown) ?? ""
    // An answer that was lost on the way is asked for again: the name is then taken by this very file.
    if (code === "EEXIST") return isSame(calls, temporary, path)
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(code)) throw thrown
    // Without second names there is no way to do it at once; leases see to it that two seldom try.
    if (calls.stat(path) !== undefined) return false
    calls.rename(temporary, path)
    return true
  }
}

const isSame = (calls: Calls, one: string, other: string): boolean => {
  const [first, second] = [calls.stat(one), calls.stat(other)]
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev
}

/** Says of a file that it is in use now; whether it was there, and is this process's to use. */
export const touchIfThere = (calls: Calls, path: string): boolean => {
  try {
    return absentAs(() => {
      calls.touch(path)
      return true
    }, false)
  } catch (thrown) {
    // The file of another user can be replaced by one of this user's.
    if (systemCode(thrown) === "EPERM") return false
    throw thrown
  }
}

/** Gives what stands at a path another one; whether it was still there. */
export const renameIfThere = (calls: Calls, from: string, to: string): boolean =>
  absentAs(() => {
    calls.rename(from, to)
    return true
  }, false)
