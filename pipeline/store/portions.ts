import { systemCode } from "../base/system.ts"
import type { Calls } from "./calls.ts"

/** How many files of many may be open at a time. */
export interface Room {
  most: number
}

/** A system allows a process a thousand or more, which threads share; one that allows fewer says so. */
export const makeRoom = (): Room => ({ most: 256 })

/** An item, and the file that is open for it. */
export interface Opened<A> {
  readonly item: A
  readonly file: number
}

/** What is done with the files of many items. */
export interface Portions<A> {
  /** Opens the file of an item; again, where it was closed because the system allows fewer to be open. */
  readonly open: (item: A, isAgain: boolean) => number
  /** What is done with the files of a portion while all of them are open. */
  readonly use: (opened: ReadonlyArray<Opened<A>>) => Promise<void>
  readonly fail: (item: A, thrown: unknown) => void
}

/**
 * Opens the files of many items in portions, and closes each.
 *
 * Where the system allows fewer open files than there is room for, half of those that it allows are left to others from
 * then on.
 */
export const inPortions = async <A>(
  calls: Calls,
  room: Room,
  items: ReadonlyArray<A>,
  { open, use, fail }: Portions<A>,
): Promise<void> => {
  const close = ({ item, file }: Opened<A>): void => {
    try {
      calls.close(file)
    } catch (thrown) {
      fail(item, thrown)
    }
  }
  let left = items.map((item) => ({ item, isAgain: false }))
  while (left.length > 0) {
    const opened: Array<Opened<A>> = []
    const closed: Array<Opened<A>> = []
    let tried = 0
    for (const { item, isAgain } of left.slice(0, room.most)) {
      try {
        opened.push({ item, file: open(item, isAgain) })
      } catch (thrown) {
        if (isAtLimit(thrown) && opened.length > 0) {
          room.most = Math.ceil(opened.length / 2)
          closed.push(...opened.splice(room.most))
          break
        }
        fail(item, thrown)
      }
      tried++
    }
    for (const each of closed) close(each)
    left = [...closed.map(({ item }) => ({ item, isAgain: true })), ...left.slice(tried)]
    await use(opened)
    for (const each of opened) close(each)
  }
}

const isAtLimit = (thrown: unknown): boolean => ["EMFILE", "ENFILE"].includes(systemCode(thrown) ?? "")
