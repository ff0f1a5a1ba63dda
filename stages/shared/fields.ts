import { Result, type Schema } from "effect"
import { checker, fieldName, InputError } from "redag"

/** A file of a user's whose values are checked, and what to do about one that is wrong. */
export interface CheckedFile {
  readonly file: string
  readonly help: string
  /** The line of the field at a path, where it is known. */
  readonly lineOf: (path: ReadonlyArray<PropertyKey>) => number | undefined
}

/** An error about the field of a user's file at a path. */
export const fieldError = (
  { file, help, lineOf }: CheckedFile,
  path: ReadonlyArray<PropertyKey>,
  message: string,
): InputError => {
  const line = lineOf(path)
  return new InputError({
    message,
    help,
    file,
    ...(line === undefined ? {} : { line }),
    ...(path.length === 0 ? {} : { field: fieldName(path) }),
  })
}

/** Checks a value that a user's file holds, and gives one error that names the first wrong field. */
export const decoder = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
): (value: unknown, file: CheckedFile) => S["Type"] => {
  // Corpora carry fields that are of no use here.
  const check = checker(schema, { excess: "ignore" })
  return (value, file) => {
    const checked = check(value)
    if (Result.isSuccess(checked)) return checked.success
    throw fieldError(file, checked.failure.path, checked.failure.message)
  }
}
