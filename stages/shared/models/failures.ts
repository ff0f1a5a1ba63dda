import { Effect } from "effect"
import { attempt, InputError, StageError, type StageFailure } from "redag"
import {
  brokenWeights,
  damagedFile,
  damagedTorchFile,
  dangerousFile,
  differingCopies,
  engineFailed,
  lessMemory,
  memoryRanOut,
  missingFiles,
  otherConfig,
  otherTokenizer,
  otherWeights,
  startDiverged,
  trainingDiverged,
  wrongParam,
} from "./messages.ts"

/** How onnxruntime, TensorFlow and V8 say that memory ran out. */
const outOfMemory =
  /bad_alloc|failed to allocate|out of memory|\bOOM\b|allocation failed|invalid (?:array buffer|typed array) length: \d/iu

/** What an error of a library says, whatever it was wrapped in since: texts of models/ have no words in a program. */
const innermostMessage = (error: Error): string =>
  error.cause instanceof Error ? innermostMessage(error.cause) : error.message

/** A failure of models/ as a stage's; undefined for one that models/ does not foresee, which is a bug. */
export const modelFailure = (cause: unknown): StageFailure | undefined => {
  if (!(cause instanceof Error)) return undefined
  const { message } = cause
  const input = (help: string) => new InputError({ message, help })
  const failed = (help: string, transient = false) => new StageError({ message, help, transient })
  const tag = "_tag" in cause ? cause._tag : undefined
  if ((tag === "EngineError" || cause instanceof RangeError) && outOfMemory.test(innermostMessage(cause))) {
    return new StageError({ message: memoryRanOut(message), help: lessMemory, transient: false, ranOut: "memory" })
  }
  switch (tag) {
    case "UnsupportedConfig":
      return input(otherConfig)
    case "TokenizerError":
      return input(otherTokenizer)
    case "SafetensorsError":
      return input(damagedFile)
    case "TorchFileError":
      return input(damagedTorchFile)
    case "PickleError":
      return input(dangerousFile)
    case "WeightFilesError":
      return input(missingFiles)
    case "WeightsMismatch":
      return input(otherWeights)
    case "CopiesDiffer":
      return input(differingCopies)
    case "WeightsNotFinite":
      return input(brokenWeights)
    case "InvalidOption":
      return input(wrongParam)
    case "MemoryShort":
      return new StageError({ message, help: lessMemory, transient: false, ranOut: "memory" })
    case "TrainingDiverged":
      // The loss of the first step is that of the weights that training starts from.
      return failed("step" in cause && cause.step === 1 ? startDiverged : trainingDiverged)
    case "EngineError":
      return failed(engineFailed)
    case "HubError":
    case "EngineUnavailable":
      // They say themselves what to do.
      return "help" in cause
        ? failed(String(cause.help), "transient" in cause && cause.transient === true)
        : undefined
    default:
      return undefined
  }
}

/** Runs code of models/. */
export const attemptModel = <A>(call: () => A): Effect.Effect<A, StageFailure> => attempt(call, modelFailure)
