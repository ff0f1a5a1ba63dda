import { Context, Effect, Layer } from "effect"
import { attempt } from "../base/attempt.ts"
import type { Digest } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import { type Calls, calls } from "./calls.ts"
import { elsewhere, storeError } from "./file-errors.ts"
import { makeRoom } from "./portions.ts"
import { publish, publishNew, renameIfThere, touchIfThere } from "./publish.ts"
import {
  digestAt,
  type Glance,
  glanceAt,
  type Kind,
  LARGEST,
  listOf,
  presentIn,
  readWhole,
  type Source,
  sourceOf,
  type StatOf,
  statOf,
} from "./reading.ts"
import { type Bundle, publishTogether } from "./together.ts"
import {
  appendTo,
  type Content,
  createNew,
  makeFoldersWith,
  now,
  type Output,
  outputOf,
  overwrite,
  removeAll,
  type Sink,
  sinkOf,
  writeNew,
} from "./writing.ts"

export { type Content, makeFolders, piecesOf, type Sink } from "./writing.ts"
export type { Kind, Source, StatOf }
export { LARGEST, storeError }

/**
 * The file-system calls of the store, in one service. Nothing that it opens is a link, a FIFO or a device.
 *
 * The calls are synchronous: a plan reads thousands of small records, and each asynchronous call would cost more than
 * the read itself.
 */
export class Disk extends Context.Service<Disk, {
  /** The bytes of a file, or undefined where there is none; fails where it is larger than `most`, {@link LARGEST} if left out. */
  readonly readBytes: (path: string, most?: number) => Effect.Effect<Buffer | undefined, StoreError>
  /** The text of a file, under the same conditions. */
  readonly read: (path: string, most?: number) => Effect.Effect<string | undefined, StoreError>
  /** Opens a file to be read in parts; undefined where there is none. What its calls throw is for {@link storeError}. */
  readonly source: (path: string) => Effect.Effect<Source | undefined, StoreError>
  /** What stands at a path, a link for itself; undefined where nothing does. */
  readonly stat: (path: string) => Effect.Effect<StatOf | undefined, StoreError>
  /** A file at a glance, at once; undefined where there is none, and where {@link stat} would have to say more. */
  readonly glance: (path: string) => Glance | undefined
  /** At which of these paths in one folder something stands. */
  readonly presentIn: (folder: string, paths: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>, StoreError>
  /** The size of a file in bytes, or undefined where there is none. */
  readonly size: (path: string) => Effect.Effect<number | undefined, StoreError>
  /** The sha256 of a file's bytes, or undefined where there is none. */
  readonly digest: (path: string) => Effect.Effect<Digest | undefined, StoreError>
  /** The names in a folder, in their order; none where there is no folder. */
  readonly list: (folder: string) => Effect.Effect<ReadonlyArray<string>, StoreError>
  readonly makeFolder: (folder: string) => Effect.Effect<void, StoreError>
  /** Writes a new file, which {@link publish} then forces to the disk. */
  readonly write: (path: string, content: Content) => Effect.Effect<void, StoreError>
  /** Opens a new file to be written in parts. What its calls throw is for {@link storeError}. */
  readonly sink: (path: string) => Effect.Effect<Sink, StoreError>
  /** Opens a file to be written further at its end, or a new one. */
  readonly extend: (path: string) => Effect.Effect<Sink, StoreError>
  /** Copies a file to a new one, without taking its space twice where the file system can share it. */
  readonly copy: (from: string, to: string) => Effect.Effect<void, StoreError>
  /** Adds to the end of a file. A crash may leave the last line torn; readers skip it. */
  readonly append: (path: string, text: string) => Effect.Effect<void, StoreError>
  /** Opens a file for another process to print to; the number of the open file, which is closed by `close`. */
  readonly output: (path: string) => Effect.Effect<Output, StoreError>
  /** Makes a small file, whose content is not forced to the disk; whether it did: not where the name is taken. */
  readonly create: (path: string, text: string) => Effect.Effect<boolean, StoreError>
  /** Writes a small file, in the place of what was there, without forcing it to the disk. Its time is then now. */
  readonly overwrite: (path: string, text: string) => Effect.Effect<void, StoreError>
  /** The time on the clock of the store itself, in milliseconds: that of a small file which is written for this. */
  readonly now: (path: string, text: string) => Effect.Effect<number, StoreError>
  /**
   * Gives a finished file its name, in the place of what was there: forces the bytes to the disk, renames, forces the
   * folder to the disk.
   *
   * After a crash the name is there with all of its bytes or not at all.
   */
  readonly publish: (temporary: string, path: string) => Effect.Effect<void, StoreError>
  /** The same where the name is not taken; whether it was free. The temporary file is gone in either case. */
  readonly publishNew: (temporary: string, path: string) => Effect.Effect<boolean, StoreError>
  /**
   * Gives the files of many actions their names for good: of each, whether its last name was free. See together.ts.
   *
   * The last temporary file of each is gone then; those of what failed stay.
   */
  readonly publishTogether: (
    bundles: ReadonlyArray<Bundle>,
  ) => Effect.Effect<ReadonlyArray<Effect.Effect<boolean, StoreError>>>
  /** Gives what stands at a path another one; whether it was still there. Nothing is forced to the disk. */
  readonly rename: (from: string, to: string) => Effect.Effect<boolean, StoreError>
  /** Says of a file that it is in use now, so that `dag gc` finds it young; whether it was there. */
  readonly touch: (path: string) => Effect.Effect<boolean, StoreError>
  /** Removes a file, or a folder with all that is in it; a link for itself. */
  readonly remove: (path: string) => Effect.Effect<void, StoreError>
}>()("redag/Disk") {}

/** The service over these calls of the system. */
export const diskOver = (calls: Calls): Disk["Service"] => {
  const on = <A>(path: string, verb: string, call: () => A): Effect.Effect<A, StoreError> =>
    attempt(call, (thrown) => storeError(path, verb, thrown))
  const stat = (path: string) => on(path, "read", () => statOf(calls, path))
  const readBytes = (path: string, most?: number) => on(path, "read", () => readWhole(calls, path, most))
  const room = makeRoom()
  return Disk.of({
    readBytes,
    read: (path, most) => Effect.map(readBytes(path, most), (bytes) => bytes?.toString()),
    source: (path) => on(path, "read", () => sourceOf(calls, path)),
    stat,
    glance: (path) => glanceAt(calls, path),
    presentIn: (folder, paths) => on(folder, "read", () => presentIn(calls, folder, paths)),
    size: (path) => Effect.map(stat(path), (found) => (found?.kind === "file" ? found.size : undefined)),
    digest: (path) => on(path, "read", () => digestAt(calls, path)),
    list: (folder) => on(folder, "read", () => listOf(calls, folder)),
    makeFolder: (folder) => on(folder, "made", () => makeFoldersWith(calls, folder)),
    write: (path, content) => on(path, "written", () => writeNew(calls, path, content)),
    sink: (path) => on(path, "written", () => sinkOf(calls, path)),
    extend: (path) => on(path, "written", () => sinkOf(calls, path, "append")),
    copy: (from, to) => on(to, "written", () => calls.copy(from, to)),
    append: (path, text) => on(path, "written", () => appendTo(calls, path, text)),
    output: (path) => on(path, "written", () => outputOf(calls, path)),
    create: (path, text) => on(path, "written", () => createNew(calls, path, text)),
    overwrite: (path, text) => on(path, "written", () => overwrite(calls, path, text)),
    now: (path, text) => on(path, "written", () => now(calls, path, text)),
    publish: (temporary, path) => on(path, "written", () => publish(calls, temporary, path)),
    publishNew: (temporary, path) => on(path, "written", () => publishNew(calls, temporary, path)),
    publishTogether: (bundles) =>
      Effect.map(
        Effect.promise(() => publishTogether(calls, bundles, room)),
        (outcomes) =>
          outcomes.map((outcome) =>
            on(outcome._tag === "Failed" ? outcome.path : "", "written", () => {
              if (outcome._tag === "Failed") throw outcome.thrown
              return outcome.isNew
            })
          ),
      ),
    rename: (from, to) => on(from, "moved", () => renameIfThere(calls, from, to)),
    touch: (path) => on(path, "written", () => touchIfThere(calls, path)),
    remove: (path) => on(path, "removed", () => removeAll(calls, path)),
  })
}

/** The real file system. */
export const layer: Layer.Layer<Disk> = Layer.succeed(Disk, diskOver(calls))

/** The real file system, where nothing can be changed: for a store that is somebody else's. */
export const readOnly: Layer.Layer<Disk> = Layer.effect(
  Disk,
  Effect.map(Disk, (disk) => {
    const refuse = (path: string) =>
      Effect.fail(new StoreError({ path, message: "is only read", help: `copy its folder, ${elsewhere}` }))
    const refuseTo = (_: string, path: string) => refuse(path)
    return Disk.of({
      ...disk,
      makeFolder: refuse,
      write: refuse,
      sink: refuse,
      extend: refuse,
      copy: refuseTo,
      append: refuse,
      output: refuse,
      create: refuse,
      overwrite: refuse,
      now: refuse,
      publish: refuseTo,
      publishNew: refuseTo,
      publishTogether: (bundles) => Effect.succeed(bundles.map(({ last }) => refuse(last.path))),
      rename: refuse,
      touch: refuse,
      remove: refuse,
    })
  }),
).pipe(Layer.provide(layer))
