import { Effect } from "effect"
import { join } from "node:path"
import { attempt } from "../base/attempt.ts"
import type { NodeSnapshot } from "../status/snapshot.ts"
import type { JobPlace } from "../store/batch.ts"
import { Disk, storeError } from "../store/disk.ts"
import { Store } from "../store/store.ts"

/** Where it can be read what the action of a key prints now, or printed before it failed. */
export const logOfKey = Effect.fnUntraced(function*(key: string) {
  const store = yield* Store
  const disk = yield* Disk
  const { folder, nameOf, path } = store.layout.logs
  const names = (yield* disk.list(folder)).flatMap((file) => nameOf(file) ?? [])
  const running = names.find((each) => each.startsWith(`${key}.`))
  if (running !== undefined) return { path: path(running), isRunning: true }
  return names.includes(key) ? { path: path(key), isRunning: false } : undefined
})

/** The file with what a node printed: while it runs, when it failed, or when it was made; undefined where there is none. */
export const logOf = Effect.fnUntraced(function*({ status, record }: NodeSnapshot) {
  const store = yield* Store
  const key = status._tag === "WillRun" ? status.action?.key : undefined
  if (key !== undefined) return (yield* logOfKey(key))?.path
  const log = record?.log ?? null
  if (status._tag !== "Fresh" || log === null) return undefined
  return yield* Effect.orElseSucceed(store.blobPath(log), () => undefined)
})

/** So much of the end of a file is read for its last lines, in bytes. */
const END = 1 << 14

/** The last lines of what a job printed beside its actions, without those that redag prints there; none where it is gone. */
export const lastLinesOf = Effect.fnUntraced(function*({ output }: JobPlace, most = 10) {
  const { layout } = yield* Store
  const disk = yield* Disk
  const path = join(layout.logs.folder, output)
  const text = yield* Effect.acquireUseRelease(
    disk.source(path),
    (source) =>
      attempt(
        () => source === undefined ? undefined : Buffer.from(source.read(Math.max(0, source.size - END), source.size)),
        (thrown) => storeError(path, "read", thrown),
      ),
    (source) => Effect.sync(() => source?.close()),
  ).pipe(Effect.orElseSucceed(() => undefined))
  if (text === undefined) return { path, isThere: false, lines: [] }
  const lines = text.toString("utf8").split("\n").filter((line) => line !== "" && !line.startsWith("redag: job "))
  return { path, isThere: true, lines: lines.slice(-most) }
})

/** What a job printed, as far as somebody wants to see it at once. */
export type LastLines = Effect.Success<ReturnType<typeof lastLinesOf>>
