import { Schema } from "effect"
import { isDigest } from "./digest.ts"
import { HubError } from "./errors.ts"
import { type Hub, readText, type Reply, request } from "./http.ts"
import {
  answers,
  endpointHelp,
  fileOfRepositoryMissing,
  gated,
  gatedHelp,
  gatedOrMissing,
  gatedOrMissingHelp,
  later,
  noDigest,
  noListing,
  otherCommit,
  otherRevision,
  repositoryMissing,
  repositoryMissingHelp,
  revisionMissing,
  revisionMissingHelp,
  waitMinutes,
} from "./messages.ts"
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
  /** In bytes, where the server says it. */
  readonly size: number | undefined
}

/** The longest listing that is read, in bytes: that of 100,000 files has some 10 MB. */
const MOST_JSON = 16 << 20

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
    throw notHub(noListing(hub.endpoint), cause)
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
      throw notHub(otherCommit(hub.endpoint, answered, commit, repository))
    }
    const digest = announcedDigest(reply) ?? plainEtag(reply.headers.get("etag"))
    if (digest === undefined || !isDigest(digest)) {
      throw notHub(noDigest(hub.endpoint, name, repository))
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
  if (!reply.own) {
    // A signed address expires; the endpoint gives a new one.
    return new HubError("server", answers(reply.url.host, status, repository, name ?? null, ""), later, {
      transient: true,
    })
  }
  if (status === 401 || status === 403) return noAccess(hub, reply, repository)
  if (code === "RepoNotFound" || (status === 404 && name === undefined)) {
    return new HubError("repository", repositoryMissing(repository, hub.endpoint), repositoryMissingHelp)
  }
  if (code === "RevisionNotFound") {
    return new HubError("revision", revisionMissing(repository, null), revisionMissingHelp)
  }
  if (status === 404) {
    return new HubError("file", fileOfRepositoryMissing(repository, name ?? ""), otherRevision)
  }
  const transient = status === 408 || status === 429 || status >= 500
  const help = status === 429 ? waitMinutes : later
  const message = answers(reply.url.host, status, repository, name ?? null, explanation(headers))
  return new HubError("server", message, help, { transient, retryAfter: retryAfter(headers) })
}

const noAccess = (hub: Hub, reply: Reply, repository: string): HubError => {
  const said = explanation(reply.headers)
  if (hub.token === undefined) {
    return new HubError(
      "access",
      gatedOrMissing(repository, said),
      gatedOrMissingHelp,
    )
  }
  return new HubError(
    "access",
    gated(repository, said),
    gatedHelp,
  )
}

const noRevision = (repository: string, revision: string): HubError =>
  new HubError("revision", revisionMissing(repository, revision), revisionMissingHelp)

const notHub = (message: string, cause?: unknown): HubError =>
  new HubError("protocol", message, endpointHelp, { cause })

/** What the server says itself; empty where it says nothing. */
const explanation = (headers: Headers): string =>
  headers.get("x-error-message")?.replaceAll(/[^\x20-\x7e]/gu, "?").slice(0, 200) ?? ""

/** Seconds or a date, as milliseconds from now. */
const retryAfter = (headers: Headers): number => {
  const value = headers.get("retry-after") ?? ""
  const milliseconds = /^\d+$/u.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : 0
}
