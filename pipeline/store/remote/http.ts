import { Agent, type IncomingMessage, request as plain } from "node:http"
import { Agent as SecureAgent, request as secure } from "node:https"

/** An answer whose body is still to come. */
export interface HttpAnswer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** What went wrong with a connection: nobody knows what the server did. */
export class Dropped extends Error {
  /** The system's code, such as ECONNREFUSED; empty where there is none. */
  readonly code: string

  constructor(cause: Error) {
    const code = "code" in cause && typeof cause.code === "string" ? cause.code : ""
    super(cause.message === "" ? code : cause.message, { cause })
    this.code = code
  }
}

/** What is sent to a server. */
export interface Sent {
  readonly method: string
  readonly headers: Headers
  readonly body: Uint8Array | undefined
  readonly signal: AbortSignal
}

/** Sends a request and gives its answer, whatever that says; a redirect is one too. */
export type Send = (url: URL, sent: Sent) => Promise<HttpAnswer>

/**
 * Connections that are kept between requests, through the proxies that HTTP_PROXY and HTTPS_PROXY of an environment name,
 * but for the hosts of its NO_PROXY.
 *
 * Not by `fetch`, which copies each body: of a large object many megabytes are on their way at a time.
 */
export const connections = (environment: Readonly<Record<string, string | undefined>>): Send => {
  const options = { keepAlive: true, proxyEnv: environment }
  const agents = { plain: new Agent(options), secure: new SecureAgent(options) }
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isSecure = url.protocol === "https:"
      const hasLength = body !== undefined || method === "PUT" || method === "POST"
      const request = (isSecure ? secure : plain)(url, {
        method,
        headers: {
          ...Object.fromEntries(headers),
          ...(hasLength ? { "content-length": body?.length ?? 0 } : {}),
        },
        agent: isSecure ? agents.secure : agents.plain,
        signal,
      })
      request.on("error", (error) => reject(signal.aborted ? error : new Dropped(error)))
      request.on("response", (response) => {
        resolve({
          status: response.statusCode ?? 0,
          header: (name) => {
            const value = response.headers[name]
            return typeof value === "string" ? value : value?.[0]
          },
          body: pieces(response, signal),
        })
      })
      request.end(body)
    })
}

async function* pieces(response: IncomingMessage, signal: AbortSignal): AsyncIterable<Uint8Array> {
  try {
    for await (const piece of response) yield piece as Uint8Array
  } catch (thrown) {
    throw thrown instanceof Error && !signal.aborted ? new Dropped(thrown) : thrown
  }
}
