import type { Effect } from "effect"
import { copyFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { attempt } from "../base/attempt.ts"
import type { InputError } from "../base/errors.ts"
import { pathError } from "../base/system.ts"
import { bytes } from "../base/text.ts"
import { makeFolders } from "../store/disk.ts"

/** What a file is to hold: this content, or that of another file. */
export type Wanted = { readonly content: string | Uint8Array } | { readonly copyOf: string }

/** A file that was written for the user. */
export interface Delivered {
  readonly file: string
  readonly size: number
}

/** Writes a file that the user asked for, whole or not at all, in the place of what was there. */
export const deliver = (file: string, wanted: Wanted): Effect.Effect<Delivered, InputError> =>
  attempt(
    () => {
      makeFolders(dirname(file))
      // Of this process alone: two may write the same file at once.
      const temporary = `${file}.${process.pid}.part`
      try {
        if ("content" in wanted) writeFileSync(temporary, wanted.content)
        else copyFileSync(wanted.copyOf, temporary)
        const { size } = statSync(temporary)
        renameSync(temporary, file)
        return { file, size }
      } catch (cause) {
        rmSync(temporary, { force: true })
        throw cause
      }
    },
    (thrown) => pathError(thrown, file, "written", "name a place that can be made or written to"),
  )

/** A file that was written, with its size, as a row of a table. */
export const deliveredRow = ({ file, size }: Delivered): ReadonlyArray<string> => [file, bytes(size)]
