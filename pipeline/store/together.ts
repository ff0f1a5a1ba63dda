import { dirname } from "node:path"
import { systemCode } from "../base/system.ts"
import type { Calls } from "./calls.ts"
import { inPortions, makeRoom, type Room } from "./portions.ts"
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
  room: Room = makeRoom(),
): Promise<ReadonlyArray<Outcome>> => {
  const failed = new Map<number, Outcome>()
  const taken = new Set<number>()
  const fail = (of: number, path: string, thrown: unknown) => {
    if (!failed.has(of)) failed.set(of, { _tag: "Failed", path, thrown })
  }
  const steps = (movesOf: (bundle: Bundle) => ReadonlyArray<Move>) =>
    bundles.flatMap((bundle, of) => (failed.has(of) ? [] : movesOf(bundle).map((move): Step => ({ ...move, of }))))

  const failStep = ({ of, temporary }: Step, thrown: unknown) => fail(of, temporary, thrown)
  await inPortions(calls, room, steps(({ first, last }) => [...first, last]), {
    open: ({ temporary, bytes }, isAgain) =>
      bytes === undefined || isAgain ? calls.open(temporary, "read") : writeOpen(calls, temporary, bytes),
    // All are written before the first is forced: what is written meanwhile would wait for the disk.
    use: async (opened) => {
      await Promise.all(
        opened.map(({ item, file }) => calls.syncBeside(file).catch((thrown: unknown) => failStep(item, thrown))),
      )
    },
    fail: failStep,
  })
  await inFolders(
    calls,
    room,
    steps(({ first }) => first),
    fail,
    ({ temporary, path }) => calls.rename(temporary, path),
  )
  await inFolders(calls, room, steps(({ last }) => [last]), fail, ({ temporary, path, of }) => {
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

/** Makes the moves folder by folder, and forces each folder to the disk once, and what is above those that it made. */
const inFolders = async (
  calls: Calls,
  room: Room,
  steps: ReadonlyArray<Step>,
  fail: (of: number, path: string, thrown: unknown) => void,
  move: (step: Step) => void,
): Promise<void> => {
  let left = steps
  for (let tries = 1; left.length > 0; tries++) {
    const again: Array<Step> = []
    // Another process may remove an empty folder meanwhile: it is made again.
    const failed = (step: Step, thrown: unknown) =>
      tries < MOST_TRIES && isFolderGone(calls, step, thrown) ? again.push(step) : fail(step.of, step.path, thrown)
    const into: Array<Folder> = []
    const above = new Map<string, Array<Step>>()
    for (const [path, within] of Map.groupBy(left, (step) => dirname(step.path))) {
      try {
        if (makeFolder(calls, path)) above.set(dirname(path), [...above.get(dirname(path)) ?? [], ...within])
        into.push({ path, steps: within, isMovedTo: true })
      } catch (thrown) {
        for (const step of within) failed(step, thrown)
      }
    }
    await inPortions(
      calls,
      room,
      [...into, ...[...above].map(([path, steps]) => ({ path, steps, isMovedTo: false }))],
      {
        // Opened before its files come, so that the folder's removal just after leaves something to force to the disk.
        open: ({ path }) => calls.open(path, "folder"),
        use: async (opened) => {
          const moved = opened.flatMap(({ item: { steps, isMovedTo }, file }) => {
            const within = isMovedTo ? moveAll(steps, move, failed) : steps
            return within.length === 0 ? [] : [{ within, file }]
          })
          await Promise.all(moved.map(({ within, file }) =>
            calls.syncBeside(file).catch((thrown: unknown) => {
              if (!unsyncable(thrown)) { for (const { of, path } of within) fail(of, path, thrown) }
            })
          ))
        },
        fail: ({ steps, isMovedTo }, thrown) => {
          for (const step of steps) {
            if (isMovedTo) failed(step, thrown)
            else fail(step.of, step.path, thrown)
          }
        },
      },
    )
    left = again
  }
}

/** Makes a folder where there is none; whether it did. */
const makeFolder = (calls: Calls, folder: string): boolean => {
  if (calls.stat(folder) !== undefined) return false
  makeFoldersWith(calls, folder)
  return true
}

/** A folder that is to be forced to the disk, for these files, which are to be moved to it or below it. */
interface Folder {
  readonly path: string
  readonly steps: ReadonlyArray<Step>
  readonly isMovedTo: boolean
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
