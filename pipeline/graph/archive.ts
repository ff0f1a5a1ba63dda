import AdmZip from "adm-zip"
import { type BigIntStats, closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs"
import { InputError } from "../base/errors.ts"
import { systemReason } from "../base/system.ts"
import { type FileState, stateText, unchanged } from "./hashing.ts"

/** Largest archive, and largest file in one, in bytes: both are held in memory. */
const largest = 512 * 2 ** 20

/** A file in an archive. */
export interface ArchivedFile {
  /** Bytes, as the archive says. */
  readonly size: number
  /** The content. Throws an InputError where it is not as the archive says. */
  readonly read: () => Buffer
}

/** What is in a .zip archive: for each of its folders, "" for the outermost, the files in it by name. */
export type Archive = ReadonlyMap<string, ReadonlyMap<string, ArchivedFile>>

/** An archive on disk that was read. */
export interface OpenedArchive {
  readonly content: Archive
  readonly bytes: Buffer
  /** What the file was before and after it was read; undefined where it changed meanwhile. */
  readonly state: FileState | undefined
}

const again = "download the archive again, or unpack it beside itself"

/** Archives that were opened last, or why not, so that the files of one are found without opening it for each. */
const opened = new Map<
  string,
  { readonly stamp: string; readonly at: number; readonly archive: OpenedArchive | InputError }
>()
const held = 3

/**
 * Opens a .zip archive on disk, which is read again where that was before `after`, in milliseconds as performance.now()
 * gives it. Throws an InputError where it is damaged, too large, or names files outside itself.
 */
export const openArchive = (
  path: string,
  stats: BigIntStats = statSync(path, { bigint: true }),
  after = -Infinity,
): OpenedArchive => {
  const stamp = stateText(stats)
  const known = opened.get(path)
  const isKnown = known?.stamp === stamp && known.at > after
  const at = isKnown ? known.at : performance.now()
  const archive = isKnown ? known.archive : orError(() => readArchive(path, Number(stats.size), known?.archive))
  // The one used last stands last.
  opened.delete(path)
  opened.set(path, { stamp, at, archive })
  for (const oldest of [...opened.keys()].slice(0, -held)) opened.delete(oldest)
  if (archive instanceof InputError) throw archive
  return archive
}

/** Reads an archive; gives the one that was read before where it is the same. */
const readArchive = (path: string, size: number, before: OpenedArchive | InputError | undefined): OpenedArchive => {
  if (size > largest) throw tooLarge(path)
  const { bytes, state } = reading(path, () => {
    const file = openSync(path, "r")
    try {
      const first = fstatSync(file, { bigint: true })
      return { bytes: readFileSync(file), state: unchanged(first, fstatSync(file, { bigint: true })) }
    } finally {
      closeSync(file)
    }
  })
  if (before !== undefined && !(before instanceof InputError) && isSame(before, { bytes, state })) return before
  return { bytes, state, content: archiveOf(path, size, () => new AdmZip(bytes)) }
}

type Bytes = Pick<OpenedArchive, "bytes" | "state">

const isSame = (one: Bytes, other: Bytes): boolean =>
  one.state !== undefined && other.state !== undefined && stateText(one.state) === stateText(other.state)
  && one.bytes.equals(other.bytes)

const orError = (open: () => OpenedArchive): OpenedArchive | InputError => {
  try {
    return open()
  } catch (thrown) {
    if (thrown instanceof InputError) return thrown
    throw thrown
  }
}

/** Archives in archives, for as long as the outer one is held. */
const inner = new WeakMap<ArchivedFile, Archive>()

/** Opens a .zip archive that is a file in another one. */
export const openInner = (path: string, file: ArchivedFile): Archive => {
  const archive = inner.get(file) ?? archiveOf(path, file.size, () => new AdmZip(file.read()))
  inner.set(file, archive)
  return archive
}

const archiveOf = (path: string, size: number, open: () => AdmZip): Archive => {
  if (size > largest) throw tooLarge(path)
  const folders = new Map<string, Map<string, ArchivedFile>>([["", new Map()]])
  for (const entry of reading(path, () => open().getEntries())) {
    // Some programs write Windows' separator.
    const written = entry.entryName.split(/[/\\]/u)
    if (entry.entryName.startsWith("/") || written.includes("..") || /^[a-z]:/iu.test(entry.entryName)) {
      throw new InputError({
        file: path,
        message: `names a file outside the archive: ${JSON.stringify(entry.entryName)}`,
        help: "get the archive from its publisher; this one may be made to do harm",
      })
    }
    // Others write "./a.txt" or "cdr//a.txt".
    const parts = written.filter((part) => part !== "" && part !== ".")
    const isFolder = entry.isDirectory || written.at(-1) === ""
    for (let depth = 1; depth < parts.length + (isFolder ? 1 : 0); depth++) {
      const folder = parts.slice(0, depth).join("/")
      if (!folders.has(folder)) folders.set(folder, new Map())
    }
    const name = parts.at(-1)
    if (isFolder || name === undefined) continue
    folders.get(parts.slice(0, -1).join("/"))?.set(name, archived(`${path}/${parts.join("/")}`, entry))
  }
  return folders
}

const archived = (path: string, entry: AdmZip.IZipEntry): ArchivedFile => ({
  size: entry.header.size,
  read: () => {
    if (entry.header.size > largest) throw tooLarge(path)
    if (entry.header.encrypted) {
      throw new InputError({
        file: path,
        message: "is encrypted, and no password is known here",
        help: "unpack the archive with its password and remove it",
      })
    }
    const content = reading(path, () => entry.getData())
    // What it inflates to is bounded by what the archive says.
    if (content.length === entry.header.size) return content
    throw new InputError({ file: path, message: "is damaged: it has another size than its archive says", help: again })
  },
})

const tooLarge = (file: string): InputError =>
  new InputError({
    file,
    message: `is larger than ${largest / 2 ** 20} MiB, which is the most that is read of an archive`,
    help: "unpack the archive and remove it",
  })

/** Runs calls on an archive; whatever is wrong with its bytes is an InputError. */
const reading = <A>(file: string, call: () => A): A => {
  try {
    return call()
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    const reason = systemReason(thrown) ?? message.replace(/^ADM-ZIP: /u, "")
    throw new InputError({ file, message: `cannot be read as a zip archive: ${reason}`, help: again })
  }
}
