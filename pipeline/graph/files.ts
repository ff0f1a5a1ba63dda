import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import { type Digest, digestOfValue } from "../base/digest.ts"
import type { InputError } from "../base/errors.ts"
import { folderOnDisk, foldersAt, type FoundFile } from "./folders.ts"
import { type Digests, Hashing, unremembered } from "./hashing.ts"
import type { SourceFile } from "./stage.ts"
import { wildcard } from "./wildcards.ts"

/** Where a user who lacks some files gets them, and how to know that they are the right ones. */
export interface FileSource {
  /** Who publishes the files, as a name or an address. */
  readonly where: string
  readonly licence: string
  /** Size of the whole set in bytes. */
  readonly bytes: number
  /** The sha256 of each official file by its name, or of the whole set (see {@link digestOfFiles}). */
  readonly sha256?: Readonly<Record<string, string>> | string
}

/**
 * Files outside the store that an action reads.
 *
 * A name is relative to `base`; a name whose last part holds a "*" stands for every file of its folder that matches,
 * in code-point order; one that begins with a dot is meant only where the pattern begins with one too. Each folder of a
 * name may also be a .zip archive of that name.
 */
export interface FileSet {
  readonly title: string
  readonly base: string
  readonly names: ReadonlyArray<string>
  /** Other folders in which the files may lie as well as in `folder`, with which names begin; files keep their names. */
  readonly elsewhere?: { readonly folder: string; readonly places: ReadonlyArray<string> }
  readonly provenance?: FileSource
}

/** What is there of a file set now. */
export type Found =
  | { readonly _tag: "Found"; readonly files: ReadonlyArray<SourceFile> }
  | Absent

/** What a file set lacks. */
export interface Absent {
  readonly _tag: "Absent"
  readonly names: ReadonlyArray<string>
  /** What is wrong with each archive in which they may be but which cannot be read; left out where there is none. */
  readonly unreadable?: ReadonlyArray<string>
}

/**
 * Looks for a file set's files and takes the sha256 of each that is not known; fails on a file on disk that cannot be
 * read. What cannot be read of an archive is absent.
 */
export const findFiles = Effect.fnUntraced(function*(
  set: FileSet,
  digests: Digests = unremembered,
): Effect.fn.Return<Found, InputError> {
  const located = yield* attempt(() => locate(set))
  if (located._tag === "Absent") return located
  yield* digests.load
  const hashing = yield* Hashing
  const looked = located.files.map(({ name, file }) => ({ name, file, known: digests.known(file) }))
  const total = looked.reduce((sum, { file, known }) => (known === undefined ? sum + file.size : sum), 0)
  let done = 0
  const advanced = (bytes: number): void => {
    done += bytes
    hashing(set.title, done, total)
  }
  const lacking = new Lacking()
  const files: Array<SourceFile> = []
  for (const { name, file, known } of looked) {
    const digest = known ?? (yield* digests.take(file, advanced).pipe(
      Effect.catch((error) =>
        file.content === undefined ? Effect.fail(error) : Effect.sync(() => lacking.add(name, [error]))
      ),
    ))
    if (digest !== undefined) files.push({ name, path: file.path, size: file.size, digest })
  }
  return lacking.absent ?? { _tag: "Found", files }
})

/** Gathers what is absent, and why. */
class Lacking {
  readonly #names: Array<string> = []
  readonly #unreadable = new Set<string>()

  add(name: string, errors: Iterable<InputError>): void {
    this.#names.push(name)
    for (const { file = "", message, help } of errors) this.#unreadable.add(`${file} ${message}: ${help}`)
  }

  get absent(): Absent | undefined {
    if (this.#names.length === 0) return undefined
    const unreadable = this.#unreadable.size === 0 ? {} : { unreadable: [...this.#unreadable] }
    return { _tag: "Absent", names: this.#names, ...unreadable }
  }
}

/** Decides on the sets that a declaration may look for; undefined while it may look for all. */
let mayLook: ((set: FileSet) => boolean) | undefined

/** Gives what a function gives; to it, no file is there of a set that `may` refuses. */
export const lookingOnlyFor = <A>(may: (set: FileSet) => boolean, declared: () => A): A => {
  mayLook = may
  try {
    return declared()
  } finally {
    mayLook = undefined
  }
}

/** Whether all files of a set are there, without reading them; throws an InputError on a folder that cannot be read. */
export const isThere = (set: FileSet): boolean => mayLook?.(set) !== false && locate(set)._tag === "Located"

type Located =
  | { readonly _tag: "Located"; readonly files: ReadonlyArray<{ readonly name: string; readonly file: FoundFile }> }
  | Absent

/** Looks for the files in each place in turn; of places that lack some, the one that lacks least says which. */
const locate = (set: FileSet): Located => {
  let best: Absent | undefined
  const unreadable = new Set<string>()
  for (const place of [set.elsewhere?.folder, ...set.elsewhere?.places ?? []]) {
    const found = locateIn(set, place)
    if (found._tag === "Located") return found
    if (best === undefined || found.names.length < best.names.length) best = found
    for (const each of found.unreadable ?? []) unreadable.add(each)
  }
  const absent = best ?? { _tag: "Absent", names: set.names }
  return unreadable.size === 0 ? absent : { ...absent, unreadable: [...unreadable] }
}

const locateIn = ({ base, names, elsewhere }: FileSet, place: string | undefined): Located => {
  const lacking = new Lacking()
  const files: Array<{ readonly name: string; readonly file: FoundFile }> = []
  for (const pattern of names) {
    const at = elsewhere !== undefined && place !== undefined && pattern.startsWith(`${elsewhere.folder}/`)
      ? `${place}${pattern.slice(elsewhere.folder.length)}`
      : pattern
    const slash = pattern.lastIndexOf("/") + 1
    const errors: Array<InputError> = []
    const found = filesAt(base, at, (error) => errors.push(error))
    if (found.length === 0) lacking.add(pattern, errors)
    for (const { name, file } of found) files.push({ name: pattern.slice(0, slash) + name, file })
  }
  return lacking.absent ?? { _tag: "Located", files }
}

/** The files that a name stands for, each by the last part of its name, from the first folder that has any. */
const filesAt = (
  base: string,
  name: string,
  unreadable: (error: InputError) => void,
): ReadonlyArray<{ readonly name: string; readonly file: FoundFile }> => {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".")
  const last = parts.pop() ?? ""
  const matches = wildcard(last)
  // macOS leaves "._x" beside a file x on other file systems.
  const hidden = (entry: string): boolean => entry.startsWith(".") && !last.startsWith(".")
  for (const folder of foldersAt(folderOnDisk(base), parts, unreadable)) {
    const entries = last.includes("*")
      ? folder.names().filter((entry) => !hidden(entry) && matches(entry)).sort()
      : [last]
    const files = entries.flatMap((entry) => {
      const file = folder.file(entry)
      return file === undefined ? [] : [{ name: entry, file }]
    })
    if (files.length > 0) return files
  }
  return []
}

/** One digest for a set of files: of their contents and own names, not of the folders where they are. */
export const digestOfFiles = (files: ReadonlyArray<SourceFile>): Digest =>
  digestOfValue(
    "files/2",
    files.map(({ name, digest }) => ({ name: name.slice(name.lastIndexOf("/") + 1), digest }))
      .toSorted((one, other) => compare(one.name, other.name) || compare(one.digest, other.digest)),
  )

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** The names of files whose content is not that of the official files, where the set pins their digests. */
export const unofficial = (set: FileSet, files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  const pinned = set.provenance?.sha256
  if (pinned === undefined) return []
  if (typeof pinned === "string") return digestOfFiles(files) === pinned ? [] : [set.title]
  return files.filter(({ name, digest }) => pinned[name] !== undefined && pinned[name] !== digest).map(({ name }) =>
    name
  )
}
