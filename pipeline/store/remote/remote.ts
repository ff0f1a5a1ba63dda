import { Context, type Effect, type Stream } from "effect"
import type { Digest } from "../../base/digest.ts"
import { StoreError } from "../../base/errors.ts"

/**
 * A place outside this machine that keeps bytes under names: a bucket of S3, a folder, a folder behind SSH.
 *
 * A name is like a path: parts of letters, digits and `._%-` with `/` between; see names.ts. What fails for a moment is
 * tried again inside. A failure is a StoreError whose path is the address with the name, and never holds a secret.
 */
export class Remote extends Context.Service<Remote, {
  /** The address for people. It holds no secret. */
  readonly address: string
  /** Whether conditional writes hold here, found out by a probe before the first of them. See {@link Condition}. */
  readonly conditions: Effect.Effect<"kept" | "ignored", StoreError>
  /** What stands at a name; undefined where nothing does. Fails where it has more than `most` bytes. */
  readonly read: (name: string, most: number) => Effect.Effect<Found | undefined, StoreError>
  /**
   * The bytes of something large from an offset on. A connection that drops is opened again where it stopped.
   *
   * Fails where nothing is there. Nothing is verified: who reads takes the digest.
   */
  readonly readFrom: (name: string, offset: number) => Stream.Stream<Uint8Array, StoreError>
  /** How many bytes stand at a name; undefined where nothing does. */
  readonly size: (name: string) => Effect.Effect<number | undefined, StoreError>
  /**
   * Makes what stands at a name as young as if it were written now, where this user may and the server can; gives its size,
   * undefined where nothing stands there.
   */
  readonly renew: (name: string) => Effect.Effect<number | undefined, StoreError>
  /**
   * Writes something small, whole or not at all.
   *
   * Gives the version that it has then, or undefined where the condition did not hold and nothing was written.
   */
  readonly write: (
    name: string,
    bytes: Uint8Array,
    condition: Condition,
  ) => Effect.Effect<string | undefined, StoreError>
  /** Writes a large file whole or not at all, and goes on where an earlier upload of the same content stopped. */
  readonly upload: (
    name: string,
    file: LargeFile,
    progress: (sent: number) => void,
  ) => Effect.Effect<void, StoreError>
  /** What stands under names that begin with a prefix, in the order of the names' bytes, behind `after`. */
  readonly list: (prefix: string, after?: string) => Stream.Stream<Entry, StoreError>
  /**
   * Removes what stands at a name, and where `written` is given, only what was last written then, in milliseconds on the
   * clock of the remote: whoever makes it young at the same moment keeps it. Whether it was removed.
   *
   * Files are looked at under another name, which nobody else writes to. S3 has no such call: what becomes young between
   * the look and the removal, for as long as one request takes, goes.
   */
  readonly remove: (name: string, written?: number) => Effect.Effect<boolean, StoreError>
  /** Removes what given-up writes left behind that is older than this, in milliseconds; how many such there were. */
  readonly tidy: (age: number) => Effect.Effect<number, StoreError>
}>()("redag/Remote") {}

/** Something small as it was read. Equal versions of one name mean equal bytes. */
export interface Found {
  readonly bytes: Buffer
  readonly version: string
}

/** A name in a listing. */
export interface Entry {
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** When it was written, in milliseconds on the clock of the remote. */
  readonly written: number
}

/** A file of this machine that is to be uploaded. */
export interface LargeFile {
  readonly path: string
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
}

/**
 * When a write is to happen: always, where nothing stands at the name, or where this version does.
 *
 * A name that is written by conditions is never written without. Where the remote ignores conditions, they are looked
 * at before the write: of two who write at the same moment, both may then succeed.
 */
export type Condition =
  | { readonly _tag: "Any" }
  | { readonly _tag: "New" }
  | { readonly _tag: "Replaces"; readonly version: string }

export const always: Condition = { _tag: "Any" }
export const onlyNew: Condition = { _tag: "New" }
export const replacing = (version: string): Condition => ({ _tag: "Replaces", version })

/**
 * Why a remote failed: it cannot be reached, refuses this user, lacks what the address names, lacks what stood at a
 * name, has no room, answers with other bytes than were written, or anything else.
 */
export type RemoteTrouble = "unreachable" | "refused" | "missing" | "gone" | "full" | "damaged" | "failed"

/** The failure of a remote. Its code is the trouble. */
export const remoteError = (
  address: string,
  name: string,
  trouble: RemoteTrouble,
  message: string,
  help: string,
): StoreError =>
  new StoreError({
    path: name === "" ? address : `${address.replace(/\/$/u, "")}/${name}`,
    message,
    help,
    code: trouble,
  })

/** The failure of reading a name at which nothing stands. */
export const gone = (address: string, name: string): StoreError =>
  remoteError(address, name, "gone", "is not there", "run again: what made it is executed again")

/** Whether a remote could not be reached, or not be used at all, so that asking it for anything else is of no use. */
export const isOffline = ({ code }: StoreError): boolean =>
  code === "unreachable" || code === "refused" || code === "missing"
