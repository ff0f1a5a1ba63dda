import { Effect } from "effect"
import { Blobs, type Table } from "redag"
import type { CheckpointFile } from "../../../schemas/checkpoints.ts"

/** The files of a checkpoint by name, as paths of bytes that are found whole. */
export const checkpointPaths = Effect.fnUntraced(function*(checkpoint: Table<CheckpointFile>) {
  const blobs = yield* Blobs
  const rows = yield* checkpoint.rows
  const paths = yield* Effect.forEach(
    rows,
    ({ name, blob }) => Effect.map(blobs.path(blob), (path): readonly [string, string] => [name, path]),
  )
  return new Map(paths)
})
