import { readFile } from "node:fs/promises"
import { corrupt, fetchBlob, sizeOf } from "./blob.ts"
import { type CachedFile, RepositoryCache } from "./cache.ts"
import { type Content, readContent } from "./digest.ts"
import { onDisk } from "./disk.ts"
import { HubError } from "./errors.ts"
import type { Hub } from "./http.ts"
import {
  changedOnServer,
  changesAlways,
  corruptInCache,
  endpointHelp,
  indexTooLarge,
  notInCache,
  notInCacheHelp,
  otherRevision,
  shardMissing,
} from "./messages.ts"
import { chooseFiles, isIndex, type Parts, shardsOf } from "./model-files.ts"
import { checkRepository, checkRevision, isCommit } from "./names.ts"
import type { Progress } from "./progress.ts"
import { describeFile, listFiles, type Listing, type RemoteFile } from "./protocol.ts"
import { defaultPatience, type Patience } from "./retry.ts"
import { type HubEnvironment, readSettings } from "./settings.ts"

/** What `download` fetches. */
export interface DownloadOptions {
  /** "organization/name", or "name". */
  readonly repository: string
  /** A branch, a tag or a commit. */
  readonly revision: string
  /** A whole model where it is not given. */
  readonly parts?: Parts
  /** The process's environment: see `HubEnvironment` for what is read of it. */
  readonly environment: HubEnvironment
  readonly signal: AbortSignal
  /** Where it differs from `defaultPatience`. */
  readonly patience?: Partial<Patience>
}

/** A file of a snapshot. */
export interface SnapshotFile {
  readonly name: string
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
}

/** The files of a model at one commit, verified. */
export interface Snapshot {
  readonly repository: string
  readonly revision: string
  /** 40 hexadecimal digits. */
  readonly commit: string
  readonly folder: string
  readonly files: readonly SnapshotFile[]
}

interface Opened {
  readonly hub: Hub
  readonly cache: RepositoryCache
  readonly offline: boolean
}

const open = async (options: DownloadOptions, note: (text: string) => void): Promise<Opened> => {
  checkRepository(options.repository)
  checkRevision(options.revision)
  const { endpoint, token, cache, offline, rate, limit } = await readSettings(options.environment)
  const patience = { ...defaultPatience, rate, ...options.patience }
  return {
    hub: { endpoint, token, limit, patience, signal: options.signal, note },
    cache: new RepositoryCache(cache, options.repository),
    offline,
  }
}

const absent = ({ repository, revision }: DownloadOptions, file: string | null = null): never => {
  throw new HubError("offline", notInCache(file, revision, repository), notInCacheHelp)
}

/** A file on its way: what the cache holds of it, or else what the server says of it. */
interface Planned {
  readonly name: string
  readonly cached: CachedFile | undefined
  readonly remote: RemoteFile | undefined
  /** In bytes, where it is known. */
  readonly size: number
}

/** Fetches what is missing of a model, and reports how far it is. Throws `HubError`. */
export const fetchSnapshot = async (options: DownloadOptions, progress: Progress): Promise<Snapshot> => {
  const { repository, revision } = options
  const opened = await open(options, (text) => progress.note(text))
  const { cache, hub, offline } = opened
  const download = new Download(options, opened)
  const { commit, names: all } = await download.list()
  const names = await download.choose(commit, all)
  const planned = await download.plan(commit, names)
  const missing = planned.filter(({ cached }) => cached === undefined)
  if (missing.length > 0) await cache.requireSpace(await stillToCome(cache, missing))
  progress.total(planned.reduce((total, { size }) => total + size, 0))
  const files: SnapshotFile[] = []
  for (const file of planned) {
    progress.begin(file.name)
    const { path, content: { size, sha256 } } = await download.obtain(commit, file, (bytes) => progress.at(bytes))
    progress.finish(size, file.size)
    files.push({ name: file.name, path, size, sha256 })
  }
  try {
    // Offline, the names are those that are here, not all that there are.
    if (!offline) await cache.remember(revision, commit, all)
  } catch (cause) {
    // A cache that others filled may be one that only they can write.
    if (missing.length > 0) throw cause
    hub.note(cause instanceof Error ? cause.message : String(cause))
  }
  return { repository, revision, commit, folder: cache.snapshot(commit), files }
}

const stillToCome = async (cache: RepositoryCache, missing: readonly Planned[]): Promise<number> => {
  let bytes = 0
  for (const { remote, size } of missing) {
    if (remote === undefined || await sizeOf(cache.blob(remote.digest)) !== undefined) continue
    bytes += Math.max(0, size - (await sizeOf(cache.part(remote.digest)) ?? 0))
  }
  return bytes
}

/** Requests for the descriptions of files that run at a time. */
const AT_ONCE = 4
const MOST_CHANGES = 3
/** The largest index of weights that is read, in bytes: that of 1,000 tensors has some 100 kB. */
const MOST_INDEX = 16 << 20

class Download {
  readonly #options: DownloadOptions
  readonly #hub: Hub
  readonly #cache: RepositoryCache
  readonly #offline: boolean

  constructor(options: DownloadOptions, { hub, cache, offline }: Opened) {
    this.#options = options
    this.#hub = hub
    this.#cache = cache
    this.#offline = offline
  }

  /** The commit of the revision and the names of its files, or of those in the cache where the Hub is offline. */
  async list(): Promise<Listing> {
    const { repository, revision } = this.#options
    const commit = this.#offline || isCommit(revision) ? await this.#cache.resolve(revision) : undefined
    const names = commit === undefined ? undefined : await this.#cache.listing(commit)
    if (commit !== undefined && names !== undefined) return { commit, names }
    if (!this.#offline) return listFiles(this.#hub, repository, revision)
    const here = commit === undefined ? [] : await this.#cache.names(commit)
    return commit === undefined || here.length === 0 ? absent(this.#options) : { commit, names: here }
  }

  /** The names of the files that the parts of a model need, the weights last. */
  async choose(commit: string, names: readonly string[]): Promise<readonly string[]> {
    const { repository, parts = "all" } = this.#options
    const { companions, weights } = chooseFiles(repository, names, parts)
    if (weights === undefined) return companions
    if (!isIndex(weights)) return [...companions, weights]
    const [file] = await this.plan(commit, [weights])
    if (file === undefined) return absent(this.#options)
    const { path, content: { size } } = await this.obtain(commit, file, () => undefined)
    if (size > MOST_INDEX) {
      throw new HubError("unusable", indexTooLarge(weights, repository, size, MOST_INDEX), otherRevision)
    }
    const text = await onDisk(path, "read", () => readFile(path, "utf8"))
    const shards = shardsOf(repository, weights, text)
    const lost = this.#offline ? undefined : shards.find((shard) => !names.includes(shard))
    if (lost !== undefined) {
      throw new HubError(
        "file",
        shardMissing(repository, lost, weights),
        otherRevision,
      )
    }
    return [...companions, weights, ...shards]
  }

  /** Looks for files in the cache, and asks the server for those that are not there. */
  async plan(commit: string, names: readonly string[]): Promise<readonly Planned[]> {
    const planned: Planned[] = []
    for (let start = 0; start < names.length; start += AT_ONCE) {
      const some = names.slice(start, start + AT_ONCE).map((name) => this.#planOne(commit, name))
      planned.push(...await Promise.all(some))
    }
    return planned
  }

  async #planOne(commit: string, name: string): Promise<Planned> {
    const cached = await this.#cache.find(commit, name)
    if (cached !== undefined && (cached.digest !== undefined || this.#offline)) {
      return { name, cached, remote: undefined, size: cached.size }
    }
    if (this.#offline) return absent(this.#options, name)
    const remote = await describeFile(this.#hub, this.#options.repository, commit, name)
    return { name, cached, remote, size: cached?.size ?? remote.size ?? 0 }
  }

  /** Verifies a file in the cache, or downloads it. */
  async obtain(
    commit: string,
    { name, cached, remote }: Planned,
    at: (bytes: number) => void,
  ): Promise<{ readonly path: string; readonly content: Content }> {
    const { repository } = this.#options
    if (cached !== undefined) {
      const digest = cached.digest ?? remote?.digest
      const content = await readContent(cached.path, digest, this.#hub.signal, at)
      if (content.genuine) return { path: cached.path, content }
      if (this.#offline) throw corrupt(repository, name, digest ?? "")
      this.#hub.note(corruptInCache(name, repository))
      await this.#cache.remove(cached)
    }
    for (let changes = 0; changes <= MOST_CHANGES; changes++) {
      const current = changes === 0 && remote !== undefined
        ? remote
        : await describeFile(this.#hub, repository, commit, name)
      const content = await fetchBlob(this.#hub, this.#cache, repository, current, at)
      if (content !== undefined) return { path: await this.#cache.link(commit, name, current.digest), content }
      this.#hub.note(changedOnServer(name, repository))
    }
    throw new HubError(
      "protocol",
      changesAlways(name, repository),
      endpointHelp,
    )
  }
}
