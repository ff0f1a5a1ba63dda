import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { dirname } from "node:path"
import { codeOf, onDisk, unique } from "./disk.ts"
import { pause, type Situation } from "./retry.ts"

// Node offers no lock of the operating system. This one is a file that says who holds it and whose time of change
// shows that the holder still lives; nothing breaks where two hold it after all, for what is published is verified first.

const HEARTBEAT = 10_000
const DEAD_AFTER = 120_000
const POLL = 100

/** The locks of this process. */
const held = new Set<string>()

/**
 * Does something while no other process does the same. A lock whose holder lives no more is taken over. Throws
 * `HubError` of kind "disk" or "interrupted".
 */
export const withLock = async <A>(
  path: string,
  situation: Situation,
  waiting: () => void,
  act: () => Promise<A>,
): Promise<A> => {
  const owner = JSON.stringify([hostname(), process.pid, unique()])
  held.add(owner)
  try {
    await onDisk(path, "written", () => acquire(path, owner, situation, waiting))
    const heartbeat = setInterval(() => {
      const now = new Date()
      utimes(path, now, now).catch(() => undefined)
    }, HEARTBEAT)
    heartbeat.unref()
    try {
      return await act()
    } finally {
      clearInterval(heartbeat)
      if (await textOf(path) === owner) await rm(path, { force: true })
    }
  } finally {
    held.delete(owner)
  }
}

const acquire = async (path: string, owner: string, { signal }: Situation, waiting: () => void): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  let waited = false
  while (!await take(path, owner)) {
    const holder = await textOf(path)
    if (holder === undefined || (await isLeftOver(path, holder) && await breakLock(path, holder))) continue
    if (!waited) waiting()
    waited = true
    await pause(POLL, signal)
  }
}

const take = async (path: string, owner: string): Promise<boolean> => {
  try {
    await writeFile(path, owner, { flag: "wx" })
    return true
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false
    throw cause
  }
}

const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8")
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined
    throw cause
  }
}

const isLeftOver = async (path: string, holder: string): Promise<boolean> => {
  const [, host, pid] = /^\["([^"]*)",(\d+),"/u.exec(holder) ?? []
  if (host === hostname() && !isAlive(Number(pid), holder)) return true
  try {
    return Date.now() - (await stat(path)).mtimeMs > DEAD_AFTER
  } catch {
    return false
  }
}

const isAlive = (pid: number, holder: string): boolean => {
  // In a container the first process always has the same id, also after a crash.
  if (pid === process.pid) return held.has(holder)
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return codeOf(cause) === "EPERM"
  }
}

/** Removes a lock that is still `holder`'s; another process may have taken it over meanwhile. */
const breakLock = async (path: string, holder: string): Promise<boolean> => {
  const aside = `${path}.${unique()}`
  try {
    await rename(path, aside)
    if (await textOf(aside) !== holder) await link(aside, path)
  } catch {
    // Gone, or taken again: the next look shows.
  }
  await rm(aside, { force: true })
  return true
}
