import { Schema } from "effect"
import { copyFile, mkdir, open, readdir, readFile, readlink, rename, rm, stat, statfs, symlink } from "node:fs/promises"
import { basename, dirname, join, relative } from "node:path"
import { isDigest } from "./digest.ts"
import { codeOf, onDisk, publish, publishText, readingOr, unique } from "./disk.ts"
import { HubError } from "./errors.ts"
import { noRegularFile, noRegularFileHelp, noSpace, noSpaceHelp } from "./messages.ts"
import { checkFileName, isCommit } from "./names.ts"

/** A file of a snapshot in the cache. */
export interface CachedFile {
  readonly path: string
  readonly size: number
  /** The digest that its bytes should have: the name of the blob it leads to. */
  readonly digest: string | undefined
}

const decodeNames = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.String)))

/**
 * One repository in the cache that Hugging Face's tools share. `blobs/` holds contents by digest, `snapshots/<commit>/`
 * the files as links to them, `refs/` the commit of each branch and tag; `.redag/` is redag's own and says which
 * files a commit has. https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
export class RepositoryCache {
  readonly #folder: string
  readonly #locks: string

  constructor(cache: string, repository: string) {
    const name = ["models", ...repository.split("/")].join("--")
    this.#folder = join(cache, name)
    this.#locks = join(cache, ".locks", name)
  }

  snapshot(commit: string): string {
    return join(this.#folder, "snapshots", commit)
  }

  blob(digest: string): string {
    return join(this.#folder, "blobs", digest)
  }

  /** What has come of a blob so far. */
  part(digest: string): string {
    return `${this.blob(digest)}.incomplete`
  }

  /** The file by which processes agree on who downloads a blob; Hugging Face's own are locks of another kind. */
  lock(digest: string): string {
    return join(this.#locks, `${digest}.redag.lock`)
  }

  /** The commit that a revision was when it was last downloaded. Throws `HubError`. */
  async resolve(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision
    const text = await readingOr(this.#ref(revision), "", () => readFile(this.#ref(revision), "utf8"))
    return isCommit(text.trim()) ? text.trim() : undefined
  }

  /** The names of all files of a commit, where redag has downloaded it before. Throws `HubError`. */
  async listing(commit: string): Promise<readonly string[] | undefined> {
    const path = this.#listing(commit)
    const text = await readingOr(path, undefined, () => readFile(path, "utf8"))
    if (text === undefined) return undefined
    try {
      return decodeNames(text)
    } catch {
      return undefined
    }
  }

  /** The names in the snapshot of a commit. Throws `HubError`. */
  names(commit: string): Promise<readonly string[]> {
    return readingOr(this.snapshot(commit), [], () => readdir(this.snapshot(commit)))
  }

  /** A file of a commit, where it is there. Throws `HubError`. */
  async find(commit: string, name: string): Promise<CachedFile | undefined> {
    const path = this.#path(commit, name)
    const status = await readingOr(path, undefined, () => stat(path))
    if (status === undefined) return undefined
    if (!status.isFile()) {
      throw new HubError("disk", noRegularFile(path), noRegularFileHelp)
    }
    const target = basename(await linkTarget(path))
    return { path, size: status.size, digest: isDigest(target) ? target : undefined }
  }

  /** Gives a blob its name in a snapshot. Throws `HubError`. */
  async link(commit: string, name: string, digest: string): Promise<string> {
    const path = this.#path(commit, name)
    await publish(path, this.#temporary(), async (temporary) => {
      try {
        await symlink(relative(dirname(path), this.blob(digest)), temporary)
      } catch (cause) {
        if (!["EPERM", "ENOSYS", "ENOTSUP"].includes(codeOf(cause))) throw cause
        // A file system without symbolic links.
        await copyFile(this.blob(digest), temporary)
      }
    })
    return path
  }

  /** Takes a file out of a snapshot, with the blob behind it. Throws `HubError`. */
  remove(file: CachedFile): Promise<void> {
    return onDisk(file.path, "written", async () => {
      if (file.digest !== undefined) await rm(this.blob(file.digest), { force: true })
      await rm(file.path, { force: true })
    })
  }

  /** Turns what has come of a blob into the blob. Throws `HubError`. */
  complete(digest: string): Promise<void> {
    return onDisk(this.blob(digest), "written", async () => {
      const file = await open(this.part(digest), "r+")
      try {
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(this.part(digest), this.blob(digest))
    })
  }

  /** Remembers which commit a revision is and which files it has. Throws `HubError`. */
  async remember(revision: string, commit: string, names: readonly string[]): Promise<void> {
    if (await this.listing(commit) === undefined) {
      await publishText(this.#listing(commit), this.#temporary(), JSON.stringify(names))
    }
    if (await this.resolve(revision) !== commit) await publishText(this.#ref(revision), this.#temporary(), commit)
  }

  /** Throws `HubError` where the disk has no room for so many bytes more. */
  async requireSpace(bytes: number): Promise<void> {
    const blobs = dirname(this.blob(""))
    await onDisk(blobs, "written", () => mkdir(blobs, { recursive: true }))
    const { bavail, bsize } = await onDisk(blobs, "read", () => statfs(blobs))
    if (bytes > bavail * bsize) {
      throw new HubError(
        "disk",
        noSpace(blobs, bavail * bsize, bytes),
        noSpaceHelp,
      )
    }
  }

  #path(commit: string, name: string): string {
    checkFileName(name)
    return join(this.snapshot(commit), ...name.split("/"))
  }

  #ref(revision: string): string {
    return join(this.#folder, "refs", ...revision.split("/"))
  }

  #listing(commit: string): string {
    return join(this.#folder, ".redag", `${commit}.json`)
  }

  #temporary(): string {
    return join(this.#folder, ".redag", `${unique()}.tmp`)
  }
}

const linkTarget = (path: string): Promise<string> =>
  onDisk(path, "read", async () => {
    try {
      return await readlink(path)
    } catch (cause) {
      if (codeOf(cause) === "EINVAL") return ""
      throw cause
    }
  })
