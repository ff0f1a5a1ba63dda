import { Effect, Exit, Schema } from "effect"
import { basename, join } from "node:path"
import { BlobRef } from "../base/blob-ref.ts"
import { type Digest, digestOf, digestOfPieces } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import type { SavedFile, SavedState, Unfinished } from "../graph/stage.ts"
import type { Content, Disk } from "./disk.ts"
import { saveIntervalOf } from "./save-interval.ts"
import { soFarFile, soFarIn, type SoFarLog } from "./so-far.ts"

/**
 * What executions of one action saved that did not finish, in `unfinished/<key>/`: `state-<number>.json` for each state,
 * which names its files by their digests, and beside it those files, each under its digest; and what the last of them made
 * so far, for people.
 *
 * A digest of its own text stands before what a state says, so that all of it is proved by what is read. Only the
 * execution that holds the key's lease writes here.
 */
export interface UnfinishedFolder extends Service {
  /** Whether there is anything to go on from: files are asked for their sizes alone. */
  readonly isThere: Effect.Effect<boolean, StoreError>
  /** The number of the newest state, which is larger than those before it; undefined where none was saved. */
  readonly newest: Effect.Effect<number | undefined, StoreError>
  /** What the last execution said of itself while it was at work. */
  readonly soFar: SoFarLog
  /** Removes all of it, once the action is recorded. */
  readonly clear: Effect.Effect<void, StoreError>
}

type Service = Unfinished["Service"]

/** A state as its file says it. The key and the number are those of the names that it is found under. */
const State = Schema.Struct({
  key: Schema.String,
  number: Schema.Natural,
  files: Schema.Record(Schema.String, BlobRef),
})
type State = typeof State.Type

const decodeState = Schema.decodeUnknownExit(Schema.fromJsonString(State))
const encodeState = Schema.encodeSync(Schema.fromJsonString(State))

const nameOf = (number: number): string => `state-${number}.json`

/** Whether a name is that of a state's file. */
export const isStateFile = (name: string): boolean => numbersIn([name]).length === 1

/** The numbers of the states that a folder has, the newest first. */
const numbersIn = (names: ReadonlyArray<string>): ReadonlyArray<number> =>
  names.flatMap((name) => {
    const number = /^state-(\d{1,15})\.json$/u.exec(name)?.[1]
    return number === undefined ? [] : [Number(number)]
  }).toSorted((one, other) => other - one)

/** The text of a state's file, behind the digest of itself. */
const textOf = (state: State): string => {
  const content = encodeState(state)
  return `${digestOf(content)}\n${content}\n`
}

/** What the text of a state's file says; undefined where it is not as it was written. */
export const stateIn = (text: string): State | undefined => {
  const decoded = decodeState(text.slice(text.indexOf("\n") + 1))
  return Exit.isSuccess(decoded) && textOf(decoded.value) === text ? decoded.value : undefined
}

/** The unfinished state of the action whose folder this is; `publish` writes a file, all or nothing. */
export const unfinishedIn = (
  folder: string,
  disk: Disk["Service"],
  publish: (path: string, content: Content) => Effect.Effect<void, StoreError>,
): UnfinishedFolder => {
  const key = basename(folder)
  /** The state that was saved or restored last. */
  let last: State | undefined
  /** Files that this execution has written or found whole. */
  const known = new Set<Digest>()

  const pathOf = ({ digest }: BlobRef) => join(folder, digest)
  const withPaths = (files: State["files"]): SavedState =>
    Object.fromEntries(
      Object.entries(files).map(([name, ref]): [string, SavedFile] => [name, { ...ref, path: pathOf(ref) }]),
    )

  const read = Effect.fnUntraced(function*(number: number) {
    const text = yield* Effect.orElseSucceed(disk.read(join(folder, nameOf(number))), () => undefined)
    const state = text === undefined ? undefined : stateIn(text)
    return state?.key === key && state.number === number ? state : undefined
  })

  const isThere = (ref: BlobRef) => Effect.map(disk.size(pathOf(ref)), (size) => size === ref.size)

  const isWhole = Effect.fnUntraced(function*(ref: BlobRef) {
    if (!(yield* Effect.orElseSucceed(isThere(ref), () => false))) return false
    // What cannot be read, as on a disk that fails, is no better than what is damaged.
    const whole = (yield* Effect.orElseSucceed(disk.digest(pathOf(ref)), () => undefined)) === ref.digest
    if (whole) known.add(ref.digest)
    return whole
  })

  /** Removes all but these states and their files. */
  const keepOnly = Effect.fnUntraced(function*(states: ReadonlyArray<State>) {
    const named = new Set([
      soFarFile,
      ...states.flatMap(({ number, files }) => [nameOf(number), ...Object.values(files).map(({ digest }) => digest)]),
    ])
    for (const name of yield* disk.list(folder)) if (!named.has(name)) yield* disk.remove(join(folder, name))
  })

  const restore = Effect.gen(function*() {
    const numbers = numbersIn(yield* disk.list(folder))
    for (const [index, number] of numbers.entries()) {
      const state = yield* read(number)
      const refs = state === undefined ? [] : Object.values(state.files)
      if (state !== undefined && (yield* Effect.forEach(refs, isWhole)).every((whole) => whole)) {
        last = state
        return withPaths(state.files)
      }
      yield* Effect.logWarning(
        `A saved state of this node, ${nameOf(number)}, is damaged and is not used. ${
          index + 1 < numbers.length ? "The one before it is tried." : "It begins again."
        }`,
      )
    }
    return undefined
  })

  /** What cannot be written is a temporary file, whose name would tell the user nothing. */
  const write = (path: string, content: Content) =>
    Effect.mapError(publish(path, content), ({ message, help }) => new StoreError({ path, message, help }))

  const writeFile = Effect.fnUntraced(function*(pieces: ReadonlyArray<Uint8Array>) {
    const ref = digestOfPieces(pieces)
    if (!known.has(ref.digest) || !(yield* isThere(ref))) yield* write(pathOf(ref), pieces)
    known.add(ref.digest)
    return ref
  })

  const writeState = Effect.fnUntraced(function*(given: Parameters<Service["save"]>[0], number: number) {
    const files: Record<string, BlobRef> = {}
    for (const [name, content] of Object.entries(given)) {
      const { digest, size } = "digest" in content ? content : yield* writeFile(content)
      files[name] = { digest, size }
    }
    const state: State = { key, number, files }
    yield* write(join(folder, nameOf(number)), textOf(state))
    return state
  })

  const save = Effect.fnUntraced(function*(given: Parameters<Service["save"]>[0]) {
    const before = last
    const number = Math.max(0, ...numbersIn(yield* disk.list(folder))) + 1
    const state = yield* writeState(given, number).pipe(
      // There may be room for it without the state before the last one.
      Effect.catchIf(
        () => before !== undefined,
        () => Effect.andThen(keepOnly(before === undefined ? [] : [before]), writeState(given, number)),
      ),
    )
    last = state
    yield* keepOnly(before === undefined ? [state] : [before, state])
    return withPaths(state.files)
  })

  return {
    restore,
    save,
    isWhole,
    interval: Effect.suspend(() => saveIntervalOf(process.env)),
    isThere: Effect.gen(function*() {
      for (const number of numbersIn(yield* disk.list(folder))) {
        const state = yield* read(number)
        if (state === undefined) continue
        if ((yield* Effect.forEach(Object.values(state.files), isThere)).every((there) => there)) return true
      }
      return false
    }),
    newest: Effect.map(disk.list(folder), (names) => numbersIn(names)[0]),
    soFar: soFarIn(folder, disk, publish),
    clear: disk.remove(folder),
  }
}
