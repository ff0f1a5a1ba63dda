import { Effect } from "effect"
import { createHash, hash } from "node:crypto"
import { attemptPromise } from "../../base/attempt.ts"
import { InputError, StoreError } from "../../base/errors.ts"
import { connections, Dropped } from "./http.ts"
import { remoteError } from "./remote.ts"
import { retryAfter, retrying, Transient } from "./retry.ts"
import { failureOf } from "./s3-failure.ts"
import type { Credentials, S3Settings } from "./s3-settings.ts"
import { isXml } from "./xml.ts"

/** A request to a bucket, below the prefix of the remote. */
export interface Ask {
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | "HEAD"
  /** Undefined of what is asked of the bucket itself. */
  readonly name: string | undefined
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  /** What answers the caller can use besides those of success: any other is a failure. */
  readonly also?: ReadonlyArray<number>
  /** No answer of success has more bytes: where one has, it is cut behind the next. */
  readonly most?: number
  /** Whether an answer of success is of use as XML only: one that is none is asked for again. */
  readonly answersInXml?: boolean
}

export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: Buffer
  /** How often it was asked: where more than once, an earlier one may have been done without an answer. */
  readonly attempts: number
}

/** An answer whose body is still to come. */
export interface Opened {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** A bucket that requests are sent to, signed. */
export interface Client {
  /** The whole answer. Nothing that is asked for so is large. */
  readonly ask: (ask: Ask) => Effect.Effect<Answer, StoreError>
  /** One attempt, whose body is read by the caller. Throws {@link Transient} or a StoreError, and so does the body. */
  readonly open: (ask: Ask, stop: AbortSignal) => Promise<Opened>
  readonly failed: (name: string, thrown: Transient) => StoreError
}

/** Time that a server has for an answer, or for the next bytes of it, in milliseconds. */
const SILENCE = 60_000

/** Slower than this nobody sends, in bytes a millisecond. */
const SLOWEST = 32

/** What a server says of a bucket, or of what went wrong, has no more bytes: a listing is of a thousand names. */
const MOST_SAID = 16 << 20

/** A client of a bucket, whose names all begin with a prefix. */
export const makeClient = async (
  { address, bucket, prefix, settings }: {
    readonly address: string
    readonly bucket: string
    readonly prefix: string
    readonly settings: S3Settings
  },
): Promise<Client> => {
  const { AwsV4Signer } = await import("aws4fetch")
  const base = baseOf(bucket, settings)
  const send = connections(settings.proxies)
  /** Keys that were derived for a day. */
  const cache = new Map<string, ArrayBuffer>()
  let credentials: Credentials | undefined

  const readCredentials = async (): Promise<Credentials> => {
    try {
      return await settings.credentials()
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown
      const { field = "", message, help } = thrown
      throw remoteError(address, "", "refused", `cannot be asked: ${`${field} ${message}`.trim()}`, help)
    }
  }

  const urlOf = ({ name, query = {} }: Ask): string => {
    const path = name === undefined ? "" : `${prefix}${name}`.split("/").map(encodeURIComponent).join("/")
    const search = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")
    return `${base}${path}${search === "" ? "" : `?${search}`}`
  }

  const open = async (ask: Ask, stop: AbortSignal): Promise<Opened> => {
    const { method, headers = {}, body, also = [] } = ask
    credentials ??= await readCredentials()
    const known = credentials
    const signed = await new AwsV4Signer({
      method,
      url: urlOf(ask),
      // The server compares it with what comes, over a connection without TLS too.
      headers: { ...headers, "X-Amz-Content-Sha256": hash("sha256", body ?? "") },
      ...(body === undefined ? {} : { body }),
      ...known,
      service: "s3",
      region: settings.region,
      cache,
    }).sign()
    const silence = new Silence(SILENCE + (body?.length ?? 0) / SLOWEST, stop)
    try {
      const { status, header, body: answer } = await send(new URL(signed.url), {
        method,
        headers: signed.headers,
        body,
        signal: silence.signal,
      })
      if ((status >= 200 && status < 300) || also.includes(status)) {
        return { status, header, body: pieces(answer, silence) }
      }
      const failure = failureOf(status, scrub(await whole(pieces(answer, silence), MOST_SAID), known), header)
      if (failure._tag === "Expired") {
        // Those that hold for an hour are renewed by whoever gives them.
        const renewed = await readCredentials()
        if (renewed.sessionToken === known.sessionToken) {
          throw remoteError(address, "", "refused", "the credentials have expired", "renew them, then run again")
        }
        credentials = renewed
      }
      if (failure._tag !== "Final") throw new Transient(failure.message, true, retryAfter(header("retry-after")))
      throw remoteError(address, ask.name ?? "", failure.trouble, failure.message, failure.help)
    } catch (thrown) {
      throw silence.name(thrown)
    }
  }

  const failed = (name: string, { message, answered }: Transient): StoreError =>
    remoteError(
      address,
      name,
      answered ? "failed" : "unreachable",
      answered ? `fails again and again: ${message}` : `cannot be reached: ${message}`,
      answered
        ? "run again later; what is finished is kept"
        : "check the network, AWS_ENDPOINT_URL and HTTPS_PROXY, then run again; what is finished is kept",
    )

  return {
    open,
    failed,
    ask: (ask) =>
      attemptPromise(
        (stop) =>
          retrying(async (attempts) => {
            const { status, header, body } = await open(ask, stop)
            const bytes = await whole(body, status < 300 ? ask.most ?? MOST_SAID : MOST_SAID)
            if (ask.answersInXml === true && status < 300 && !isXml(bytes)) {
              throw new Transient("the answer is damaged", true)
            }
            return { status, header, body: bytes, attempts }
          }, stop),
        (thrown) =>
          thrown instanceof Transient
            ? failed(ask.name ?? "", thrown)
            : thrown instanceof StoreError
            ? thrown
            : undefined,
      ),
  }
}

/** Where a bucket is asked: other servers than AWS seldom have a name for each. */
const baseOf = (bucket: string, { region, endpoint }: S3Settings): string => {
  if (endpoint !== undefined) return `${endpoint.href.replace(/\/$/u, "")}/${bucket}/`
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
  // A certificate of AWS holds for names without a dot.
  return bucket.includes(".")
    ? `https://s3.${region}.${domain}/${bucket}/`
    : `https://${bucket}.s3.${region}.${domain}/`
}

/** A server may say anything: what it says is read without what must not be shown. */
const scrub = (said: Buffer, { accessKeyId, secretAccessKey, sessionToken }: Credentials): Buffer =>
  Buffer.from(
    [secretAccessKey, sessionToken, accessKeyId].reduce<string>(
      (scrubbed, secret) => (secret === undefined ? scrubbed : scrubbed.replaceAll(secret, "…")),
      said.toString(),
    ),
  )

/** The bytes of an answer, but for those behind the first that is too many: a server may send without end. */
const whole = async (body: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> => {
  const all: Array<Uint8Array> = []
  let length = 0
  for await (const piece of body) {
    all.push(piece)
    length += piece.length
    if (length > most) break
  }
  return Buffer.concat(all).subarray(0, most + 1)
}

async function* pieces(answer: AsyncIterable<Uint8Array>, silence: Silence): AsyncIterable<Uint8Array> {
  try {
    for await (const piece of answer) {
      silence.restart()
      yield piece
    }
  } catch (thrown) {
    throw silence.name(thrown)
  } finally {
    silence.end()
  }
}

/** Stops a request that nothing comes of. */
class Silence {
  readonly signal: AbortSignal
  readonly #own = new AbortController()
  readonly #milliseconds: number
  #timer: NodeJS.Timeout
  #isOver = false

  constructor(milliseconds: number, stop: AbortSignal) {
    this.#milliseconds = milliseconds
    this.signal = AbortSignal.any([stop, this.#own.signal])
    this.#timer = this.#start()
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#isOver = true
      this.#own.abort()
    }, this.#milliseconds).unref()
  }

  restart(): void {
    this.#timer.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  /** What was thrown while this watched, by its cause: what went wrong on the way may go well the next time. */
  name(thrown: unknown): unknown {
    this.end()
    if (this.#isOver) return new Transient("the server does not answer", false)
    return thrown instanceof Dropped ? new Transient(thrown.message, !unreachable.test(thrown.code)) : thrown
  }
}

/** Codes of a server, or a proxy, that is not there, is not who it says it is, or does not let anybody through. */
const unreachable = /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|CERT|DEPTH_|ERR_PROXY|ERR_TLS|SELF_|UNABLE_)/u

/** The MD5 of bytes in hexadecimal digits: what the ETag of an object is that was written at once and is not encrypted. */
export const md5Of = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex")
