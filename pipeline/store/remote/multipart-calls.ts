import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"

/** An upload that a server keeps parts of. */
export interface Upload {
  readonly id: string
  readonly name: string
  /** When it began, in milliseconds on the server's clock. */
  readonly began: number
}

/** A part that a server has. */
export interface Part {
  readonly number: number
  /** Without its quotes. */
  readonly etag: string
  readonly size: number
  /** When it was written, in milliseconds on the server's clock; undefined of one that was just sent. */
  readonly written?: number
}

/** The calls of S3 for files in parts, each tried again where that may help. Undefined: the server knows no such upload. */
export interface Multiparts {
  /** All uploads whose names begin so. */
  readonly uploads: (prefix: string) => Effect.Effect<ReadonlyArray<Upload>, StoreError>
  readonly parts: (upload: Upload) => Effect.Effect<ReadonlyArray<Part> | undefined, StoreError>
  readonly create: (name: string) => Effect.Effect<Upload, StoreError>
  /** Gives the part's ETag. */
  readonly put: (
    upload: Upload,
    number: number,
    bytes: Uint8Array<ArrayBuffer>,
    md5: string,
  ) => Effect.Effect<string | undefined, StoreError>
  /** Gives the object's ETag. */
  readonly complete: (upload: Upload, parts: ReadonlyArray<Part>) => Effect.Effect<string | undefined, StoreError>
  readonly abort: (upload: Upload) => Effect.Effect<void, StoreError>
  /** The size of the object of a name. */
  readonly size: (name: string) => Effect.Effect<number | undefined, StoreError>
  /** The server's clock, in milliseconds. */
  readonly now: Effect.Effect<number, StoreError>
  readonly failed: (name: string, problem: string) => Effect.Effect<never, StoreError>
}
