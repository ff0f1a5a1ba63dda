import { dirname } from "node:path"
import { systemCode } from "../base/system.ts"
import type { Calls } from "./calls.ts"
import { linkNew, makeRoom, unsyncable } from "./publish.ts"
import { removeAll } from "./writing.ts"

/** A finished temporary file, and the name that it is to have for good. */
export interface Move {
  readonly temporary: string
  readonly path: string
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

  await Promise.all(
    steps(({ first, last }) => [...first, last]).map(async ({ of, temporary }) => {
      try {
        await forceFile(calls, temporary)
      } catch (thrown) {
        fail(of, temporary, thrown)
      }
    }),
  )
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

/** Forces the bytes of a file to the disk. */
const forceFile = async (calls: Calls, path: string): Promise<void> => {
  const file = calls.open(path, "read")
  try {
    await calls.syncBeside(file)
  } finally {
    calls.close(file)
  }
}

/** Makes the moves folder by folder, and forces each folder to the disk once. */
const inFolders = async (
  calls: Calls,
  steps: ReadonlyArray<Step>,
  fail: (of: number, path: string, thrown: unknown) => void,
  move: (step: Step) => void,
): Promise<void> => {
  const folders = Map.groupBy(steps, ({ path }) => dirname(path))
  await Promise.all([...folders].map(async ([folder, within]) => {
    let left: ReadonlyArray<Step> = within
    for (let tries = 1; left.length > 0; tries++) {
      const again: Array<Step> = []
      const moved: Array<Step> = []
      try {
        makeRoom(calls, folder)
        // Opened before, so that the folder's removal just after leaves something to force to the disk.
        const opened = calls.open(folder, "folder")
        try {
          for (const step of left) {
            try {
              move(step)
              moved.push(step)
            } catch (thrown) {
              // Another process may remove an empty folder meanwhile: it is made again.
              if (tries < MOST_TRIES && isFolderGone(calls, step, thrown)) again.push(step)
              else fail(step.of, step.path, thrown)
            }
          }
          if (moved.length > 0) await forceFolder(calls, opened)
        } finally {
          calls.close(opened)
        }
      } catch (thrown) {
        const isGone = left.every((step) => !moved.includes(step) && isFolderGone(calls, step, thrown))
        if (tries < MOST_TRIES && isGone) continue
        for (const { of, path } of left) fail(of, path, thrown)
        return
      }
      left = again
    }
  }))
}

const MOST_TRIES = 5

const isFolderGone = (calls: Calls, { temporary }: Move, thrown: unknown): boolean => {
  if (systemCode(thrown) !== "ENOENT") return false
  try {
    return calls.stat(temporary) !== undefined
  } catch {
    return false
  }
}

const forceFolder = async (calls: Calls, folder: number): Promise<void> => {
  try {
    await calls.syncBeside(folder)
  } catch (thrown) {
    if (!unsyncable(thrown)) throw thrown
  }
}
