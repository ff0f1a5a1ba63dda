import { Effect, Exit, Schema } from "effect"
import { closeSync, openSync, readFileSync, readSync } from "node:fs"
import { type SavedFile, StageError, type StoreError, Unfinished } from "redag"
import type { TrainingState } from "../../models/training/trainer.ts"
import { History } from "./history.ts"
import { becameShorter, bestGone, bestGoneHelp, notUsed, ofOtherEngine, ofOtherModel, unreadable } from "./messages.ts"

/** What is saved of a training beside its arrays, as JSON. */
const Header = Schema.Struct({
  format: Schema.Literal(2),
  engine: Schema.String,
  completed: Schema.Natural,
  history: History,
})
const header = Schema.fromJsonString(Header)
const decodeHeader = Schema.decodeUnknownExit(header)
const encodeHeader = Schema.encodeSync(header)

/** The files of a saved training. */
interface Files {
  readonly "training.json": SavedFile
  /** The weights and both moments, one after the other, as float32. */
  readonly arrays: SavedFile
  /** The weights of the best evaluation, where training went on after one. */
  readonly best?: SavedFile
}

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
 * A saved training of another engine or model is named in the log and not used.
 */
export const savedStateOf = Effect.fnUntraced(function*(state: TrainingState, engine: string): Effect.fn.Return<
  SavedState,
  never,
  Unfinished
> {
  const unfinished = yield* Unfinished
  let arrays: (SavedFile & { readonly completed: number }) | undefined
  let best: SavedFile | undefined

  const ignored = (why: string) => Effect.as(Effect.logWarning(notUsed(why)), undefined)

  const restore = Effect.gen(function*() {
    const files = yield* unfinished.restore
    if (files === undefined) return undefined
    if (!isTraining(files)) return yield* ignored(unreadable)
    const decoded = decodeHeader(readFileSync(files["training.json"].path, "utf8"))
    if (!Exit.isSuccess(decoded)) return yield* ignored(unreadable)
    const saved = decoded.value
    if (saved.engine !== engine) return yield* ignored(ofOtherEngine(saved.engine, engine))
    const [own, weights] = [arraysOf(state), [state.weights]]
    if (files.arrays.size !== bytesOf(own) || (files.best !== undefined && files.best.size !== bytesOf(weights))) {
      return yield* ignored(ofOtherModel)
    }
    readInto(files.arrays.path, own)
    state.completed = saved.completed
    arrays = { ...files.arrays, completed: saved.completed }
    best = files.best
    const { steps, speeds, evaluations, ...next } = saved.history
    return { steps: [...steps], speeds: [...speeds], evaluations: [...evaluations], ...next }
  })

  const save = Effect.fnUntraced(function*(history: History, weightsAreBest: boolean) {
    const { completed } = state
    const text = encodeHeader({ format: 2, engine, completed, history })
    const weights = weightsAreBest ? piecesOf([state.weights]) : best
    const saved = yield* unfinished.save({
      "training.json": [Buffer.from(text)],
      arrays: arrays?.completed === completed ? arrays : piecesOf(arraysOf(state)),
      ...(weights === undefined ? {} : { best: weights }),
    })
    if (isTraining(saved)) arrays = { ...saved.arrays, completed }
    best = saved["best"]
  })

  const takeBest = Effect.gen(function*() {
    if (best === undefined || !(yield* unfinished.isWhole(best))) {
      return yield* new StageError({ message: bestGone, help: bestGoneHelp, transient: true })
    }
    readInto(best.path, [state.weights])
  })

  return { restore, save, takeBest }
})

const isTraining = (files: object): files is Files => "training.json" in files && "arrays" in files

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
