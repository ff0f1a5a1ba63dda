import { Effect, Exit, Schema } from "effect"
import { StoreError } from "../base/errors.ts"
import { type Disk, LARGEST } from "./disk.ts"
import { envelop, openEnvelope } from "./envelope.ts"
import type { Folder } from "./layout.ts"
import type { Move } from "./together.ts"
import type { Writer } from "./writer.ts"

/** What a file holds that proves itself. */
export type Read<A> =
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Sound"; readonly value: A }
  /** It is not what was written; `problem` says how, as the end of a sentence that begins with the file. */
  | { readonly _tag: "Damaged"; readonly problem: string }
  /** Another program wrote it, or another version of this one. */
  | { readonly _tag: "Foreign"; readonly problem: string }

/** A folder of JSON files that one Schema describes. Each proves that it is whole. */
export interface JsonFiles<A> {
  /** What a file holds. Fails only where the file system does. */
  readonly look: (name: string) => Effect.Effect<Read<A>, StoreError>
  /** What a file of a name holds whose bytes were read. */
  readonly opened: (name: string, bytes: Buffer) => Read<A>
  /** The same of a file that was moved elsewhere. */
  readonly lookAt: (path: string, name: string) => Effect.Effect<Read<A>, StoreError>
  /** What a file holds; undefined where there is none. Fails where the file is damaged. */
  readonly read: (name: string) => Effect.Effect<A | undefined, StoreError>
  /** The same, with a file that is damaged for one that is not there. */
  readonly readIntact: (name: string) => Effect.Effect<A | undefined, StoreError>
  /** Writes a file in the place of what was there. */
  readonly publish: (name: string, value: A) => Effect.Effect<void, StoreError>
  /** A file that is to be published with others. */
  readonly prepare: (name: string, value: A) => Effect.Effect<Move, StoreError>
  /** Writes a file where there is none; whether there was none. */
  readonly publishNew: (name: string, value: A) => Effect.Effect<boolean, StoreError>
  /** Says of a file that it is in use now; whether it was there. */
  readonly touch: (name: string) => Effect.Effect<boolean, StoreError>
  readonly drop: (name: string) => Effect.Effect<void, StoreError>
  readonly isThere: (name: string) => Effect.Effect<boolean, StoreError>
  readonly names: Effect.Effect<ReadonlyArray<string>, StoreError>
  readonly path: (name: string) => string
  readonly folder: string
}

/** What besides its own digest a file must agree with. */
export interface Claims<A> {
  /** What is wrong with a value for a file of this name, as the end of a sentence; undefined where nothing is. */
  readonly refuted: (name: string, value: A) => string | undefined
  /** What to do about a damaged file. */
  readonly help: string
}

/**
 * The JSON files of a folder. The Schema is compiled once: a plan reads thousands of records.
 *
 * `plain` gives what the Schema would encode a value to, at less cost, or undefined where only the Schema can say.
 */
export const jsonFiles = <A, I>(
  { folder, path, nameOf }: Folder,
  schema: Schema.Codec<A, I>,
  { refuted, help }: Claims<A>,
  disk: Disk["Service"],
  { prepare, publish, publishNew }: Writer,
  plain: (value: A) => unknown = () => undefined,
): JsonFiles<A> => {
  const decode = Schema.decodeUnknownExit(Schema.fromJsonString(schema))
  const encode = Schema.encodeSync(schema)
  const textOf = (value: A) => envelop(JSON.stringify(plain(value) ?? encode(value), null, 2))

  /** A hostile file may be nested deeper than any function can follow. */
  const valueOf = (name: string, text: string): Read<A> => {
    try {
      const decoded = decode(text)
      if (!Exit.isSuccess(decoded)) return { _tag: "Foreign", problem: "does not hold what such a file holds" }
      const problem = refuted(name, decoded.value)
      return problem === undefined ? { _tag: "Sound", value: decoded.value } : { _tag: "Damaged", problem }
    } catch {
      return { _tag: "Damaged", problem: "does not hold what such a file holds" }
    }
  }

  const openedAs = (name: string, bytes: Buffer): Read<A> => {
    const opened = openEnvelope(bytes)
    return opened._tag === "Sound" ? valueOf(name, opened.text) : opened
  }

  const lookAt = (file: string, name: string) =>
    disk.readBytes(file).pipe(
      Effect.map((bytes): Read<A> => {
        if (bytes === undefined) return { _tag: "Absent" }
        return openedAs(name, bytes)
      }),
      // What can be looked at and is not read is none of this store's, as a link is.
      Effect.catch((error) =>
        Effect.flatMap(disk.stat(file), (found): Effect.Effect<Read<A>, StoreError> =>
          found === undefined || (found.kind === "file" && found.size <= LARGEST)
            ? Effect.fail(error)
            : Effect.succeed({ _tag: "Foreign", problem: error.message }))
      ),
    )

  const look = (name: string) => lookAt(path(name), name)

  return {
    look,
    opened: openedAs,
    lookAt,
    read: (name) =>
      Effect.flatMap(look(name), (found) =>
        found._tag === "Absent"
          ? Effect.succeed(undefined)
          : found._tag === "Sound"
          ? Effect.succeed(found.value)
          : Effect.fail(new StoreError({ path: path(name), message: found.problem, help }))),
    readIntact: (name) => Effect.map(look(name), (found) => (found._tag === "Sound" ? found.value : undefined)),
    publish: (name, value) => publish(path(name), textOf(value)),
    prepare: (name, value) => prepare(path(name), textOf(value)),
    publishNew: (name, value) => publishNew(path(name), textOf(value)),
    touch: (name) => disk.touch(path(name)),
    drop: (name) => disk.remove(path(name)),
    isThere: (name) => Effect.map(disk.stat(path(name)), (found) => found !== undefined),
    names: Effect.map(disk.list(folder), (files) => files.map(nameOf).filter((name) => name !== undefined)),
    path,
    folder,
  }
}
