import { Effect } from "effect"
import { attemptPromise } from "../../base/attempt.ts"
import type { InputError } from "../../base/errors.ts"
import type { Address } from "./address.ts"
import type { Remote } from "./remote.ts"
import { s3Settings } from "./s3-settings.ts"
import { s3Remote } from "./s3.ts"

/** Opens a bucket by what the environment says of it. Nothing is asked of the server yet. */
export const openS3 = (address: Extract<Address, { _tag: "S3" }>): Effect.Effect<Remote["Service"], InputError> =>
  Effect.flatMap(attemptPromise(() => s3Settings()), (settings) => s3Remote(address, settings))
