import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import { existsSync, linkSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, isAbsolute, relative, resolve, sep } from "node:path"
import { attempt } from "../base/attempt.ts"
import type { BlobRef } from "../base/blob-ref.ts"
import { type Digest, digestOf, digestOfFile } from "../base/digest.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import { pathError, systemCode } from "../base/system.ts"
import { bytes, counted, some } from "../base/text.ts"
import { Disk, makeFolders } from "../store/disk.ts"
import { Store } from "../store/store.ts"
import { Project } from "./project.ts"

/** A file that the user asked for: with this content, or with that of an object of the store. */
export interface Delivery {
  readonly file: string
  readonly wanted: { readonly content: string | Uint8Array } | { readonly copyOf: BlobRef }
}

/** A file that was written for the user. */
export interface Delivered {
  readonly file: string
  readonly size: number
}

/**
 * Writes files that the user asked for, each whole or not at all.
 *
 * Before the first is written, every object to be copied is found to be whole, and no file is there that would be lost:
 * one that has other bytes is replaced only with `force`.
 */
export const deliver = Effect.fnUntraced(function*(
  deliveries: ReadonlyArray<Delivery>,
  force: boolean,
): Effect.fn.Return<ReadonlyArray<Delivered>, InputError | StoreError, Store | Disk | Project> {
  const { store: itself } = yield* Project
  const digests = new Map<string, Digest>()
  const inTheWay: Array<string> = []
  const absent = new Set<string>()
  for (const { file, wanted } of deliveries) {
    const digest = "content" in wanted ? digestOf(wanted.content) : wanted.copyOf.digest
    const other = digests.get(file)
    if (other !== undefined && other !== digest) return yield* twice(file)
    digests.set(file, digest)
    if (isWithin(itself, file)) return yield* inStore(file)
    const there = yield* writing(file, () => thereAt(file, digest))
    if (there === "nothing") absent.add(file)
    if (there === "other content") inTheWay.push(file)
  }
  if (inTheWay.length > 0 && !force) {
    return yield* new InputError({
      message: `${counted(inTheWay.length, "file")} ${inTheWay.length === 1 ? "is" : "are"} there with other content: ${
        some(inTheWay)
      }`,
      help: "name another place, or replace what is there: --force; nothing was written",
    })
  }
  const store = yield* Store
  const sources = yield* Effect.forEach(
    deliveries,
    ({ wanted }) => "content" in wanted ? Effect.succeed(undefined) : store.blobPath(wanted.copyOf),
  )
  const isNew = (file: string) => !force && absent.has(file)
  return yield* Effect.forEach(deliveries, ({ file, wanted }, index) =>
    "content" in wanted
      ? write(file, isNew(file), (temporary) => writing(file, () => writeFileSync(temporary, wanted.content)))
      : write(file, isNew(file), (temporary) => copy(sources[index] ?? "", temporary, file, wanted.copyOf.digest)))
})

/** Runs file-system calls on a file that the user named. */
const writing = <A>(file: string, call: () => A): Effect.Effect<A, InputError> =>
  attempt(call, (thrown) => pathError(thrown, file, "written", help))

const help = "name a place that can be made or written to"

/** Whether a path is that of a folder, or below it. */
const isWithin = (folder: string, path: string): boolean => {
  const way = relative(folder, resolve(path))
  return way === "" || (!isAbsolute(way) && way !== ".." && !way.startsWith(`..${sep}`))
}

const inStore = (file: string): InputError =>
  new InputError({
    file,
    message: "is in the store, where only what it made itself belongs",
    help: "name another place",
  })

const twice = (file: string): InputError =>
  new InputError({ file, message: "would be written twice, with two contents", help: "name one output at a time" })

/** What is at a place where bytes of this digest are to be; throws where something is there that is no file. */
const thereAt = (file: string, digest: Digest): "nothing" | "the same" | "other content" => {
  const there = statSync(file, { throwIfNoEntry: false })
  if (there === undefined) return "nothing"
  if (!there.isFile()) {
    const what = there.isDirectory() ? "it is a folder" : "it is no file"
    throw new InputError({ file, message: `cannot be written: ${what}`, help })
  }
  return digestOfFile(file) === digest ? "the same" : "other content"
}

/** Gives a finished file its name; where it was new a moment ago, only if it still is. */
const name = (temporary: string, file: string, isNew: boolean): void => {
  if (!isNew) return renameSync(temporary, file)
  try {
    linkSync(temporary, file)
  } catch (cause) {
    // A file system without links, as some on removable disks and of networks are, cannot tell.
    if (systemCode(cause) === "EEXIST" || existsSync(file)) throw cause
    return renameSync(temporary, file)
  }
  rmSync(temporary)
}

const write = <E, R>(file: string, isNew: boolean, fill: (temporary: string) => Effect.Effect<void, E, R>) => {
  // Of this call alone: two containers have processes of one number, and one that was killed leaves its own.
  const temporary = `${file}.${randomBytes(6).toString("hex")}.part`
  return writing(file, () => makeFolders(dirname(file))).pipe(
    Effect.andThen(fill(temporary)),
    Effect.andThen(writing(file, () => {
      const { size } = statSync(temporary)
      name(temporary, file, isNew)
      return { file, size }
    })),
    Effect.onError(() => Effect.sync(() => rmSync(temporary, { force: true }))),
  )
}

/** Copies an object of the store, and reads the copy to see that it is the object. */
const copy = Effect.fnUntraced(function*(from: string, to: string, file: string, digest: Digest) {
  const disk = yield* Disk
  yield* disk.copy(from, to).pipe(Effect.mapError(({ message }) => new InputError({ file, message, help })))
  if ((yield* writing(file, () => digestOfFile(to))) === digest) return
  return yield* new InputError({
    file,
    message: "was not copied as it is in the store",
    help: "check the disk that it is copied to, and copy it again",
  })
})

/** A file that was written, with its size, as a row of a table. */
export const deliveredRow = ({ file, size }: Delivered): ReadonlyArray<string> => [file, bytes(size)]
