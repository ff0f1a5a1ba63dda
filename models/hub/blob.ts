import { constants } from "node:fs"
import { mkdir, open, rm, stat } from "node:fs/promises"
import { dirname } from "node:path"
import type { RepositoryCache } from "./cache.ts"
import { type Content, isDigest, readContent } from "./digest.ts"
import { onDisk, readingOr } from "./disk.ts"
import { HubError } from "./errors.ts"
import { type Hub, type Reply, request } from "./http.ts"
import { withLock } from "./lock.ts"
import {
  corruptInCache,
  endedEarly,
  later,
  lengthUnstated,
  longerThanAllowed,
  longerThanAllowedHelp,
  otherDigest,
  otherDigestHelp,
  otherRange,
  waitingFor,
  wrongBytes,
} from "./messages.ts"
import { announcedDigest, failure, type RemoteFile } from "./protocol.ts"
import { retrying } from "./retry.ts"

/**
 * Downloads a file into the blobs of the cache, going on where an earlier download was cut, and verifies what lies on
 * the disk in the end. `at` hears how many of its bytes are there. Undefined where the server meanwhile gives the file
 * another digest. Throws `HubError`.
 */
export const fetchBlob = (
  hub: Hub,
  cache: RepositoryCache,
  repository: string,
  file: RemoteFile,
  at: (bytes: number) => void,
): Promise<Content | undefined> => {
  const { name, digest } = file
  const waiting = (): void => hub.note(waitingFor(name, repository))
  return withLock(cache.lock(digest), hub, waiting, async () => {
    const [blob, part] = [cache.blob(digest), cache.part(digest)]
    if (await sizeOf(blob) !== undefined) {
      const content = await readContent(blob, digest, hub.signal, at)
      if (content.genuine) return content
      hub.note(corruptInCache(name, repository))
      await remove(blob)
    }
    for (let round = 0;; round++) {
      if (!await fill(hub, cache, repository, file, at)) {
        await remove(part)
        return undefined
      }
      const content = await readContent(part, digest, hub.signal)
      if (content.genuine) {
        await cache.complete(digest)
        return content
      }
      await remove(part)
      if (round > 0) throw corrupt(repository, name, digest)
      hub.note(wrongBytes(name, repository))
    }
  })
}

/** The error of bytes that are not those of the digest. */
export const corrupt = (repository: string, name: string, digest: string): HubError =>
  new HubError(
    "corrupt",
    otherDigest(name, repository, digest),
    otherDigestHelp,
  )

/** Requests until all bytes are there; false where the server gives the file another digest. */
const fill = async (
  hub: Hub,
  cache: RepositoryCache,
  repository: string,
  { name, url, digest, size }: RemoteFile,
  at: (bytes: number) => void,
): Promise<boolean> => {
  const part = cache.part(digest)
  let furthest = await sizeOf(part) ?? 0
  let validator: string | undefined
  let isTold = false
  return retrying(hub, async (progressed) => {
    let offset = await sizeOf(part) ?? 0
    if (size !== undefined && offset > size) {
      await remove(part)
      offset = 0
    }
    at(offset)
    if (offset === size) return true
    const reply = await request(hub, "GET", url, {
      ...(offset > 0 ? { range: `bytes=${offset}-` } : {}),
      // Only the host that sent the first bytes knows the validator that it gave with them.
      ...(offset > 0 && validator !== undefined ? { "if-range": validator } : {}),
    })
    try {
      if (reply.status === 416 && offset > 0) {
        // No more bytes than these: whether they are the right ones, the digest says.
        if (reply.headers.get("content-range") === `bytes */${offset}`) return true
        await remove(part)
        throw misranged(reply)
      }
      if (reply.status !== 200 && reply.status !== 206) throw failure(hub, reply, repository, name)
      const announced = announcedDigest(reply) ?? digest
      if (announced !== digest && isDigest(announced)) return false
      validator = strongEtag(reply)
      if (reply.status === 200 && offset > 0) {
        await remove(part)
        offset = 0
        at(0)
      }
      if (reply.status === 206 && startOf(reply) !== offset) {
        await remove(part)
        throw misranged(reply)
      }
      const stated = size ?? lengthOf(reply)
      if (size === undefined && stated !== undefined) await cache.requireSpace(stated - offset)
      if (stated === undefined && !isTold) hub.note(lengthUnstated(reply.url.host, name, hub.limit))
      isTold ||= stated === undefined
      let reached = offset
      const written = await write(reply, part, offset, stated ?? hub.limit + 1, (bytes) => {
        at(bytes)
        reached = bytes
      }).catch((cause: unknown) => {
        // A server that lets bytes drip has come further each time, and would never be given up.
        const least = cause instanceof HubError && cause.slow ? hub.patience.rate * hub.patience.window / 1000 : 1
        if (reached - furthest >= least) progressed()
        furthest = Math.max(furthest, reached)
        throw cause
      })
      if (stated === undefined && written > hub.limit) {
        await remove(part)
        throw new HubError("protocol", longerThanAllowed(reply.url.host, name, hub.limit), longerThanAllowedHelp)
      }
      if (stated === undefined || written === stated) return true
      if (written > furthest) progressed()
      furthest = Math.max(furthest, written)
      throw new HubError(
        "network",
        endedEarly(reply.url.host, name, written, stated),
        later,
        {
          transient: true,
        },
      )
    } finally {
      reply.close()
    }
  })
}

/** Appends what comes, up to `size` bytes in all, and gives the size of the part. */
const write = (
  reply: Reply,
  part: string,
  offset: number,
  size: number,
  at: (bytes: number) => void,
): Promise<number> =>
  onDisk(part, "written", async () => {
    await mkdir(dirname(part), { recursive: true })
    const file = await open(part, constants.O_RDWR | constants.O_CREAT)
    try {
      let position = offset
      for await (const chunk of reply.body()) {
        const bytes = chunk.subarray(0, size - position)
        for (let start = 0; start < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, start, bytes.length - start, position)
          start += bytesWritten
          position += bytesWritten
        }
        at(position)
        if (position === size) break
      }
      return position
    } finally {
      await file.close()
    }
  })

/** The length of a file in bytes, where the answer that brings it states it. */
const lengthOf = ({ status, headers }: Reply): number | undefined => {
  // What is compressed is longer once it is read.
  if (headers.has("content-encoding")) return undefined
  const stated = status === 206
    ? /\/(\d{1,15})$/u.exec(headers.get("content-range") ?? "")?.[1]
    : /^\d{1,15}$/u.exec(headers.get("content-length") ?? "")?.[0]
  return stated === undefined ? undefined : Number(stated)
}

const startOf = (reply: Reply): number =>
  Number(/^bytes (\d+)-/u.exec(reply.headers.get("content-range") ?? "")?.[1] ?? Number.NaN)

const strongEtag = (reply: Reply): string | undefined => {
  const etag = reply.headers.get("etag")
  return etag?.startsWith("\"") === true ? etag : undefined
}

const misranged = (reply: Reply): HubError =>
  new HubError("server", otherRange(reply.url.host), later, {
    transient: true,
  })

/** The size of a file in bytes, or undefined where there is none. Throws `HubError`. */
export const sizeOf = async (path: string): Promise<number | undefined> =>
  (await readingOr(path, undefined, () => stat(path)))?.size

/** Removes rather than empties a file: where a process that was taken for dead still writes to it, it harms nobody. */
const remove = (path: string): Promise<void> => onDisk(path, "written", () => rm(path, { force: true }))
