import { Effect, type Scope } from "effect"
import { statSync } from "node:fs"
import { extname, join, relative } from "node:path"
import { attempt } from "../base/attempt.ts"
import { digestOf, digestOfFile } from "../base/digest.ts"
import { InputError, reworded, type StoreError } from "../base/errors.ts"
import { onPath } from "../base/system.ts"
import { archivedContent } from "../graph/folders.ts"
import type { StageFailure } from "../graph/stage.ts"
import { Disk } from "../store/disk.ts"
import type { Job } from "../store/record.ts"
import { Store } from "../store/store.ts"

type File = Job["files"][number]

/** Copies of a job's files, which nobody else writes to. */
export interface PrivateFiles {
  /** The files, each with the path of its copy. */
  readonly files: ReadonlyArray<File>
  /** The same failure about the user's files: a stage knows them by their names below some folder, or by their copies. */
  readonly about: (failure: StageFailure) => StageFailure
}

/**
 * Copies the files that a job's key is made of, and refuses those that have other bytes by now: what a stage reads is
 * what was hashed, whatever becomes of the user's files meanwhile. The copies go with the scope.
 */
export const privateFiles = Effect.fnUntraced(function*(
  files: ReadonlyArray<File>,
): Effect.fn.Return<PrivateFiles, InputError | StoreError, Store | Disk | Scope.Scope> {
  if (files.length === 0) return { files, about: (failure) => failure }
  const store = yield* Store
  const disk = yield* Disk
  const folder = yield* store.temporary
  yield* Effect.acquireRelease(disk.makeFolder(folder), () => Effect.ignore(disk.remove(folder)))
  const copies: Array<File> = []
  for (const file of files) {
    const path = join(folder, `${copies.length}${extname(file.path)}`)
    yield* take(file, path)
    copies.push({ ...file, path })
  }
  return { files: copies, about: (failure) => renamed(failure, files, copies) }
})

const shown = (path: string): string => relative(process.cwd(), path)

const readable = "make it a file that can be read, then run again"

const take = Effect.fnUntraced(function*({ path, digest, size }: File, copy: string) {
  const disk = yield* Disk
  const { digests } = yield* Store
  // Or what is remembered of it is wrong, so that the next run hashes it.
  const changed = Effect.andThen(
    digests.forget(path),
    Effect.fail(
      new InputError({
        file: shown(path),
        message: "changed while it was being read",
        help: "run again",
        raced: true,
      }),
    ),
  )
  const packed = yield* attempt(() => archivedContent(path))
  if (packed !== undefined) {
    if (digestOf(packed) !== digest) return yield* changed
    return yield* disk.write(copy, packed)
  }
  const found = yield* attempt(() => onPath(path, "read", readable, () => statSync(path, { throwIfNoEntry: false })))
  if (found?.isFile() !== true) return yield* changed
  yield* disk.copy(path, copy).pipe(
    // Which of the two could not be read or written, the system does not say.
    Effect.tapError(() => attempt(() => onPath(path, "read", readable, () => digestOfFile(path)))),
  )
  if ((yield* disk.size(copy)) !== size || (yield* disk.digest(copy)) !== digest) return yield* changed
})

/** A failure that names the user's files in the place of their names and copies. */
const renamed = (failure: StageFailure, files: ReadonlyArray<File>, copies: ReadonlyArray<File>): StageFailure => {
  const said = (text: string): string =>
    copies.reduce((all, { path }, index) => all.replaceAll(path, () => shown(files[index]?.path ?? path)), text)
      .split("\n").map(placed).join("\n")
  /** A line that begins with the place of another problem: "  cdr/test.txt:4 end: ...". */
  const placed = (line: string): string => {
    const [, indent = "", rest = ""] = /^( *)(.*)$/u.exec(line) ?? []
    const file = files.find(({ name }) => rest.startsWith(`${name}:`) || rest.startsWith(`${name} `))
    return file === undefined ? line : `${indent}${shown(file.path)}${rest.slice(file.name.length)}`
  }
  const named = (name: string): string => {
    const file = files.find((each) => each.name === name)
    return file === undefined ? said(name) : shown(file.path)
  }
  return reworded(failure, said, named)
}
