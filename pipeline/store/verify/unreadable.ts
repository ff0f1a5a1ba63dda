import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"

/** The disk does not give the bytes of a file. */
export interface Unreadable {
  readonly _tag: "Unreadable"
  readonly problem: string
}

/** What the system says of the bytes of one file, rather than of the machine, its network or its users. */
const ofOneFile: ReadonlySet<string> = new Set(["EIO", "EREMOTEIO", "EUCLEAN", "EBADMSG"])

/**
 * Takes a failure of the disk under one file for something to say of that file. Any other failure says nothing of what
 * the file holds: too many files are open, or a server does not answer. With it the check ends.
 */
export const orUnreadable = <A, R>(
  read: Effect.Effect<A, StoreError, R>,
): Effect.Effect<A | Unreadable, StoreError, R> =>
  Effect.catchIf(
    read,
    ({ code }) => code !== undefined && ofOneFile.has(code),
    ({ message }) => Effect.succeed<Unreadable>({ _tag: "Unreadable", problem: message }),
  )
