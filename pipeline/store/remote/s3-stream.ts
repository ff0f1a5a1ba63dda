import { Stream } from "effect"
import { StoreError } from "../../base/errors.ts"
import { gone, remoteError } from "./remote.ts"
import { retrying, Transient } from "./retry.ts"
import type { Client, Opened } from "./s3-client.ts"

/** The bytes of an object from an offset on. A connection that drops is opened again where it stopped. */
export const bytesFrom = (
  client: Client,
  address: string,
  name: string,
  offset: number,
): Stream.Stream<Uint8Array, StoreError> =>
  Stream.suspend(() => Stream.fromAsyncIterable(read(client, address, name, offset), (thrown) => thrown)).pipe(
    Stream.catch((thrown) =>
      thrown instanceof StoreError
        ? Stream.fail(thrown)
        : thrown instanceof Transient
        ? Stream.fail(client.failed(name, thrown))
        : Stream.die(thrown)
    ),
  )

async function* read(client: Client, address: string, name: string, offset: number): AsyncGenerator<Uint8Array> {
  const stop = new AbortController()
  let at = offset
  let etag: string | undefined
  let tries = 0
  try {
    for (;;) {
      const opened: Opened = await retrying(
        () =>
          client.open({
            method: "GET",
            name,
            // What is there may have become another object meanwhile, and half of each is neither.
            headers: {
              ...(at === 0 ? {} : { Range: `bytes=${at}-` }),
              ...(etag === undefined ? {} : { "If-Match": etag }),
            },
            also: [404, 412, 416],
          }, stop.signal),
        stop.signal,
      )
      if (opened.status === 404 || opened.status === 412) throw gone(address, name)
      // Nothing stands behind the end.
      if (opened.status === 416) return
      etag = opened.header("etag")
      try {
        // A server may send all of it, whatever is asked for.
        let skip = opened.status === 206 ? 0 : at
        for await (const piece of opened.body) {
          const rest = piece.subarray(Math.min(skip, piece.length))
          skip -= piece.length - rest.length
          if (rest.length === 0) continue
          at += rest.length
          tries = 0
          yield rest
        }
        if (at === wholeSize(opened, at)) return
        throw new Transient("the answer ended too soon", true)
      } catch (thrown) {
        if (!(thrown instanceof Transient)) throw thrown
        if (++tries === MOST_TRIES) {
          throw remoteError(address, name, "failed", `cannot be read to its end: ${thrown.message}`, "run again later")
        }
      }
    }
  } finally {
    stop.abort()
  }
}

/** So often the connection may drop without another byte. */
const MOST_TRIES = 8

/** The size of all of the object, as the answer says it. */
const wholeSize = ({ status, header }: Opened, otherwise: number): number => {
  const total = status === 206
    ? /\/(\d+)$/u.exec(header("content-range") ?? "")?.[1]
    : header("content-encoding") === undefined
    ? header("content-length")
    : undefined
  return total === undefined ? otherwise : Number(total)
}
