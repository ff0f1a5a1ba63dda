import { Effect, type Scope } from "effect"
import { sep } from "node:path"
import type { StoreError } from "../base/errors.ts"
import { type Content, type Disk, piecesOf } from "./disk.ts"
import type { Move } from "./together.ts"

/** Writes files of a store, all or nothing. */
export interface Writer {
  /** A path of this process alone, for a file that is to be published. */
  readonly temporary: Effect.Effect<string, StoreError>
  /** A file that is to be published with others; a small one is only then written. */
  readonly prepare: (path: string, content: Content) => Effect.Effect<Move, StoreError>
  /** Writes a file in the place of what was there; a crash leaves one of the two, whole. */
  readonly publish: (path: string, content: Content) => Effect.Effect<void, StoreError>
  /** Writes a file where there is none; whether there was none. */
  readonly publishNew: (path: string, content: Content) => Effect.Effect<boolean, StoreError>
}

/** So many bytes are held in memory until they are published: hundreds of files may be, at a time. */
const SMALL = 1 << 16

/** A writer that keeps what is half written in a folder of its own, which goes with the scope. */
export const makeWriter = Effect.fnUntraced(function*(
  disk: Disk["Service"],
  folder: string,
  /** What is done before each file is written; only the first time costs anything. */
  before: Effect.Effect<void, StoreError>,
): Effect.fn.Return<Writer, never, Scope.Scope> {
  let counter = 0
  yield* Effect.addFinalizer(() => (counter === 0 ? Effect.void : Effect.ignore(disk.remove(folder))))
  const nameOf = () => `${folder}${sep}${counter++}`
  const temporary = Effect.map(Effect.andThen(before, disk.makeFolder(folder)), nameOf)
  const writing = <A>(content: Content, then: (file: string) => Effect.Effect<A, StoreError>) =>
    Effect.flatMap(temporary, (file) =>
      disk.write(file, content).pipe(
        Effect.andThen(then(file)),
        Effect.onError(() => Effect.ignore(disk.remove(file))),
      ))
  return {
    temporary,
    prepare: (path, content) => {
      const [bytes, ...more] = piecesOf(content)
      return bytes !== undefined && more.length === 0 && bytes.length <= SMALL
        ? Effect.map(before, () => ({ temporary: nameOf(), path, bytes }))
        : writing(content, (temporary) => Effect.succeed({ temporary, path }))
    },
    publish: (path, content) => writing(content, (file) => disk.publish(file, path)),
    publishNew: (path, content) => writing(content, (file) => disk.publishNew(file, path)),
  }
})
