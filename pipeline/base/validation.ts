import { Option, Result, type Schema, SchemaIssue, SchemaParser } from "effect"

/** What a Schema found wrong first: the path to the field, and what it expected and found there. */
export interface Mistake {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** A check of values by a Schema, which gives the decoded value or the first mistake. Names beyond the Schema's are mistakes. */
export const checker = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  options: { readonly excess: "ignore" | "error" },
): (value: unknown) => Result.Result<S["Type"], Mistake> => {
  const decode = SchemaParser.decodeUnknownResult(schema, { onExcessProperty: options.excess })
  const decodeWhole = SchemaParser.decodeUnknownResult(schema, { onExcessProperty: options.excess, errors: "all" })
  return (value) =>
    Result.mapError(decode(value), (failure) => {
      const [issue] = format(firstOf(Option.getOrElse(Result.getFailure(decodeWhole(value)), () => failure))).issues
      const path = (issue?.path ?? []).map((part) => (typeof part === "object" ? part.key : part))
      return issue?.message === "Expected no excess property"
        ? { path, message: "is not a name that is known here" }
        : { path, message: `${lowerFirst(issue?.message ?? "has the wrong form")}${found(value, path)}` }
    })
}

/** The first mistake; of a union's members that of the one to which the value comes closest, by the number of mistakes. */
const firstOf = (issue: SchemaIssue.Issue): SchemaIssue.Issue => {
  switch (issue._tag) {
    case "Pointer":
      return new SchemaIssue.Pointer(issue.path, firstOf(issue.issue))
    case "Encoding":
      return firstOf(issue.issue)
    case "Composite":
      return firstOf(issue.issues[0])
    case "AnyOf": {
      const counts = issue.issues.map((each) => format(each).issues.length)
      const closest = issue.issues[counts.indexOf(Math.min(...counts))]
      return closest === undefined ? issue : firstOf(closest)
    }
    default:
      return issue
  }
}

/** A path as messages write it: `rels[0].class`. */
export const fieldName = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`)).join("")

/** Fields into which a user may have put the key of an account, which no message repeats. */
const mayBeSecret = /^(?:account|authorization|password|secret|token|api[-_]?key)$/iu

/** The value at a path as a message quotes it, or nothing where there is none. */
const found = (value: unknown, path: ReadonlyArray<PropertyKey>): string => {
  if (path.some((key) => typeof key === "string" && mayBeSecret.test(key))) return ""
  let at = value
  for (const key of path) at = typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined
  const text = typeof at === "number" ? String(at) : JSON.stringify(typeof at === "string" ? withoutSecrets(at) : at)
  if (text === undefined || typeof at === "object" && at !== null) return ""
  return `, found ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`
}

/** An address without what may open something: user name, password and query. Any other text is as it was. */
const withoutSecrets = (text: string): string =>
  /^\w+:\/\//u.test(text) ? text.replace(/\/\/[^/]*@/u, "//…@").replace(/\?.*/u, "?…") : text

const lowerFirst = (
  text: string,
): string => (/^[A-Z][a-z]/u.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text)
