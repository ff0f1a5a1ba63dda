import { dirname } from "node:path"
import { systemCode } from "../base/system.ts"
import type { Calls } from "./calls.ts"
import { linkNew, unsyncable } from "./publish.ts"
import { makeFoldersWith, removeAll, writeAll } from "./writing.ts"

/** A finished temporary file, and the name that it is to have for good. */
export interface Move {
  readonly temporary: string
  readonly path: string
  /** What it is to hold, where it is not written yet. */
  readonly bytes?: Uint8Array
}

/** The files of one action: `first` have their names on the disk before `last` has its own, where that is free. */
export interface Bundle {
  readonly first: ReadonlyArray<Move>
  readonly last: Move
}

/** What became of a bundle: whether the last name was free; or what the system found wrong, and with which file. */
export type Outcome =
  | { readonly _tag: "Named"; readonly isNew: boolean }
  | { readonly _tag: "Failed"; readonly path: string; readonly thrown: unknown }

/** So many files are open at a time at most: a system allows a process a thousand or more, which threads share. */
const MOST_OPEN = 256

/** A move of the bundle of this number. */
interface Step extends Move {
  readonly of: number
}

/**
 * Gives the files of many actions their names for good. In three steps, each of which ends on the disk before the next
 * one begins: the bytes of all files; the names of all `first` files; the names of all `last` files, in one folder.
 *
 * A crash leaves a bundle without its last name, or with all of its names and bytes. What goes wrong with one bundle is
 * no matter of the others, unless it is a folder that they share.
 */
export const publishTogether = async (
  calls: Calls,
  bundles: ReadonlyArray<Bundle>,
): Promise<ReadonlyArray<Outcome>> => {
  const failed = new Map<number, Outcome>()
  const taken = new Set<number>()
  const fail = (of: number, path: string, thrown: unknown) => {
    if (!failed.has(of)) failed.set(of, { _tag: "Failed", path, thrown })
  }
  const steps = (movesOf: (bundle: Bundle) => ReadonlyArray<Move>) =>
    bundles.flatMap((bundle, of) => (failed.has(of) ? [] : movesOf(bundle).map((move): Step => ({ ...move, of }))))

  const files = steps(({ first, last }) => [...first, last])
  for (let at = 0; at < files.length; at += MOST_OPEN) {
    // These are written before the first is forced: what is written meanwhile would wait for the disk.
    const written = files.slice(at, at + MOST_OPEN).flatMap((step) => {
      try {
        return [{ ...step, file: step.bytes === undefined ? undefined : writeOpen(calls, step.temporary, step.bytes) }]
      } catch (thrown) {
        fail(step.of, step.temporary, thrown)
        return []
      }
    })
    await Promise.all(written.map(async ({ of, temporary, file }) => {
      try {
        await forceFile(calls, temporary, file)
      } catch (thrown) {
        fail(of, temporary, thrown)
      }
    }))
  }
  await inFolders(calls, steps(({ first }) => first), fail, ({ temporary, path }) => calls.rename(temporary, path))
  await inFolders(calls, steps(({ last }) => [last]), fail, ({ temporary, path, of }) => {
    if (!linkNew(calls, temporary, path)) taken.add(of)
  })
  for (const { of, temporary } of steps(({ last }) => [last])) {
    try {
      removeAll(calls, temporary)
    } catch (thrown) {
      fail(of, temporary, thrown)
    }
  }
  return bundles.map((_, of) => failed.get(of) ?? { _tag: "Named", isNew: !taken.has(of) })
}

/** Writes a new file, which stays open. Another process may have removed the folder of one that it took for dead. */
const writeOpen = (calls: Calls, path: string, bytes: Uint8Array): number => {
  const file = openNew(calls, path)
  try {
    writeAll(calls, file, bytes)
    return file
  } catch (thrown) {
    calls.close(file)
    throw thrown
  }
}

const openNew = (calls: Calls, path: string): number => {
  try {
    return calls.open(path, "new")
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw thrown
    makeFoldersWith(calls, dirname(path))
    return calls.open(path, "new")
  }
}

/** Forces the bytes of a file to the disk, and closes it. */
const forceFile = async (calls: Calls, path: string, opened: number | undefined): Promise<void> => {
  const file = opened ?? calls.open(path, "read")
  try {
    await calls.syncBeside(file)
  } finally {
    calls.close(file)
  }
}

/** Makes the moves folder by folder, and forces each folder to the disk once, and what is above those that it made. */
const inFolders = async (
  calls: Calls,
  steps: ReadonlyArray<Step>,
  fail: (of: number, path: string, thrown: unknown) => void,
  move: (step: Step) => void,
): Promise<void> => {
  let left = steps
  for (let tries = 1; left.length > 0; tries++) {
    const again: Array<Step> = []
    const moved: Array<Moved> = []
    const above = new Map<string, Array<Step>>()
    for (const [folder, within] of Map.groupBy(left, ({ path }) => dirname(path))) {
      // Another process may remove an empty folder meanwhile: it is made again.
      const failed = (step: Step, thrown: unknown) =>
        tries < MOST_TRIES && isFolderGone(calls, step, thrown) ? again.push(step) : fail(step.of, step.path, thrown)
      try {
        if (makeRoom(calls, folder)) above.set(dirname(folder), [...above.get(dirname(folder)) ?? [], ...within])
        // Opened before, so that the folder's removal just after leaves something to force to the disk.
        moved.push({ folder: calls.open(folder, "folder"), steps: moveAll(within, move, failed) })
      } catch (thrown) {
        for (const step of within) failed(step, thrown)
      }
    }
    const forced = (within: ReadonlyArray<Step>, forcing: Promise<void>) =>
      forcing.catch((thrown: unknown) => {
        for (const { of, path } of within) fail(of, path, thrown)
      })
    await Promise.all([
      ...moved.map(({ folder, steps: within }) => forced(within, forceOpen(calls, within.length > 0, folder))),
      ...[...above].map(([folder, within]) => forced(within, forceFolder(calls, folder))),
    ])
    left = again
  }
}

/** Makes a folder where there is none; whether it did. */
const makeRoom = (calls: Calls, folder: string): boolean => {
  if (calls.stat(folder) !== undefined) return false
  makeFoldersWith(calls, folder)
  return true
}

/** What was moved to an open folder. */
interface Moved {
  readonly folder: number
  readonly steps: ReadonlyArray<Step>
}

/** Makes moves, and gives those that were made. */
const moveAll = (
  steps: ReadonlyArray<Step>,
  move: (step: Step) => void,
  failed: (step: Step, thrown: unknown) => void,
): ReadonlyArray<Step> =>
  steps.filter((step) => {
    try {
      move(step)
      return true
    } catch (thrown) {
      failed(step, thrown)
      return false
    }
  })

const MOST_TRIES = 5

const isFolderGone = (calls: Calls, { temporary }: Move, thrown: unknown): boolean => {
  if (systemCode(thrown) !== "ENOENT") return false
  try {
    return calls.stat(temporary) !== undefined
  } catch {
    return false
  }
}

const forceFolder = async (calls: Calls, folder: string): Promise<void> =>
  forceOpen(calls, true, calls.open(folder, "folder"))

/** Forces an open folder to the disk where that is asked for, and closes it. */
const forceOpen = async (calls: Calls, isWanted: boolean, folder: number): Promise<void> => {
  try {
    if (isWanted) await calls.syncBeside(folder)
  } catch (thrown) {
    if (!unsyncable(thrown)) throw thrown
  } finally {
    calls.close(folder)
  }
}
