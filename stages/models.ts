import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { InputError, StageError } from "../pipeline/errors.ts"
import type { SourceFile, StageFailure } from "../pipeline/stage.ts"

/** Failures of models/ that come from the user's model files, by their tag, with what to do. */
const inputFailures: Readonly<Record<string, string>> = {
  UnsupportedConfig: "use a model whose architecture redag has, or mend config.json",
  TokenizerError: "use the tokenizer.json that the model was published with",
  SafetensorsError: "get model.safetensors again; the file is cut off or damaged",
  WeightsMismatch: "use the weights and the config.json of one and the same model",
  InvalidOption: "mend the param in dag.config.ts",
}

/** Failures of models/ that come from running, by their tag, with what to do. */
const runFailures: Readonly<Record<string, string>> = {
  TrainingDiverged: "lower the learning rate, or raise warmupRatio",
  EngineError: "this is a defect of redag's tensor code, or memory ran out: try a smaller batch",
}

/** A failure of models/ as a stage's; anything that models/ does not foresee is a bug and dies. */
const stageFailure = (cause: unknown): Effect.Effect<never, StageFailure> => {
  const tag = cause instanceof Error && "_tag" in cause ? String(cause._tag) : ""
  const message = cause instanceof Error ? cause.message : String(cause)
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

/** Runs a generator of models/ to its end, telling each thing that it yields; interruption stops it. */
export const drain = <Y, A>(
  generator: AsyncGenerator<Y, A, void>,
  tell: (yielded: Y) => Effect.Effect<void>,
): Effect.Effect<A, StageFailure> =>
  Effect.gen(function*() {
    for (;;) {
      const next = yield* Effect.tryPromise({ try: () => generator.next(), catch: (cause) => cause }).pipe(
        Effect.catch(stageFailure),
      )
      if (next.done === true) return next.value
      yield* tell(next.value)
    }
  }).pipe(Effect.onInterrupt(() => Effect.promise(async () => void await generator.return(undefined as never))))

/** The content of one of a model's files; fails where the model lacks it. */
export const modelFile = (files: ReadonlyArray<SourceFile>, name: string): Effect.Effect<Uint8Array, InputError> => {
  const file = files.find((each) => each.name === name || each.name.endsWith(`/${name}`))
  return file === undefined
    ? Effect.fail(
      new InputError({
        file: name,
        message: "is not among the model's files",
        help: "add it to the node's `model` input",
      }),
    )
    : Effect.sync(() => readFileSync(file.path))
}
