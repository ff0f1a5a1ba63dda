import { Effect, type Scope } from "effect"
import { join } from "node:path"
import type { StoreError } from "../base/errors.ts"
import type { Content, Disk } from "./disk.ts"

/** Writes files of a store, all or nothing. */
export interface Writer {
  /** A path of this process alone, for a file that is to be published. */
  readonly temporary: Effect.Effect<string, StoreError>
  /** Writes a file in the place of what was there; a crash leaves one of the two, whole. */
  readonly publish: (path: string, content: Content) => Effect.Effect<void, StoreError>
}

/** A writer that keeps what is half written in a folder of its own, which goes with the scope. */
export const makeWriter = Effect.fnUntraced(function*(
  disk: Disk["Service"],
  folder: string,
): Effect.fn.Return<Writer, never, Scope.Scope> {
  let counter = 0
  yield* Effect.addFinalizer(() => (counter === 0 ? Effect.void : Effect.ignore(disk.remove(folder))))
  const temporary = Effect.suspend(() => disk.makeFolder(folder).pipe(Effect.as(join(folder, String(counter++)))))
  return {
    temporary,
    publish: (path, content) =>
      Effect.flatMap(temporary, (file) =>
        disk.write(file, content).pipe(
          Effect.andThen(disk.publish(file, path)),
          Effect.onError(() => Effect.ignore(disk.remove(file))),
        )),
  }
})
