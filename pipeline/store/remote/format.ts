import { Effect, Stream } from "effect"
import { StoreError } from "../../base/errors.ts"
import { names } from "./names.ts"
import { onlyNew, type Remote, remoteError, replacing } from "./remote.ts"

/**
 * The version of what a remote holds, and of its names. Since 2, packs say what of the accepted changes was taken back: who
 * knows only 1 would bring it back with the next merge of packs.
 */
const VERSION = 2

const text = `${JSON.stringify({ redag: VERSION })}\n`

/** No file that says so has more bytes. */
const MOST_FORMAT = 1 << 12

type Readable = Pick<Remote["Service"], "address" | "read">

/** Fails where a remote is of a later version; whether it says of which. */
export const checkFormat = (service: Readable) => Effect.map(formatOf(service), (found) => found !== undefined)

/** What a remote says of its format; fails where that is a later one. */
const formatOf = Effect.fnUntraced(function*(service: Readable) {
  const found = yield* service.read(names.format, MOST_FORMAT)
  if (found === undefined) return undefined
  const version = versionIn(found.bytes.toString())
  if (version !== undefined && version <= VERSION) return { version, read: found.version }
  return yield* new StoreError({
    path: `${service.address}/${names.format}`,
    message: version === undefined
      ? "is no file that redag wrote there"
      : `is of format ${version}, and this version of redag knows formats up to ${VERSION}`,
    help: version === undefined
      ? "see that AWS_ENDPOINT_URL and the proxy lead to the server that is meant; or name another prefix or folder"
      : "use the version of redag that wrote it, or a later one",
  })
})

/**
 * Fails where a remote that was written to shows nothing of itself: a drive that is not mounted now looks like an empty
 * folder. Asked before somebody believes that something is not there.
 */
export const checkPresence = Effect.fnUntraced(function*(service: Readable): Effect.fn.Return<void, StoreError> {
  if (yield* checkFormat(service)) return
  return yield* Effect.fail(
    remoteError(
      service.address,
      names.format,
      "missing",
      "is not there, as if the remote were empty",
      "mount or connect it, then run again; where it was emptied, dag push fills it with what is here",
    ),
  )
})

/**
 * Says of which version a remote is, in an empty one and in one of an earlier version, before something is written there.
 * Fails where it is a store, which has a life of its own.
 */
export const ensureFormat = Effect.fnUntraced(function*(service: Remote["Service"]) {
  const found = yield* formatOf(service)
  if (found?.version === VERSION) return
  if (found === undefined) yield* refuseStore(service)
  const condition = found === undefined ? onlyNew : replacing(found.read)
  // Somebody else was first, maybe with a later version.
  if ((yield* service.write(names.format, Buffer.from(text), condition)) === undefined) yield* formatOf(service)
})

/** Fails where something is not known to be a remote: nothing of it may be removed, and nothing said of what it has. */
export const needFormat = Effect.fnUntraced(function*(service: Remote["Service"]) {
  if (!(yield* checkFormat(service))) {
    return yield* new StoreError({
      path: service.address,
      message: `is no remote of redag: it has no ${names.format}`,
      help: "name it as it was named for dag push",
    })
  }
  yield* refuseStore(service)
})

/** Fails where the names are those of a store. */
const refuseStore = Effect.fnUntraced(function*(service: Remote["Service"]) {
  for (const prefix of onlyInStores) {
    if ((yield* Stream.runCollect(Stream.take(service.list(prefix), 1))).length === 0) continue
    return yield* new StoreError({
      path: service.address,
      message: `is the store of a project, with its own ${prefix}`,
      help: "name another folder: a remote is a place beside the stores that share it",
    })
  }
})

/** What every store has that was ever used, and no remote. */
const onlyInStores = ["runs/", "heads/"]

const versionIn = (written: string): number | undefined => {
  try {
    const value: unknown = JSON.parse(written)
    const said = typeof value === "object" && value !== null && "redag" in value ? value.redag : undefined
    return typeof said === "number" ? said : undefined
  } catch {
    return undefined
  }
}
