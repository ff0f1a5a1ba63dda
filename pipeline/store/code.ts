import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { type Code, digestOfCode } from "../identity/code.ts"
import type { Claims, JsonFiles, Read } from "./json.ts"

/** The code that actions were made with, by its digest. */
export interface CodeFiles {
  readonly code: (digest: Digest) => Effect.Effect<Code | undefined, StoreError>
  /** What the file of some code holds. */
  readonly lookCode: (digest: Digest) => Effect.Effect<Read<Code>, StoreError>
  /** Writes code where it is not there, or is damaged. */
  readonly publishCode: (digest: Digest, code: () => Code) => Effect.Effect<void, StoreError>
}

/** Code proves by its content that it is what its name says. */
export const codeClaims: Claims<Code> = {
  refuted: (name, code) => (digestOfCode(code) === name ? undefined : "is damaged: it is not the code of its name"),
  help: "run again: a run that uses this code writes it again",
}

/** Code in these files; what is there and sound stays as it is. */
export const makeCode = (files: JsonFiles<Code>): CodeFiles => ({
  code: files.read,
  lookCode: files.look,
  publishCode: (digest, code) =>
    Effect.flatMap(
      files.look(digest),
      (found) => found._tag === "Sound" ? files.touch(digest) : Effect.succeed(false),
    ).pipe(Effect.flatMap((isThere) => (isThere ? Effect.void : files.publish(digest, code())))),
})
