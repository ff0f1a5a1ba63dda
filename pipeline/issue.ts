import { Cause, Option, Schema, SchemaIssue } from "effect"

/** What a Schema found wrong first: the path to the field, and what it expected. */
export interface FirstIssue {
  readonly path: ReadonlyArray<string>
  readonly message: string
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first problem of a failed decode. A cause that is no SchemaError is a bug and is thrown. */
export const firstIssue = (cause: Cause.Cause<unknown>): FirstIssue => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (!(error instanceof Schema.SchemaError)) throw Cause.squash(cause)
  const [issue] = format(error.issue).issues
  return {
    path: (issue?.path ?? []).map((key) => String(typeof key === "object" ? key.key : key)),
    message: lowerFirst(issue?.message ?? error.message),
  }
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)
