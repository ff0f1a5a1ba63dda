import { Effect, Stream } from "effect"
import { attempt } from "../../base/attempt.ts"
import { digester } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { calls as system } from "../calls.ts"
import { storeError } from "../file-errors.ts"
import { sourceOf } from "../reading.ts"
import { absentHere, damagedHere } from "./large.ts"
import type { Multiparts } from "./multipart-calls.ts"
import { uploadInParts } from "./multipart.ts"
import { type LargeFile, type Remote, remoteError } from "./remote.ts"

/**
 * Uploads a large file to S3 in parts. Where the server does not prove by its ETags that it has the bytes that were
 * sent, they are read back; what is wrong is removed.
 */
export const uploadLarge = Effect.fnUntraced(function*(
  calls: Multiparts,
  remote: Pick<Remote["Service"], "address" | "readFrom" | "remove">,
  name: string,
  file: LargeFile,
  progress: (sent: number) => void,
): Effect.fn.Return<void, StoreError> {
  const source = yield* attempt(() => sourceOf(system, file.path), (thrown) => storeError(file.path, "read", thrown))
  if (source === undefined) return yield* absentHere(file)
  const { proved } = yield* Effect.ensuring(
    source.size === file.size ? uploadInParts(calls, name, file, source, progress) : damagedHere(file),
    Effect.sync(source.close),
  )
  if (proved || (yield* hasContent(remote, name, file))) return
  yield* remote.remove(name)
  return yield* Effect.fail(
    remoteError(
      remote.address,
      name,
      "damaged",
      "has other bytes than were sent, and was removed",
      "run again; where it happens again, the server damages what it is sent",
    ),
  )
})

const hasContent = Effect.fnUntraced(function*(
  remote: Pick<Remote["Service"], "readFrom">,
  name: string,
  { digest }: LargeFile,
) {
  const sha256 = digester()
  yield* Stream.runForEach(remote.readFrom(name, 0), (bytes) => Effect.sync(() => sha256.update(bytes)))
  return sha256.digest() === digest
})
