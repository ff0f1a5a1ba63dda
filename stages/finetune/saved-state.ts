import { Effect, Exit, Schema } from "effect"
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs"
import { BlobRef, digestOfFile, digestOfPieces, StageError, type StoreError, Unfinished } from "redag"
import type { TrainingState } from "../../models/training/trainer.ts"
import { History } from "./history.ts"
import {
  becameShorter,
  bestGone,
  bestGoneHelp,
  damaged,
  notUsed,
  ofOtherEngine,
  ofOtherModel,
  unreadable,
} from "./messages.ts"

const File = Schema.Struct({ name: Schema.String, ...BlobRef.fields })
type File = typeof File.Type

/** What is saved of a training: this as JSON, which names the files of the arrays and is written after them. */
const Header = Schema.Struct({
  format: Schema.Literal(1),
  engine: Schema.String,
  completed: Schema.Natural,
  /** The weights and both moments, one after the other, as float32. */
  arrays: File,
  /** The weights of the best evaluation, where training went on after one. */
  best: Schema.NullOr(File),
  history: History,
})
const header = Schema.fromJsonString(Header)
const decodeHeader = Schema.decodeUnknownExit(header)
const encodeHeader = Schema.encodeSync(header)

const HEADER = "training.json"

/** Saves an unfinished training and finds it again. */
export interface SavedState {
  /** Puts what an earlier execution saved into the state's arrays and gives its history; undefined where nothing is whole. */
  readonly restore: Effect.Effect<History | undefined, StoreError>
  /** Saves the state and the history, and the weights as the best so far where they are. */
  readonly save: (history: History, weightsAreBest: boolean) => Effect.Effect<void, StoreError>
  /** Puts the best weights that were saved into the state. */
  readonly takeBest: Effect.Effect<void, StoreError | StageError>
}

/**
 * Where a training's state is saved. The arrays are written and read in place, as views: no second copy is made.
 * A saved training that is damaged, or of another engine or model, is named in the log and not used.
 */
export const savedStateOf = Effect.fnUntraced(function*(state: TrainingState, engine: string): Effect.fn.Return<
  SavedState,
  never,
  Unfinished
> {
  const unfinished = yield* Unfinished
  let arrays: (File & { readonly completed: number }) | undefined
  let best: File | undefined

  // The step in its name leaves the file whole that the header still names, and other executions of the same action
  // write the same bytes under it.
  const put = Effect.fnUntraced(function*(kind: string, data: Arrays) {
    const name = `${kind}-${state.completed}`
    const pieces = piecesOf(data)
    const file: File = { name, ...digestOfPieces(pieces) }
    yield* unfinished.keep(name, pieces)
    return file
  })

  /** The path of a file that was saved, once its bytes are found to be those that the header names. */
  const whole = Effect.fnUntraced(function*({ name, digest, size }: File) {
    const path = yield* unfinished.find(name)
    if (path === undefined) return undefined
    const isWhole = reading(() => statSync(path).size === size && digestOfFile(path) === digest)
    return isWhole === true ? path : undefined
  })

  const ignored = (why: string) => Effect.as(Effect.logWarning(notUsed(why)), undefined)

  const use = Effect.gen(function*() {
    const path = yield* unfinished.find(HEADER)
    if (path === undefined) return undefined
    const decoded = decodeHeader(reading(() => readFileSync(path, "utf8")))
    if (!Exit.isSuccess(decoded)) return yield* ignored(unreadable)
    const saved = decoded.value
    if (saved.engine !== engine) return yield* ignored(ofOtherEngine(saved.engine, engine))
    const [own, weights] = [arraysOf(state), [state.weights]]
    if (saved.arrays.size !== bytesOf(own) || (saved.best !== null && saved.best.size !== bytesOf(weights))) {
      return yield* ignored(ofOtherModel)
    }
    const from = yield* whole(saved.arrays)
    if (from === undefined || (saved.best !== null && (yield* whole(saved.best)) === undefined)) {
      return yield* ignored(damaged)
    }
    readInto(from, own)
    state.completed = saved.completed
    arrays = { ...saved.arrays, completed: saved.completed }
    best = saved.best ?? undefined
    const { steps, speeds, evaluations, ...next } = saved.history
    return { steps: [...steps], speeds: [...speeds], evaluations: [...evaluations], ...next }
  })

  /** A kill, or a full disk, may leave files that no header names. */
  const restore = Effect.gen(function*() {
    const history = yield* use
    const named = new Set(history === undefined ? [] : [HEADER, arrays?.name, best?.name])
    yield* Effect.forEach((yield* unfinished.names).filter((name) => !named.has(name)), unfinished.drop)
    return history
  })

  const save = Effect.fnUntraced(function*(history: History, weightsAreBest: boolean) {
    const { completed } = state
    const before = [arrays, best].flatMap((file) => file?.name ?? [])
    if (arrays?.completed !== completed) arrays = { ...yield* put("arrays", arraysOf(state)), completed }
    if (weightsAreBest) best = yield* put("best", [state.weights])
    const { name, digest, size } = arrays
    const superseded = before.filter((each) => each !== name && each !== best?.name)
    const text = encodeHeader({
      format: 1,
      engine,
      completed,
      arrays: { name, digest, size },
      best: best ?? null,
      history,
    })
    yield* unfinished.keep(HEADER, [Buffer.from(text)])
    yield* Effect.forEach(superseded, unfinished.drop)
  })

  const takeBest = Effect.gen(function*() {
    const from = best === undefined ? undefined : yield* whole(best)
    if (from === undefined) {
      return yield* new StageError({
        message: bestGone,
        help: bestGoneHelp,
        transient: true,
      })
    }
    readInto(from, [state.weights])
  })

  return { restore, save, takeBest }
})

type Arrays = ReadonlyArray<Float32Array>

const arraysOf = ({ weights, firstMoment, secondMoment }: TrainingState): Arrays => [weights, firstMoment, secondMoment]

const bytesOf = (arrays: Arrays): number => arrays.reduce((total, { byteLength }) => total + byteLength, 0)

/** What Node writes, reads and hashes at a time; it refuses 2 GiB and more. */
const PIECE = 1 << 28

/** Arrays as bytes, in views. */
const piecesOf = (arrays: Arrays): ReadonlyArray<Uint8Array> =>
  arrays.flatMap(({ buffer, byteOffset, byteLength }) =>
    Array.from(
      { length: Math.ceil(byteLength / PIECE) },
      (_, index) => new Uint8Array(buffer, byteOffset + index * PIECE, Math.min(PIECE, byteLength - index * PIECE)),
    )
  )

/** Reads a file that is as long as the arrays into them. */
const readInto = (path: string, arrays: Arrays): void => {
  const file = openSync(path, "r")
  try {
    for (const piece of piecesOf(arrays)) {
      for (let at = 0; at < piece.length;) {
        const length = readSync(file, piece, at, piece.length - at, null)
        if (length === 0) throw new Error(becameShorter(path))
        at += length
      }
    }
  } finally {
    closeSync(file)
  }
}

/** The value of a read, undefined where the file system fails it. */
const reading = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
