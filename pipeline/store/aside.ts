import { Effect } from "effect"
import type { StoreError } from "../base/errors.ts"
import { Disk } from "./disk.ts"

/**
 * Moves a file or folder of the store elsewhere, if it is still the version that was looked at; whether it did.
 *
 * It is looked at once more under its new name, where nobody else finds it: one that was written or touched at the last
 * moment goes back.
 */
export const takeAside = Effect.fnUntraced(function*(
  from: string,
  to: string,
  version: string,
): Effect.fn.Return<boolean, StoreError, Disk> {
  const disk = yield* Disk
  if ((yield* disk.stat(from))?.version !== version) return false
  if (!(yield* disk.rename(from, to))) return false
  const taken = yield* disk.stat(to)
  if (taken === undefined || isSame(taken.version, version)) return true
  // What was written there meanwhile is newer, and stays.
  if ((yield* disk.stat(from)) === undefined) yield* disk.rename(to, from)
  return false
})

/** Whether two versions are of the same bytes that nobody touched: a move changes the last part alone. */
const isSame = (one: string, other: string): boolean => withoutMove(one) === withoutMove(other)

const withoutMove = (version: string): string => version.slice(0, version.lastIndexOf(":"))
