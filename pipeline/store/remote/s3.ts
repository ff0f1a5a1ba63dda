import { Effect, Option, Stream } from "effect"
import { attempt } from "../../base/attempt.ts"
import { digestOf } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { calls } from "../calls.ts"
import { storeError } from "../file-errors.ts"
import { readWhole } from "../reading.ts"
import { absentHere, damagedHere, PART } from "./large.ts"
import { abortOld } from "./multipart.ts"
import { isName, TEMPORARIES } from "./names.ts"
import { probed } from "./probe.ts"
import { always, type Condition, type Entry, type Found, type Remote, remoteError } from "./remote.ts"
import { type Answer, makeClient, md5Of } from "./s3-client.ts"
import { codeIn } from "./s3-failure.ts"
import { partsIn } from "./s3-parts.ts"
import type { S3Settings } from "./s3-settings.ts"
import { bytesFrom } from "./s3-stream.ts"
import { uploadLarge } from "./s3-upload.ts"
import { recordsIn } from "./xml.ts"

/** So often bytes are written or read again that came out as others. */
const MOST_TRIES = 4

/** A server copies no more bytes at once. */
const MOST_COPIED = 5 * 2 ** 30

/** Nothing that is written at once has more bytes. */
const LARGEST_AT_ONCE = 1 << 28

/** The sha256 of what is written, which comes back with it. */
const DIGEST = "x-amz-meta-sha256"

/** A bucket of S3 as a remote; a prefix is empty or ends with "/". */
export const s3Remote = Effect.fnUntraced(function*(
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
  settings: S3Settings,
): Effect.fn.Return<Remote["Service"]> {
  const address = `s3://${bucket}/${prefix}`.replace(/\/$/u, "")
  const client = yield* Effect.promise(() => makeClient({ address, bucket, prefix, settings }))
  const { ask } = client
  const conditions = yield* Effect.cached(probed(ask))
  /** Whether the ETag of an object that was written at once is its MD5: not where a server encrypts it in some ways. */
  let provesByTag = false

  const checked = <A>(name: string, effect: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
    isName(name) ? effect : Effect.die(new Error(`a remote keeps nothing under ${JSON.stringify(name)}`))

  const damaged = (name: string, verb: string) =>
    remoteError(
      address,
      name,
      "damaged",
      `cannot be ${verb}: other bytes arrive than were sent`,
      "check the network and the server, then run again",
    )

  const tooLarge = (name: string, most: number) =>
    remoteError(
      address,
      name,
      "damaged",
      `cannot be read: it has more than ${most} bytes`,
      "remove it there, then run again",
    )

  /**
   * Whether what an answer says of bytes is that they are these: by the digest that was written with them, otherwise by
   * the ETag; undefined where neither says anything.
   */
  const proof = ({ header }: Answer, bytes: Uint8Array): boolean | undefined => {
    const digest = header(DIGEST)
    if (digest !== undefined) return digest === digestOf(bytes)
    const md5 = /^"?([0-9a-f]{32})"?$/u.exec(header("etag") ?? "")?.[1]
    if (md5 === undefined) return undefined
    if (md5 === md5Of(bytes)) {
      provesByTag = true
      return true
    }
    return provesByTag ? false : undefined
  }

  const read = Effect.fnUntraced(
    function*(name: string, most: number): Effect.fn.Return<Found | undefined, StoreError> {
      let before: Buffer | undefined
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        const answer = yield* ask({
          method: "GET",
          name,
          headers: { Range: `bytes=0-${most}` },
          also: [404, 416],
          most,
        })
        if (answer.status === 404) {
          if (codeIn(answer.body) === "NoSuchBucket") return yield* noBucket
          return undefined
        }
        const bytes = answer.status === 416 ? Buffer.alloc(0) : answer.body
        if (bytes.length > most) return yield* tooLarge(name, most)
        const version = answer.header("etag") ?? ""
        const proved = answer.status === 416 ? true : proof(answer, bytes)
        // Where nothing is said of them, two answers that agree do.
        if (proved === true || (proved === undefined && before?.equals(bytes) === true)) return { bytes, version }
        before = bytes
      }
      return yield* damaged(name, "read")
    },
  )

  const noBucket = remoteError(
    address,
    "",
    "missing",
    "there is no such bucket",
    "make the bucket, or name another one",
  )

  /** Writes, and reads back what no tag proves; gives the version. */
  const put = Effect.fnUntraced(function*(
    name: string,
    bytes: Uint8Array,
    condition: Condition,
  ): Effect.fn.Return<string | undefined, StoreError> {
    let now = condition
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const headers = {
        ...headersOf(now),
        "Content-MD5": Buffer.from(md5Of(bytes), "hex").toString("base64"),
        [DIGEST]: digestOf(bytes),
      }
      const answer = yield* ask({ method: "PUT", name, headers, body: Uint8Array.from(bytes), also: [404, 412] })
      if (answer.status === 404 && now._tag !== "Replaces") return yield* noBucket
      if (answer.status !== 200) {
        // The answer to an earlier attempt may have been lost.
        if (answer.attempts === 1 && tries === 1) return undefined
        const found = yield* read(name, LARGEST_AT_ONCE)
        return found?.bytes.equals(bytes) === true ? found.version : undefined
      }
      const version = answer.header("etag") ?? ""
      if (proof(answer, bytes) === true) return version
      const found = yield* Effect.catchIf(
        read(name, LARGEST_AT_ONCE),
        ({ code }) => code === "damaged",
        () => Effect.succeed(undefined),
      )
      if (found?.bytes.equals(bytes) === true) return found.version
      // Another may have replaced it since; what arrived damaged is replaced by nobody else.
      if (now._tag !== "Any" && found !== undefined && found.version !== version) return version
      if (now._tag !== "Any") now = { _tag: "Replaces", version }
    }
    return yield* damaged(name, "written")
  })

  const write = Effect.fnUntraced(function*(name: string, bytes: Uint8Array, condition: Condition) {
    if (condition._tag === "Any" || (yield* conditions) === "kept") return yield* put(name, bytes, condition)
    const found = yield* read(name, LARGEST_AT_ONCE)
    const holds = condition._tag === "New" ? found === undefined : found?.version === condition.version
    return holds ? yield* put(name, bytes, always) : undefined
  })

  const remove = Effect.fnUntraced(function*(name: string, written?: number) {
    // A delete says nothing of what was there.
    const { status, header } = yield* ask({ method: "HEAD", name, also: [404] })
    if (status === 404) return false
    // A header has whole seconds.
    if (written !== undefined && Date.parse(header("last-modified") ?? "") !== Math.floor(written / 1000) * 1000) {
      return false
    }
    yield* ask({ method: "DELETE", name, also: [404] })
    return true
  })

  const size = (name: string) =>
    Effect.map(
      ask({ method: "HEAD", name, also: [404] }),
      ({ status, header }) => (status === 404 ? undefined : Number(header("content-length"))),
    )

  const renew = Effect.fnUntraced(function*(name: string) {
    const { status, header } = yield* ask({ method: "HEAD", name, also: [404] })
    if (status === 404) return undefined
    const bytes = Number(header("content-length"))
    if (bytes > MOST_COPIED) return bytes
    const digest = header(DIGEST)
    const headers = {
      "X-Amz-Copy-Source": `/${bucket}/${`${prefix}${name}`.split("/").map(encodeURIComponent).join("/")}`,
      "X-Amz-Metadata-Directive": "REPLACE",
      ...(digest === undefined ? {} : { [DIGEST]: digest }),
    }
    const copied = yield* ask({ method: "PUT", name, headers, also: [404, 501] })
    // An answer of success may hold the failure of the copy.
    const code = copied.status === 501 ? undefined : codeIn(copied.body)
    if (copied.status === 404 || code === "NoSuchKey") return undefined
    if (code === undefined) return bytes
    return yield* remoteError(
      address,
      name,
      "failed",
      `cannot be written again: the server answers ${code}`,
      "run again",
    )
  })

  const list = (prefixed: string, after?: string): Stream.Stream<Entry, StoreError> =>
    Stream.paginate({ after, token: undefined as string | undefined }, ({ after, token }) =>
      Effect.map(
        ask({
          method: "GET",
          name: undefined,
          answersInXml: true,
          query: {
            "list-type": "2",
            prefix: `${prefix}${prefixed}`,
            ...(token !== undefined
              ? { "continuation-token": token }
              : after === undefined
              ? {}
              : { "start-after": `${prefix}${after}` }),
          },
        }),
        ({ body }) => {
          const { found, top } = recordsIn(body, "Contents")
          const entries = found.flatMap(({ Key = "", Size, LastModified = "" }) =>
            Key.startsWith(prefix)
              ? [{ name: Key.slice(prefix.length), size: Number(Size), written: Date.parse(LastModified) }]
              : []
          )
          const next = top["IsTruncated"] === "true" ? top["NextContinuationToken"] : undefined
          return [entries, next === undefined ? Option.none() : Option.some({ after, token: next })] as const
        },
      ))

  const readFrom = (name: string, offset: number) => bytesFrom(client, address, name, offset)

  const multiparts = partsIn({
    prefix,
    ask,
    size,
    failed: (name, problem) =>
      Effect.fail(remoteError(address, name, "failed", problem, "run again; what is there already is not sent again")),
  })

  return {
    address,
    conditions,
    read: (name, most) => checked(name, read(name, most)),
    readFrom,
    size: (name) => checked(name, size(name)),
    renew: (name) => checked(name, renew(name)),
    write: (name, bytes, condition) => checked(name, write(name, bytes, condition)),
    upload: (name, file, progress) =>
      checked(
        name,
        file.size > PART ? uploadLarge(multiparts, { address, readFrom, remove }, name, file, progress) : Effect.gen(
          function*() {
            const bytes = yield* attempt(
              () => readWhole(calls, file.path, PART),
              (thrown) => storeError(file.path, "read", thrown),
            )
            if (bytes === undefined) return yield* absentHere(file)
            if (digestOf(bytes) !== file.digest) return yield* damagedHere(file)
            yield* put(name, bytes, always)
            progress(bytes.length)
          },
        ),
      ),
    list: (prefixed, after) =>
      list(prefixed, after).pipe(
        // Consoles write empty objects for folders.
        Stream.filter(({ name }) => name !== "" && !name.endsWith("/") && !name.startsWith(`${TEMPORARIES}/`)),
      ),
    remove: (name, written) => checked(name, remove(name, written)),
    tidy: Effect.fnUntraced(function*(age) {
      const { header } = yield* ask({ method: "HEAD", name: undefined })
      const now = Date.parse(header("date") ?? "")
      const left = yield* Stream.runCollect(list(`${TEMPORARIES}/`))
      const old = left.filter(({ written }) => now - written >= age)
      yield* Effect.forEach(old, ({ name }) => ask({ method: "DELETE", name, also: [404] }), { discard: true })
      return old.length + (yield* abortOld(multiparts, "", age))
    }),
  }
})

const headersOf = (condition: Condition): Readonly<Record<string, string>> => {
  switch (condition._tag) {
    case "Any":
      return {}
    case "New":
      return { "If-None-Match": "*" }
    case "Replaces":
      return { "If-Match": condition.version }
  }
}
