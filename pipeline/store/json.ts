import { Effect, Exit, Schema } from "effect"
import { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"
import type { Folder } from "./layout.ts"
import type { Writer } from "./writer.ts"

/** A folder of JSON files that one Schema describes. */
export interface JsonFiles<A> {
  /** What a file holds; undefined where there is none. Fails where the file is damaged. */
  readonly read: (name: string) => Effect.Effect<A | undefined, StoreError>
  /** The same, with a file that is damaged for one that is not there. */
  readonly readIntact: (name: string) => Effect.Effect<A | undefined, StoreError>
  readonly publish: (name: string, value: A) => Effect.Effect<void, StoreError>
  readonly drop: (name: string) => Effect.Effect<void, StoreError>
  readonly isThere: (name: string) => Effect.Effect<boolean, StoreError>
  readonly names: Effect.Effect<ReadonlyArray<string>, StoreError>
}

/** The JSON files of a folder. The Schema is compiled once: a plan reads thousands of records. */
export const jsonFiles = <A, I>(
  { folder, path, nameOf }: Folder,
  schema: Schema.Codec<A, I>,
  disk: Disk["Service"],
  { publish }: Writer,
): JsonFiles<A> => {
  const decode = Schema.decodeUnknownExit(Schema.fromJsonString(schema))
  const encode = Schema.encodeSync(schema)
  const readOr = <B, E>(name: string, damaged: Effect.Effect<B, E>) =>
    Effect.flatMap(disk.read(path(name)), (text): Effect.Effect<A | B | undefined, E> => {
      if (text === undefined) return Effect.succeed(undefined)
      const decoded = decode(text)
      return Exit.isSuccess(decoded) ? Effect.succeed(decoded.value) : damaged
    })
  return {
    read: (name) =>
      readOr(
        name,
        Effect.fail(
          new StoreError({
            path: path(name),
            message: "is not a record of this store",
            help: "delete it and run again; what it named is then made again",
          }),
        ),
      ),
    readIntact: (name) => readOr(name, Effect.succeed(undefined)),
    publish: (name, value) => publish(path(name), `${JSON.stringify(encode(value), null, 2)}\n`),
    drop: (name) => disk.remove(path(name)),
    isThere: (name) => Effect.map(disk.size(path(name)), (size) => size !== undefined),
    names: Effect.map(disk.list(folder), (files) => files.map(nameOf).filter((name) => name !== undefined)),
  }
}
