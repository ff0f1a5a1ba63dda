import { dirname } from "node:path"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"

/** A machine that has a network's file system. */
export interface Machine {
  readonly calls: Calls
  /** How often it answered from memory that something is not there. */
  readonly fromMemory: () => number
}

/**
 * The calls of a machine that remembers which names are not there, until their folder is opened or listed. A folder that
 * is remembered as absent cannot be opened or listed either. `isForgetful` says whether opening a folder is enough: some
 * file systems go on answering from memory for a while.
 */
export const remembering = (isForgetful: () => boolean = () => true): Machine => {
  const absent = new Set<string>()
  let fromMemory = 0
  const stat: Calls["stat"] = (path) => {
    if (absent.has(path)) fromMemory++
    const found = absent.has(path) ? undefined : calls.stat(path)
    if (found === undefined) absent.add(path)
    return found
  }
  const enter = (folder: string): void => {
    if (stat(folder) === undefined) {
      throw Object.assign(new Error(`ENOENT: remembered, ${folder}`), { code: "ENOENT", path: folder })
    }
    for (const path of absent) if (isForgetful() && dirname(path) === folder) absent.delete(path)
  }
  return {
    calls: {
      ...calls,
      stat,
      open: (path, how) => {
        if (how === "folder") enter(path)
        else if (how !== "read") absent.delete(path)
        return calls.open(path, how)
      },
      list: (path) => {
        enter(path)
        return calls.list(path)
      },
      makeFolder: (path) => {
        // The server has said what stands there.
        absent.delete(path)
        calls.makeFolder(path)
      },
      rename: (from, to) => {
        absent.delete(to)
        calls.rename(from, to)
      },
      link: (from, to) => {
        absent.delete(to)
        calls.link(from, to)
      },
      isLocal: () => false,
    },
    fromMemory: () => fromMemory,
  }
}
