import { codeOf } from "./disk.ts"
import { HubError, interrupted, throwIfInterrupted } from "./errors.ts"
import {
  answersTooLong,
  atHost,
  endpointHelp,
  networkHelp,
  noByte,
  redirectsNowhere,
  redirectsUnencrypted,
  redirectsWithoutEnd,
  tooSlow,
  tooSlowHelp,
} from "./messages.ts"
import type { Situation } from "./retry.ts"

/** Who is asked, and how. */
export interface Hub extends Situation {
  /** The server, without a slash at its end. */
  readonly endpoint: string
  readonly token: string | undefined
  /** The most bytes that are read of a file whose length no server states. */
  readonly limit: number
}

/** A server's answer. `close` must be called unless the body was read to its end. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Who answered in the end. */
  readonly url: URL
  /** Whether that is the endpoint's own host, rather than one that it sent us to. */
  readonly own: boolean
  /** The headers of every answer on the way, the last included. */
  readonly trail: readonly Headers[]
  /** The bytes as they come. Throws `HubError`. */
  readonly body: () => AsyncGenerator<Uint8Array, void>
  readonly close: () => void
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST_REDIRECTS = 10

/**
 * Asks a server and follows it to others until `enough`, which sees each redirect. The token goes to the endpoint's own
 * host alone (scheme, name and port). Throws `HubError` of kind "network", "protocol" or "interrupted".
 */
export const request = async (
  hub: Hub,
  method: "GET" | "HEAD",
  address: string,
  headers: Readonly<Record<string, string>> = {},
  enough: (headers: Headers, next: URL) => boolean = () => false,
): Promise<Reply> => {
  const endpoint = new URL(hub.endpoint)
  const trail: Headers[] = []
  let url = new URL(address)
  for (;;) {
    const own = url.origin === endpoint.origin
    const watch = new Watch(hub)
    const response = await watch.during(url, () =>
      fetch(url, {
        method,
        redirect: "manual",
        signal: watch.signal,
        headers: {
          "user-agent": "redag",
          // A compressed answer cannot be continued by bytes; fetch says so itself in a request for a range.
          ...("range" in headers ? {} : { "accept-encoding": "identity" }),
          ...headers,
          ...(own && hub.token !== undefined ? { authorization: `Bearer ${hub.token}` } : {}),
        },
      }))
    trail.push(response.headers)
    const next = REDIRECTS.has(response.status) ? nextUrl(response.headers, url) : undefined
    if (next === undefined || enough(response.headers, next)) {
      return {
        status: response.status,
        headers: response.headers,
        url,
        own,
        trail,
        body: () => watch.chunks(url, response.body),
        close: () => watch.end(),
      }
    }
    watch.end()
    if (trail.length > MOST_REDIRECTS) throw strange(redirectsWithoutEnd(address))
    url = next
  }
}

const nextUrl = (headers: Headers, from: URL): URL => {
  const next = URL.parse(headers.get("location") ?? "", from.href)
  if (next === null || !/^https?:$/u.test(next.protocol) || !headers.has("location")) {
    throw strange(redirectsNowhere(from.origin))
  }
  if (from.protocol === "https:" && next.protocol === "http:") {
    throw strange(redirectsUnencrypted(from.origin, next.origin))
  }
  return next
}

const strange = (message: string): HubError => new HubError("protocol", message, endpointHelp)

/** Watches one exchange: it ends with the caller's signal, or when no byte comes for too long, or too few of them. */
class Watch {
  readonly signal: AbortSignal
  readonly #hub: Hub
  readonly #controller = new AbortController()
  #stalled = false
  /** Milliseconds that this side waited since the rate was last looked at, and the bytes that came meanwhile. */
  #waited = 0
  #bytes = 0

  constructor(hub: Hub) {
    this.#hub = hub
    this.signal = AbortSignal.any([hub.signal, this.#controller.signal])
  }

  /** Waits for the server; the time that the caller takes between two waits does not count. */
  async during<A>(url: URL, wait: () => Promise<A>): Promise<A> {
    throwIfInterrupted(this.#hub.signal)
    const timer = setTimeout(() => {
      this.#stalled = true
      this.end()
    }, this.#hub.patience.stall)
    const begun = performance.now()
    try {
      return await wait()
    } catch (cause) {
      throw this.#failure(url, cause)
    } finally {
      clearTimeout(timer)
      this.#waited += performance.now() - begun
    }
  }

  async *chunks(url: URL, body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void> {
    if (body === null) return
    const reader = body.getReader()
    try {
      for (;;) {
        const { value } = await this.during(url, () => reader.read())
        if (value === undefined) return
        this.#bytes += value.length
        this.#checkRate(url)
        yield value
      }
    } finally {
      this.end()
    }
  }

  /** Drops the connection, unless the body was read to its end. */
  end(): void {
    this.#controller.abort()
  }

  #checkRate(url: URL): void {
    const { window, rate } = this.#hub.patience
    if (this.#waited < window) return
    const seconds = this.#waited / 1000
    if (this.#bytes < rate * seconds) {
      throw new HubError("network", atHost(url.host, tooSlow(this.#bytes, seconds, rate)), tooSlowHelp, {
        transient: true,
        slow: true,
      })
    }
    this.#waited = 0
    this.#bytes = 0
  }

  #failure(url: URL, cause: unknown): HubError {
    if (this.#hub.signal.aborted) return interrupted(this.#hub.signal)
    const seconds = this.#hub.patience.stall / 1000
    const reason = this.#stalled ? noByte(seconds) : reasonOf(cause)
    return new HubError(
      "network",
      atHost(url.host, reason),
      networkHelp,
      { cause, transient: true },
    )
  }
}

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  // fetch says "fetch failed" or "terminated" and puts the reason behind it.
  const inner = cause.cause
  if (!(inner instanceof Error)) return cause.message
  return inner.message === "" ? codeOf(inner) : inner.message
}

/** Reads a body as text. Throws `HubError`, also where it is longer than `most` bytes. */
export const readText = async (reply: Reply, most: number): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of reply.body()) {
    size += chunk.length
    if (size > most) throw strange(answersTooLong(reply.url.origin, most))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}
