import { Schema } from "effect"
import { isDigest } from "./digest.ts"
import { HubError } from "./errors.ts"
import { type Hub, readText, type Reply, request } from "./http.ts"
import { retrying } from "./retry.ts"

// https://huggingface.co/docs/hub/api and the headers that Hugging Face's own client reads.

/** What a revision of a repository holds. */
export interface Listing {
  /** 40 hexadecimal digits. */
  readonly commit: string
  readonly names: readonly string[]
}

/** A file as the server describes it. */
export interface RemoteFile {
  readonly name: string
  readonly url: string
  /** sha256 for a file in the large storage, git's sha1 for another; the name of its blob in the cache. */
  readonly digest: string
  /** In bytes, where the server tells. */
  readonly size: number | undefined
}

const MOST_JSON = 64 << 20

const decodeListing = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({
  sha: Schema.String.check(Schema.isPattern(/^[0-9a-f]{40}$/u)),
  siblings: Schema.Array(Schema.Struct({ rfilename: Schema.String })),
})))

/** Asks which commit a revision is and which files it has. Throws `HubError`. */
export const listFiles = (hub: Hub, repository: string, revision: string): Promise<Listing> =>
  retrying(hub, async () => {
    const repositoryUrl = `${hub.endpoint}/api/models/${repository}`
    const reply = await request(hub, "GET", `${repositoryUrl}/revision/${encodeURIComponent(revision)}`)
    try {
      if (reply.status !== 200) {
        const code = reply.headers.get("x-error-code") ?? ""
        if (reply.status === 404 && code !== "RepoNotFound") {
          // Not every mirror says what it is that it has not found.
          if (code === "RevisionNotFound" || await exists(hub, repositoryUrl)) throw noRevision(repository, revision)
        }
        throw failure(hub, reply, repository, undefined)
      }
      const text = await readText(reply, MOST_JSON)
      const { sha, siblings } = decoded(hub, text)
      return { commit: sha, names: siblings.map(({ rfilename }) => rfilename) }
    } finally {
      reply.close()
    }
  })

const decoded = (hub: Hub, text: string): ReturnType<typeof decodeListing> => {
  try {
    return decodeListing(text)
  } catch (cause) {
    throw notHub(`${hub.endpoint} does not list the files of a repository as the Hub does`, cause)
  }
}

const exists = async (hub: Hub, url: string): Promise<boolean> => {
  const reply = await request(hub, "GET", url)
  reply.close()
  return reply.status === 200
}

/** Asks for the digest and the size of a file. Throws `HubError`. */
export const describeFile = (hub: Hub, repository: string, commit: string, name: string): Promise<RemoteFile> =>
  retrying(hub, async () => {
    const path = name.split("/").map(encodeURIComponent).join("/")
    const url = `${hub.endpoint}/${repository}/resolve/${commit}/${path}`
    const origin = new URL(hub.endpoint).origin
    // The answer that leads to another host already says all; a HEAD there may not even be allowed.
    const reply = await request(hub, "HEAD", url, {}, (headers, next) => {
      return headers.has("x-linked-etag") && (headers.has("x-linked-size") || next.origin !== origin)
    })
    reply.close()
    if (reply.status >= 400) throw failure(hub, reply, repository, name)
    const answered = first(reply, "x-repo-commit")
    if (answered !== undefined && answered !== commit) {
      throw notHub(`${hub.endpoint} answers for commit ${answered}, asked for ${commit} of ${repository}`)
    }
    const digest = announcedDigest(reply) ?? plainEtag(reply.headers.get("etag"))
    if (digest === undefined || !isDigest(digest)) {
      throw notHub(`${hub.endpoint} gives no digest of ${name} of ${repository}`)
    }
    const length = first(reply, "x-linked-size") ?? (reply.status === 200 ? reply.headers.get("content-length") : null)
    const size = length !== null && /^\d{1,15}$/u.test(length) ? Number(length) : undefined
    return { name, url, digest, size }
  })

/** The digest that the Hub itself gives in an answer or on the way to it. */
export const announcedDigest = (reply: Reply): string | undefined =>
  plainEtag(first(reply, "x-linked-etag") ?? (reply.own ? reply.headers.get("etag") : null))

const first = (reply: Reply, name: string): string | undefined =>
  reply.trail.map((headers) => headers.get(name)).find((value) => value !== null) ?? undefined

const plainEtag = (etag: string | null): string | undefined => etag?.replace(/^(?:W\/)?"(.*)"$/u, "$1")

/** What an answer that is no success means. */
export const failure = (hub: Hub, reply: Reply, repository: string, name: string | undefined): HubError => {
  const { status, headers } = reply
  const code = headers.get("x-error-code")
  const what = name === undefined ? repository : `${name} of ${repository}`
  if (!reply.own) {
    // A signed address expires; the endpoint gives a new one.
    return new HubError("server", `${reply.url.host} answers ${status} for ${what}`, LATER, { transient: true })
  }
  if (status === 401 || status === 403) return noAccess(hub, reply, repository)
  if (code === "RepoNotFound" || (status === 404 && name === undefined)) {
    return new HubError("repository", `there is no repository ${repository} at ${hub.endpoint}`, CHECK_NAME)
  }
  if (code === "RevisionNotFound") return new HubError("revision", `${repository} has no such revision`, CHECK_REVISION)
  if (status === 404) {
    return new HubError(
      "file",
      `${repository} has no file ${name ?? ""}`,
      "name another revision, or another repository",
    )
  }
  const transient = status === 408 || status === 429 || status >= 500
  const help = status === 429 ? "wait some minutes, or set HF_TOKEN: the Hub allows its users more" : LATER
  const message = `${reply.url.host} answers ${status} for ${what}${explained(headers)}`
  return new HubError("server", message, help, { transient, retryAfter: retryAfter(headers) })
}

const LATER = "try again later"
const CHECK_NAME = "check its name; a private one needs HF_TOKEN"
const CHECK_REVISION = "name one of its branches, tags or commits"

const noAccess = (hub: Hub, reply: Reply, repository: string): HubError => {
  const why = explained(reply.headers)
  if (hub.token === undefined) {
    return new HubError(
      "access",
      `${repository} is gated or private, or there is no such repository${why}`,
      "check its name; if it is gated or private, set HF_TOKEN to a token of an account that may read it",
    )
  }
  return new HubError(
    "access",
    `${repository} is gated or private, and the token given may not read it${why}`,
    "accept its terms on its page, or set HF_TOKEN to a token of an account that may read it",
  )
}

const noRevision = (repository: string, revision: string): HubError =>
  new HubError("revision", `${repository} has no revision "${revision}"`, CHECK_REVISION)

const notHub = (message: string, cause?: unknown): HubError =>
  new HubError("protocol", message, "check HF_ENDPOINT, and the proxy if there is one", { cause })

const explained = (headers: Headers): string => {
  const text = headers.get("x-error-message")?.replaceAll(/[^\x20-\x7e]/gu, "?").slice(0, 200)
  return text === undefined ? "" : `: ${text}`
}

/** Seconds or a date, as milliseconds from now. */
const retryAfter = (headers: Headers): number => {
  const value = headers.get("retry-after") ?? ""
  const milliseconds = /^\d+$/u.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : 0
}
