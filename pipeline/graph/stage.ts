import { Context, Effect, Schema, type Scope, type Stream } from "effect"
import type { BlobRef } from "../base/blob-ref.ts"
import type { Digest } from "../base/digest.ts"
import type { InputError, StageError, StoreError } from "../base/errors.ts"

/** A row Schema that needs no service to encode or decode. */
export type RowSchema = Schema.Codec<object, object>

/** A file outside the store, as a stage reads it: `name` is how the user knows it, `path` where it is. */
export interface SourceFile extends BlobRef {
  readonly name: string
  readonly path: string
}

/** An artifact of rows, as a stage reads it; the content is verified against its digest when read. */
export interface Table<Row> {
  readonly digest: Digest
  readonly rows: Effect.Effect<ReadonlyArray<Row>, StoreError>
}

/** What a stage takes by one of its roles. */
export type Input =
  | { readonly _tag: "One"; readonly row: RowSchema }
  | { readonly _tag: "Many"; readonly row: RowSchema }
  | { readonly _tag: "Available"; readonly row: RowSchema }
  | { readonly _tag: "Files" }

/** One artifact whose rows have this Schema. */
export const one = <S extends RowSchema>(row: S) => ({ _tag: "One", row }) as const
/** Any number of artifacts whose rows have this Schema, in the order in which they are wired. */
export const many = <S extends RowSchema>(row: S) => ({ _tag: "Many", row }) as const
/**
 * The artifacts that there are of those that are wired, in the order in which they are wired.
 *
 * One that cannot be had is left out: its node failed, or lacks files. At least one must be there, where any is wired.
 */
export const available = <S extends RowSchema>(row: S) => ({ _tag: "Available", row }) as const
/** Files outside the store. */
export const files = { _tag: "Files" } as const

/** The value that `run` gets for an input. */
export type InputValue<I extends Input> = I extends { _tag: "One"; row: infer S extends RowSchema } ? Table<S["Type"]>
  : I extends { _tag: "Many" | "Available"; row: infer S extends RowSchema } ? ReadonlyArray<Table<S["Type"]>>
  : ReadonlyArray<SourceFile>

/** The value of an input of any kind. */
export type AnyInputValue = Table<object> | ReadonlyArray<Table<object>> | ReadonlyArray<SourceFile>

/** The rows that `run` gives for an output. */
export type Rows<Row> = ReadonlyArray<Row> | Stream.Stream<Row, StageFailure>

/** What a stage may fail with on purpose. */
export type StageFailure = InputError | StageError | StoreError

/** Keeps and gives back bytes that are no table: weights, tokenizers. */
export class Blobs extends Context.Service<Blobs, {
  /** Keeps bytes, given at once or in pieces, so that what is large need not stand in memory twice. */
  readonly put: (content: Uint8Array | ReadonlyArray<Uint8Array>) => Effect.Effect<BlobRef, StoreError>
  /** Keeps a copy of a file. */
  readonly putFile: (path: string) => Effect.Effect<BlobRef, StoreError>
  /** Where a blob's bytes can be read, once they are found to be those of its digest. */
  readonly path: (ref: BlobRef) => Effect.Effect<string, StoreError>
}>()("redag/Blobs") {}

/** How often a stage saves what is not done: whichever comes first. No result depends on it. */
export interface SaveInterval {
  readonly seconds: number
  /** Steps of whatever the stage counts. */
  readonly steps: number
}

/** A file of a saved state, and where its bytes are. */
export interface SavedFile extends BlobRef {
  readonly path: string
}

/** The files of a saved state, by the names that the stage gave them. */
export type SavedState = Readonly<Record<string, SavedFile>>

/**
 * The state of an action that is not done: what one execution saves, the next execution of the same key goes on from,
 * whether it was stopped, was killed, failed or ran out of disk. It is gone once the action is recorded.
 *
 * The last two states stay. One in which a single bit is not as it was saved is named in the log and never used.
 */
export class Unfinished extends Context.Service<Unfinished, {
  /** The newest state that is proved to be as it was saved; undefined where there is none. */
  readonly restore: Effect.Effect<SavedState | undefined, StoreError>
  /**
   * Saves a state, all or nothing: each file as its bytes, or as a file of a state before, which is not written again.
   * Gives the files as they are from then on.
   */
  readonly save: (
    files: Readonly<Record<string, ReadonlyArray<Uint8Array> | SavedFile>>,
  ) => Effect.Effect<SavedState, StoreError>
  /** Whether a saved file still has the bytes that were saved. */
  readonly isWhole: (file: SavedFile) => Effect.Effect<boolean, StoreError>
  /** How often this machine wants it saved. */
  readonly interval: Effect.Effect<SaveInterval, InputError>
}>()("redag/Unfinished") {}

/**
 * What services outside replied, by the digest of all that a request says: whoever asks the same again, in whatever action,
 * finds the reply. It stays in the store, also where the action fails or is stopped.
 */
export class Replies extends Context.Service<Replies, {
  readonly find: (request: Digest) => Effect.Effect<string | undefined, StoreError>
  /** Keeps a reply for good; it is on the disk when this is done. */
  readonly keep: (request: Digest, reply: string) => Effect.Effect<void, StoreError>
  /** Waits until no other action of this machine has the turn of this name, and has it until the scope ends. */
  readonly turn: (name: string) => Effect.Effect<void, StoreError, Scope.Scope>
}>()("redag/Replies") {}

/** How far a stage is. `rate` and the estimate of what remains are worked out by whoever shows it. */
export interface Advance {
  readonly done: number
  readonly total: number
  readonly unit: string
  readonly note?: string
  /** A number of which it is worth seeing how it goes, such as a loss. */
  readonly level?: number
}

/** Shows the user what a running stage is doing. */
export class Progress extends Context.Service<Progress, {
  readonly advance: (advance: Advance) => Effect.Effect<void>
  /** A count worth keeping with the action: documents read, relations found. */
  readonly count: (name: string, value: number) => Effect.Effect<void>
  /** A sentence about what is suspicious in what it was given and stops nothing; it is kept with the action. */
  readonly warn: (text: string) => Effect.Effect<void>
  /**
   * Rows of an output as they are made, from the row of index `from` on; what was said of these before counts no more.
   * They are shown while the stage is at work, and where it did not come to its end. What an execution takes over from
   * an earlier one it says again, from 0 on. No result depends on it: the stage gives all rows at its end.
   */
  readonly made: (output: string, rows: ReadonlyArray<object>, from: number) => Effect.Effect<void>
}>()("redag/Progress") {}

/** How often an action is executed again after a failure of a kind; never where it is left out. No key holds it. */
export interface Retries {
  /** After a failure that may pass, such as a network that is down; each time after a longer wait. */
  readonly transient?: number
  /** After memory ran out, each time with twice as much, as far as the machine has it. */
  readonly memory?: number
  /** After the time limit, each time with twice as much time. */
  readonly time?: number
}

/** What an action holds while it runs; a scheduler never lends more than the machine has. No key holds it. */
export interface Resources {
  /** Threads that the stage uses, by its params: what it is granted is no part of its key, so it does not see it. */
  readonly cpu: number
  /** Peak resident memory, in MiB. */
  readonly memory: number
  /** How many GPUs. */
  readonly gpu: number
  /** How many actions that say so may hold one GPU at the same time; 1 where it is left out. */
  readonly share?: number
  /** The time after which it is stopped, with all processes that it started, in seconds; no limit where it is left out. */
  readonly timeout?: number
  readonly retries?: Retries
}

/** How much there is of an input, as far as it is known before: rows, and bytes of what it names too, such as weights. */
export interface Size {
  readonly rows?: number
  readonly bytes?: number
}

/** What an action is expected to take. No result and no key depends on it. */
export interface Work {
  /**
   * Units of which a machine does about as many a second, however many there are: parameters times tokens, for instance.
   * Left out where it cannot be known.
   */
  readonly amount?: number
  /** Bytes on disk of what it makes; what the stage made before says it where this is left out. */
  readonly keeps?: number
  /** Bytes on disk that it needs beside that while it runs. */
  readonly scratch?: number
}

/** The services a stage may use while it runs. */
export type StageServices = Blobs | Progress | Replies | Unfinished

/**
 * One kind of step: what it takes, what it makes, what it needs, and how it runs.
 *
 * Its code is the program that is cut out of `stages/<name>/stage.ts` and what that imports.
 */
export interface Stage<
  Name extends string = string,
  Params extends Schema.Codec<object, object> = Schema.Codec<object, object>,
  Inputs extends Record<string, Input> = Record<string, Input>,
  Outputs extends Record<string, RowSchema> = Record<string, RowSchema>,
> {
  readonly name: Name
  readonly params: Params
  readonly inputs: Inputs
  readonly outputs: Outputs
  /**
   * Where it runs: "inline" in a thread beside the engine, "process" in a process of its own, so that a crash there is a
   * failed node with a log. Either is stopped where it does not stop by itself.
   */
  readonly isolation: "inline" | "process"
  readonly resources: (params: Params["Type"]) => Resources
  /** By the name of a choice, the options that params take; a choice that is not named is in the program whole. */
  readonly uses: (params: Params["Type"]) => Readonly<Record<string, ReadonlyArray<string>>>
  /** What an action of such params and inputs is expected to take; how long that is follows from the speed of the machine. */
  readonly work: (about: {
    readonly params: Params["Type"]
    readonly inputs: { readonly [Role in keyof Inputs]: Size }
    /** What the node is expected to make, where it says so. */
    readonly expected: Size
  }) => Work
  readonly run: (context: {
    readonly params: Params["Type"]
    readonly inputs: { readonly [Role in keyof Inputs]: InputValue<Inputs[Role]> }
  }) => Effect.Effect<
    { readonly [Role in keyof Outputs]: Rows<Outputs[Role]["Type"]> },
    StageFailure,
    StageServices
  >
}

/** What a stage says that does not know how much work its actions are. */
export const unknownWork = (): Work => ({})

/** A stage's definition with what most stages leave at the default. */
export const stage = <
  const Name extends string,
  Params extends Schema.Codec<object, object>,
  const Inputs extends Record<string, Input>,
  const Outputs extends Record<string, RowSchema>,
>(
  definition:
    & Omit<Stage<Name, Params, Inputs, Outputs>, "isolation" | "resources" | "uses" | "work">
    & Partial<Pick<Stage<Name, Params, Inputs, Outputs>, "isolation" | "resources" | "uses" | "work">>,
): Stage<Name, Params, Inputs, Outputs> => ({
  isolation: "inline",
  resources: () => ({ cpu: 1, memory: 256, gpu: 0 }),
  uses: () => ({}),
  work: unknownWork,
  ...definition,
})
