import { createHash } from "node:crypto"
import { mkdtemp, rm, stat } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { download, type DownloadProgress, HubError, type Snapshot } from "../../../models/hub/download.ts"
import type { DownloadOptions } from "../../../models/hub/download.ts"
import type { Patience } from "../../../models/hub/retry.ts"
import { Random } from "../../../models/kernels/random.ts"

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
export const gitSha1 = (bytes: Uint8Array): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")

/** So many bytes without a pattern, the same for the same seed. */
export const noise = (size: number, seed: number): Uint8Array => {
  const key = `${size} ${seed}`
  const random = new Random(seed)
  const bytes = made.get(key) ?? Uint8Array.from({ length: size }, () => Math.floor(random.uniform() * 256))
  made.set(key, bytes)
  return bytes
}
const made = new Map<string, Uint8Array>()

export const COMMIT = "0123456789abcdef0123456789abcdef01234567"

/** A repository as the rig serves it: weights are in the large storage, everything else is plain. */
export interface FakeRepository {
  readonly commit: string
  readonly files: Readonly<Record<string, Uint8Array>>
  /** The token that it wants. */
  readonly token?: string
  readonly gated?: boolean
}

const isLarge = (name: string): boolean => /\.(?:safetensors|bin|model)$/u.test(name)

/** What a request of the rig saw. */
export interface Seen {
  readonly server: "hub" | "cdn"
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly range: string | undefined
  readonly ifRange: string | undefined
  /** Bytes of a body that were sent. */
  sent: number
}

/** How an answer goes wrong. */
export interface Fault {
  /** Answers with this status instead. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Drops the connection after so many bytes of the body. */
  readonly cut?: number
  /** Says no more after so many bytes of the body. */
  readonly stall?: number
  /** Turns over the bits of the byte at this place of the file. */
  readonly flip?: number
  readonly ignoreRange?: boolean
  /** Gives this ETag, of what lies on this server. */
  readonly etag?: string
  /** Gives this digest of the file. */
  readonly digest?: string
  /** Gives this size of the file in the headers. */
  readonly size?: number
  /** States no length of the file, neither in headers nor by Content-Length. */
  readonly unstated?: boolean
  /** Sends a byte of this body each so many milliseconds, without end. */
  readonly drip?: number
  /** Sends bytes without end. */
  readonly endless?: boolean
  /** Answers as if for this commit. */
  readonly commit?: string
}

/** A Hub and the storage that it redirects to, on ports of this machine. */
export class FakeHub {
  readonly repositories = new Map<string, FakeRepository>()
  readonly seen: Seen[] = []
  /** Asked for each request; `count` is how many the same server got of that method for that path, from 1. */
  fault: (seen: Seen, count: number) => Fault | undefined = () => undefined
  /** The cache of who downloads; a connection is cut once what it has sent lies there. */
  cache = ""
  /** Leaves out the codes by which the Hub tells what it has not found. */
  terse = false
  readonly #hub: Server
  readonly #cdn: Server

  constructor() {
    this.#hub = createServer((request, response) => this.#answer("hub", request, response))
    this.#cdn = createServer((request, response) => this.#answer("cdn", request, response))
  }

  async listen(): Promise<this> {
    for (const server of [this.#hub, this.#cdn]) {
      await new Promise<void>((resolve) => {
        server.listen(0, "127.0.0.1", resolve)
      })
    }
    return this
  }

  close(): void {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections()
      server.close()
    }
  }

  get endpoint(): string {
    return address(this.#hub)
  }

  /** Bytes of bodies that were sent of a file. */
  sent(name: string): number {
    return this.bodies(name).reduce((total, { sent }) => total + sent, 0)
  }

  /** The requests that sent, or were to send, bytes of a file. */
  bodies(name: string): readonly Seen[] {
    const server = isLarge(name) ? "cdn" : "hub"
    return this.seen.filter((seen) => seen.server === server && seen.method === "GET" && seen.path.endsWith(`/${name}`))
  }

  #answer(server: "hub" | "cdn", request: IncomingMessage, response: ServerResponse): void {
    const { authorization, range, "if-range": ifRange } = request.headers
    const path = decodeURIComponent(URL.parse(request.url ?? "", "http://rig")?.pathname ?? "")
    const method = request.method ?? ""
    const seen: Seen = { server, method, path, authorization, range, ifRange: ifRange?.toString(), sent: 0 }
    this.seen.push(seen)
    const same = this.seen.filter((s) => s.server === server && s.method === method && s.path === path)
    const fault = this.fault(seen, same.length) ?? {}
    if (fault.status !== undefined) {
      response.writeHead(fault.status, fault.headers).end()
    } else if (server === "hub" && path.startsWith("/api/models/")) {
      if (fault.drip !== undefined) void dripping(response.writeHead(200), fault.drip)
      else if (fault.endless === true) void endless(response.writeHead(200))
      else this.#list(path.slice("/api/models/".length), authorization, response)
    } else {
      this.#file(seen, request, fault, response)
    }
  }

  #list(path: string, authorization: string | undefined, response: ServerResponse): void {
    const [name = "", revision] = path.split("/revision/")
    const repository = this.#find(name, authorization, response)
    if (repository === undefined) return
    if (revision !== undefined && revision !== "main" && revision !== "refs/pr/1" && revision !== repository.commit) {
      this.#refuse(response, 404, "RevisionNotFound")
      return
    }
    const siblings = Object.keys(repository.files).map((rfilename) => ({ rfilename }))
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify({ id: name, sha: repository.commit, siblings, private: false }))
  }

  #find(name: string, authorization: string | undefined, response: ServerResponse): FakeRepository | undefined {
    const repository = this.repositories.get(name)
    const signedIn = authorization !== undefined
    if (repository === undefined) {
      this.#refuse(response, signedIn || this.terse ? 404 : 401, "RepoNotFound")
    } else if (repository.token !== undefined && authorization !== `Bearer ${repository.token}`) {
      this.#refuse(response, signedIn ? 403 : 401, repository.gated === true ? "GatedRepo" : "RepoNotFound")
    } else {
      return repository
    }
    return undefined
  }

  #refuse(response: ServerResponse, status: number, code: string): void {
    response.writeHead(status, this.terse ? {} : { "x-error-code": code }).end()
  }

  #file(seen: Seen, request: IncomingMessage, fault: Fault, response: ServerResponse): void {
    const { server } = seen
    const [, id = "", commit = "", name = ""] = /^\/(.+)\/resolve\/([^/]+)\/(.+)$/u.exec(seen.path) ?? []
    const repository = server === "cdn" ? this.repositories.get(id) : this.#find(id, seen.authorization, response)
    if (repository === undefined) return
    const bytes = repository.files[name]
    if (bytes === undefined || (commit !== repository.commit && commit !== "main")) {
      this.#refuse(response, 404, "EntryNotFound")
      return
    }
    const digest = fault.digest ?? (isLarge(name) ? sha256(bytes) : gitSha1(bytes))
    response.setHeader("x-repo-commit", fault.commit ?? repository.commit)
    if (server === "hub" && isLarge(name)) {
      response.setHeader("x-linked-etag", `"${digest}"`)
      if (fault.unstated !== true) response.setHeader("x-linked-size", fault.size ?? bytes.length)
      response.writeHead(302, { location: `${address(this.#cdn)}${request.url}` }).end()
      return
    }
    const etag = fault.etag ?? (server === "cdn" ? `"storage-${bytes.length}"` : `"${digest}"`)
    response.setHeader("etag", etag)
    response.setHeader("accept-ranges", "bytes")
    const start = fault.ignoreRange === true || (seen.ifRange !== undefined && seen.ifRange !== etag)
      ? undefined
      : /^bytes=(\d+)-$/u.exec(seen.range ?? "")?.[1]
    if (start !== undefined && Number(start) >= bytes.length) {
      response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end()
      return
    }
    const body = Buffer.from(bytes.subarray(Number(start ?? 0)))
    if (start !== undefined) {
      response.statusCode = 206
      response.setHeader("content-range", `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
    }
    if (fault.drip !== undefined || fault.endless === true) {
      if (seen.method === "HEAD") response.end()
      else void (fault.drip === undefined ? endless(response) : dripping(response, fault.drip))
      return
    }
    if (fault.unstated !== true) response.setHeader("content-length", fault.size ?? body.length)
    const flipped = (fault.flip ?? -1) - Number(start ?? 0)
    if (flipped >= 0 && flipped < body.length) body[flipped] = 255 - (body[flipped] ?? 0)
    if (seen.method === "HEAD") {
      response.end()
      return
    }
    const stop = fault.cut ?? fault.stall
    const part = stop === undefined ? body : body.subarray(0, stop)
    seen.sent += part.length
    if (stop === undefined && fault.size === undefined) {
      // In two pieces, so that node:http cannot know the length before.
      if (fault.unstated === true) response.write(part.subarray(0, 1))
      response.end(part.subarray(fault.unstated === true ? 1 : 0))
      return
    }
    // Around node:http, which would not let a body differ from its announced length.
    response.flushHeaders()
    response.socket?.write(part)
    if (fault.stall !== undefined) return
    // fetch drops what it has not handed on when a connection ends, which would make the counts of tests vary.
    const path = join(this.cache, `models--${id.replace("/", "--")}`, "blobs", `${digest}.incomplete`)
    void endOnceLanded(response, path, fault.cut === undefined ? 0 : Number(start ?? 0) + part.length)
  }
}

const dripping = async (response: ServerResponse, milliseconds: number): Promise<void> => {
  while (!response.closed) {
    response.write("{")
    await sleep(milliseconds)
  }
}

const endless = async (response: ServerResponse): Promise<void> => {
  const block = Buffer.alloc(1 << 16, "[")
  while (!response.closed) {
    if (!response.write(block)) await sleep(1)
  }
}

/** Drops a connection once a file has a size, unless whoever downloads drops it before. */
const endOnceLanded = async (response: ServerResponse, path: string, size: number): Promise<void> => {
  while (!response.closed) {
    const now = await stat(path).catch(() => undefined)
    if ((now?.size ?? 0) >= size) break
    await sleep(4)
  }
  response.socket?.end()
}

const address = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** A model of one file of weights. */
export const model = (size = 300_000): FakeRepository => ({
  commit: COMMIT,
  files: {
    ".gitattributes": Buffer.from("*.safetensors filter=lfs"),
    "README.md": Buffer.from("# A model"),
    "config.json": Buffer.from("{\"model_type\":\"t5\"}"),
    "tokenizer.json": Buffer.from(`{"version":"1.0","text":"${"é".repeat(500)}"}`),
    "spiece.model": noise(2000, 2),
    "model.safetensors": noise(size, 1),
    "pytorch_model.bin": noise(1000, 3),
    "tf_model.h5": noise(1000, 4),
  },
})

/** The files of `model()` that redag needs. */
export const NEEDED = ["config.json", "tokenizer.json", "spiece.model", "model.safetensors"] as const

export const quick: Patience = {
  attempts: 4,
  firstDelay: 4,
  longestDelay: 20,
  longestRetryAfter: 300,
  // Longer than a busy machine lets anybody wait: tests of what stalls say so themselves.
  stall: 60_000,
  window: 60_000,
  rate: 1000,
}

/** A Hub with one model, and an empty cache. */
export interface Rig {
  readonly hub: FakeHub
  /** HF_HOME */
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
  readonly options: DownloadOptions
}

/** Gives a test its own rig, and takes it down. */
export const withRig = async (use: (rig: Rig) => Promise<void>): Promise<void> => {
  const hub = await new FakeHub().listen()
  const home = await mkdtemp(join(tmpdir(), "redag-hub-"))
  try {
    hub.cache = join(home, "hub")
    hub.repositories.set("org/model", model())
    const environment = { HF_HOME: home, HF_ENDPOINT: hub.endpoint }
    const { signal } = new AbortController()
    const options = { repository: "org/model", revision: "main", environment, signal, patience: quick }
    await use({ hub, home, environment, options })
  } finally {
    hub.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** The folder of a repository in the cache. */
export const folderOf = (home: string, name = "models--org--model"): string => join(home, "hub", name)

/** What a download came to. */
export interface Outcome {
  readonly snapshot: Snapshot
  readonly events: readonly DownloadProgress[]
  /** The notes among them, in one text. */
  readonly notes: string
}

/** Runs a download to its end. */
export const fetched = async (options: DownloadOptions): Promise<Outcome> => {
  const generator = download(options)
  const events: DownloadProgress[] = []
  for (;;) {
    const { done, value } = await generator.next()
    if (done === true) {
      return { snapshot: value, events, notes: events.flatMap(({ note }) => note ?? []).join("\n") }
    }
    events.push(value)
  }
}

/** Runs a download that must fail. */
export const refused = async (options: DownloadOptions): Promise<HubError> => {
  try {
    await fetched(options)
  } catch (error) {
    if (error instanceof HubError) return error
    throw error
  }
  throw new Error("the download succeeded")
}

/** Waits until something is so. */
export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!await condition()) await sleep(5)
}
