import { Effect } from "effect"
import { Blobs, InputError, StageError, type StageFailure, type Table } from "redag"
import type { CheckpointFile } from "../../../schemas/checkpoints.ts"

/** Failures of models/ that come from the user's model files, by their tag, with what to do. */
const inputFailures: Readonly<Record<string, string>> = {
  UnsupportedConfig: "get config.json and the tokenizer again; a model of another kind cannot be used",
  TokenizerError: "use the tokenizer that the model was published with",
  SafetensorsError: "get the file again; it is cut off or damaged",
  TorchFileError: "get the file again, or convert it to safetensors",
  PickleError: "do not open this file with anything; get the weights as safetensors",
  WeightFilesError: "get the model's files again",
  WeightsMismatch: "use the weights and the config.json of one and the same model",
  InvalidOption: "mend the param in dag.config.ts",
}

/** Failures of models/ that say themselves what to do. */
const tellsHelp: ReadonlySet<string> = new Set(["HubError", "EngineUnavailable"])

const lessMemory =
  "take smaller batches or shorter texts, run fewer nodes at a time, or take a machine with more memory"

/** Failures of models/ that come from running, by their tag, with what to do. */
const runFailures: Readonly<Record<string, string>> = {
  MemoryShort: lessMemory,
  TrainingDiverged: "lower the learning rate, or raise warmupRatio; run again as it is, it comes to the same step",
  EngineError: "this is a defect of redag's tensor code, or memory ran out: try a smaller batch",
}

/** How onnxruntime, TensorFlow and V8 say that memory ran out. */
const outOfMemory =
  /bad_alloc|failed to allocate|out of memory|\bOOM\b|allocation failed|invalid (?:array buffer|typed array) length: \d/iu

/** A failure of models/ as a stage's; anything that models/ does not foresee is a bug and dies. */
export const stageFailure = (cause: unknown): Effect.Effect<never, StageFailure> => {
  const tag = cause instanceof Error && "_tag" in cause ? String(cause._tag) : ""
  const message = cause instanceof Error ? cause.message : String(cause)
  if (cause instanceof Error && tellsHelp.has(tag) && "help" in cause) {
    const transient = "transient" in cause && cause.transient === true
    return Effect.fail(new StageError({ message, help: String(cause.help), transient }))
  }
  if ((tag === "EngineError" || cause instanceof RangeError) && outOfMemory.test(message)) {
    return Effect.fail(
      new StageError({ message: `memory ran out: ${message}`, help: lessMemory, transient: false }),
    )
  }
  const input = inputFailures[tag]
  if (input !== undefined) return Effect.fail(new InputError({ message, help: input }))
  const run = runFailures[tag]
  if (run !== undefined) return Effect.fail(new StageError({ message, help: run, transient: false }))
  return Effect.die(cause)
}

/** Runs code of models/. */
export const attemptModel = <A>(call: () => A): Effect.Effect<A, StageFailure> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(call())
    } catch (cause) {
      return stageFailure(cause)
    }
  })

/** Runs a generator of models/ to its end, telling each thing that it yields; interruption stops it, with `stop` first. */
export const drain = <Y, A>(
  generator: AsyncGenerator<Y, A, void>,
  tell: (yielded: Y) => Effect.Effect<void>,
  stop: () => void = () => undefined,
): Effect.Effect<A, StageFailure> =>
  Effect.gen(function*() {
    for (;;) {
      const next = yield* nextOf(generator)
      if (next.done === true) return next.value
      yield* tell(next.value)
    }
  }).pipe(Effect.onInterrupt(() => Effect.andThen(Effect.sync(stop), close(generator))))

/** Runs a generator of models/ until `take` has enough of what it yields, or to its end; then it holds nothing more. */
export const drainUntil = <Y, A, R>(
  generator: AsyncGenerator<Y, A, void>,
  take: (yielded: Y) => Effect.Effect<boolean, StageFailure, R>,
): Effect.Effect<void, StageFailure, R> =>
  Effect.gen(function*() {
    for (;;) {
      const next = yield* nextOf(generator)
      if (next.done === true || (yield* take(next.value))) return
    }
  }).pipe(Effect.ensuring(close(generator)))

const nextOf = <Y, A>(generator: AsyncGenerator<Y, A, void>): Effect.Effect<IteratorResult<Y, A>, StageFailure> =>
  Effect.tryPromise({ try: () => generator.next(), catch: (cause) => cause }).pipe(Effect.catch(stageFailure))

const close = <Y, A>(generator: AsyncGenerator<Y, A, void>): Effect.Effect<void> =>
  Effect.promise(async () => {
    await generator.return(undefined as never)
  })

/** The files of a checkpoint by name, as paths of bytes that are found whole. */
export const checkpointPaths = Effect.fnUntraced(function*(checkpoint: Table<CheckpointFile>) {
  const blobs = yield* Blobs
  const rows = yield* checkpoint.rows
  const paths = yield* Effect.forEach(
    rows,
    ({ name, blob }) => Effect.map(blobs.path(blob), (path): readonly [string, string] => [name, path]),
  )
  return new Map(paths)
})
