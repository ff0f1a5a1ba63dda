import { Schema } from "effect"
import { Digest } from "./digest.ts"

/**
 * The facts that every error a user can meet carries: where, what, and one line of what to do.
 *
 * `transient` says whether trying the same again may help.
 */
const facts = {
  message: Schema.String,
  help: Schema.String,
}

/** Something the user gave is wrong: a corpus file, a template, a configuration, a flag. */
export class InputError extends Schema.TaggedError<InputError>()("InputError", {
  ...facts,
  file: Schema.optionalKey(Schema.String),
  /** Counted from 1. */
  line: Schema.optionalKey(Schema.Natural),
  /** A flag with its dashes, a param, or whatever else a user would look for. */
  field: Schema.optionalKey(Schema.String),
  /** Whether what is wrong is that files are not there which the user is to get. */
  lacksFiles: Schema.optionalKey(Schema.Boolean),
  /** Whether a file changed while it was read: the next look finds it as it is then. */
  raced: Schema.optionalKey(Schema.Boolean),
}) {
  readonly transient = false
}

/** The store could not be read or written, or holds bytes that do not match their digest. */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  ...facts,
  path: Schema.String,
  /** The object that is damaged or gone, where that is what is wrong: its maker can make it again. */
  damaged: Schema.optionalKey(Digest),
  /** The code of what the system found wrong, such as EIO. */
  code: Schema.optionalKey(Schema.String),
}) {
  readonly transient = false
}

/** A stage ran and did not finish: its process died, ran out of memory, or met a condition it names. */
export class StageError extends Schema.TaggedError<StageError>()("StageError", {
  ...facts,
  transient: Schema.Boolean,
  /** What it had too little of: with more it may finish. */
  ranOut: Schema.optionalKey(Schema.Literals(["memory", "time"])),
  /** The seconds that it had where time ran out, if that was another limit than the node's own. */
  had: Schema.optionalKey(Schema.Finite),
}) {}

/** Every error that the engine and the stages report on purpose; anything else is a bug and shows its cause. */
export const DagError = Schema.Union([InputError, StoreError, StageError])
export type DagError = typeof DagError.Type

/** The same error with other texts, and with other names of the file or the path that it is about. */
export const reworded = (
  error: DagError,
  words: (text: string) => string,
  named: (file: string) => string = (file) => file,
): DagError => {
  const [message, help] = [words(error.message), words(error.help)]
  switch (error._tag) {
    case "InputError": {
      const { file, line, field, lacksFiles, raced } = error
      return new InputError({
        message,
        help,
        ...(file === undefined ? {} : { file: named(file) }),
        ...(line === undefined ? {} : { line }),
        ...(field === undefined ? {} : { field }),
        ...(lacksFiles === undefined ? {} : { lacksFiles }),
        ...(raced === undefined ? {} : { raced }),
      })
    }
    case "StageError":
      return new StageError({
        message,
        help,
        transient: error.transient,
        ...(error.ranOut === undefined ? {} : { ranOut: error.ranOut }),
        ...(error.had === undefined ? {} : { had: error.had }),
      })
    case "StoreError": {
      const { path, damaged, code } = error
      return new StoreError({
        message,
        help,
        path: named(path),
        ...(damaged === undefined ? {} : { damaged }),
        ...(code === undefined ? {} : { code }),
      })
    }
  }
}

/** The place an input error points at, as `file:line field`; empty where it names no file. */
export const place = (error: InputError): string =>
  [
    error.file === undefined ? "" : error.line === undefined ? error.file : `${error.file}:${error.line}`,
    error.field === undefined ? "" : error.field,
  ].filter((part) => part !== "").join(" ")
