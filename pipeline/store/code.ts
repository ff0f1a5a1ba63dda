import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { Code } from "../identity/code.ts"
import type { JsonFiles } from "./json.ts"

/** The code that actions were made with, by its digest. */
export interface CodeFiles {
  readonly code: (digest: Digest) => Effect.Effect<Code | undefined, StoreError>
  readonly publishCode: (digest: Digest, code: Code) => Effect.Effect<void, StoreError>
}

/** Code in these files; what is there stays as it is. */
export const makeCode = (files: JsonFiles<Code>): CodeFiles => ({
  code: files.read,
  publishCode: (digest, code) =>
    Effect.flatMap(files.isThere(digest), (isThere) => (isThere ? Effect.void : files.publish(digest, code))),
})
