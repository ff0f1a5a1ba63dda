import { timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"

/** What a request is let through by. */
export interface Guarded {
  readonly port: number
  /** What the address that the command prints ends with: whoever knows it may look. */
  readonly token: string
  /** What a browser gets for the token, and sends with each request. */
  readonly session: string
  /** What the page gets with it, and says in a header: other ports of this machine get the cookie, but not this. */
  readonly secret: string
}

/** Why a request is refused: the status that it is answered with, and a sentence. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 405
  readonly message: string
}

/** The name of the cookie: two of these commands on one machine share the cookies of their host. */
export const cookieOf = ({ port }: Pick<Guarded, "port">): string => `redag-${port}`

/** The header in which the page says its secret. */
export const secretHeader = "x-redag"

/** The names by which a browser of this machine reaches the server. */
const hostsOf = (port: number): ReadonlySet<string> =>
  new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])

/**
 * Why the headers of a request are not those of the page itself; undefined where they are.
 *
 * A name of another host that leads here, as after DNS rebinding, is refused, and so is what a page of another origin
 * sends. `changes` is for a request that asks for more than to read.
 */
export const refusedHeaders = (
  headers: IncomingHttpHeaders,
  { port }: Pick<Guarded, "port">,
  changes: boolean,
): Refusal | undefined => {
  const { host, origin } = headers
  if (host === undefined || !hostsOf(port).has(host)) {
    return { status: 403, message: "this server is asked for by the names 127.0.0.1 and localhost alone" }
  }
  const site = headers["sec-fetch-site"]
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return { status: 403, message: "another site may not ask" }
  }
  if (origin !== undefined && origin !== `http://${host}`) return { status: 403, message: "another origin may not ask" }
  if (!changes) return undefined
  if (origin === undefined) return { status: 403, message: "a request that does something says its origin" }
  return headers["content-type"] === "application/json"
    ? undefined
    : { status: 400, message: "a request that does something is JSON" }
}

/** Whether a request has the cookie and the secret that the token was exchanged for. */
export const isKnown = (headers: IncomingHttpHeaders, guarded: Guarded): boolean => {
  const { cookie = "", [secretHeader]: secret = "" } = headers
  const name = cookieOf(guarded)
  return typeof secret === "string" && isSame(secret, guarded.secret) && cookie.split(";").some((each) => {
    const [key, value = ""] = each.trim().split("=", 2)
    return key === name && isSame(value, guarded.session)
  })
}

/** Whether two secrets are the same, in a time that says nothing of where they differ. */
export const isSame = (given: string, secret: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(secret)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** What every answer says of itself: it is not kept, not framed, not guessed at, and runs no script but the page's own. */
export const answerHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
}
