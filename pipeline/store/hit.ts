import type { Digest } from "../base/digest.ts"
import type { ActionRecord } from "./record.ts"

/** What the store knows of a key. */
export type Hit =
  | {
    readonly _tag: "Hit"
    readonly record: ActionRecord
    /** Objects that are gone because they were released: whoever needs their bytes has it executed again. */
    readonly released?: ReadonlyArray<Digest>
  }
  | { readonly _tag: "NoRecord" }
  /** The record cannot be used. */
  | { readonly _tag: "Damaged"; readonly problem: string }
  /** An object that the record names is gone, or is not what it should be. */
  | {
    readonly _tag: "Incomplete"
    readonly record: ActionRecord
    readonly digest: Digest
    /** "unlisted": it is gone, and so may be the reason: the list of what was released cannot be used. */
    readonly problem: "gone" | "damaged" | "unlisted"
  }
