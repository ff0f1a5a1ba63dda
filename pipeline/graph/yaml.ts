import { Result, type Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isMap, isScalar, isSeq, LineCounter, type Node as YamlNode, parseDocument } from "yaml"
import { InputError } from "../base/errors.ts"
import { checker, fieldName } from "../base/validation.ts"

/** The place in a file that a declared value was written at. */
export interface Origin {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
}

/**
 * Where each value read from a file stands, by the object that holds it.
 *
 * Parsed objects are passed on into params as they are, so a param's place is found again without the user having to
 * carry it along.
 */
const places = new WeakMap<object, { readonly file: string; readonly lines: ReadonlyMap<string, number> }>()

/** The place of the value at `path` below `root`, or of the nearest value around it that came from a file. */
export const originOf = (root: unknown, path: ReadonlyArray<PropertyKey>): Origin | undefined => {
  let value = root
  let origin: Origin | undefined
  for (const key of path) {
    if (typeof value !== "object" || value === null) break
    const place = places.get(value)
    const line = place?.lines.get(String(key))
    if (place !== undefined && line !== undefined) origin = { file: place.file, line }
    value = Reflect.get(value, key)
  }
  return origin
}

/** Reads a YAML file of the project; see {@link parseYaml}. Throws an InputError. */
export const readYaml = <S extends YamlSchema>(root: string, file: string, schema: S): S["Encoded"] => {
  let text: string
  try {
    text = readFileSync(join(root, file), "utf8")
  } catch (cause) {
    throw new InputError({
      file,
      message: `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      help: "restore the file, or name another in dag.config.ts",
    })
  }
  return parseYaml(text, file, schema)
}

/** A Schema for what a YAML file says. */
export type YamlSchema = Schema.Codec<unknown, unknown>

/**
 * Parses YAML that a Schema describes.
 *
 * The value is given as it stands in the file, not decoded, so that it can go into params and be found again; it is
 * checked here so that an error names the file and line. Throws an InputError.
 */
export const parseYaml = <S extends YamlSchema>(text: string, file: string, schema: S): S["Encoded"] => {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const [problem] = document.errors
  if (problem !== undefined) {
    throw new InputError({
      file,
      line: counter.linePos(problem.pos[0]).line,
      message: `is not YAML: ${problem.message.split("\n", 1)[0] ?? problem.code}`,
      help: "mend the line; texts with a colon, a brace or a line break need quotation marks",
    })
  }
  const value: unknown = document.toJS()
  remember(file, counter, document.contents, value)
  const checked = checker(schema, { excess: "error" })(value)
  if (Result.isSuccess(checked)) return value
  const { path, message } = checked.failure
  throw new InputError({
    file,
    line: originOf(value, path)?.line ?? 1,
    ...(path.length === 0 ? {} : { field: fieldName(path) }),
    message,
    help: "mend the field",
  })
}

const remember = (file: string, counter: LineCounter, node: unknown, value: unknown): void => {
  if (typeof value !== "object" || value === null) return
  const lines = new Map<string, number>()
  const child = (key: string, at: YamlNode | null, item: unknown) => {
    if (at?.range != null) lines.set(key, counter.linePos(at.range[0]).line)
    remember(file, counter, item, (value as Record<string, unknown>)[key])
  }
  if (isMap(node)) {
    for (const pair of node.items) {
      if (isScalar(pair.key)) child(String(pair.key.value), pair.key, pair.value)
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      child(String(index), item as YamlNode, item)
    })
  }
  places.set(value, { file, lines })
}
