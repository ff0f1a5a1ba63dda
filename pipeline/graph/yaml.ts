import { Result, type Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Alias, type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml"
import { InputError } from "../base/errors.ts"
import { onPath } from "../base/system.ts"
import { checker, fieldName } from "../base/validation.ts"
import { noteContent, notePlace, originOf } from "./origin.ts"

/** A Schema for what a YAML file says. */
export type YamlSchema = Schema.Codec<unknown, unknown>

/** Reads a YAML file of the project; see {@link parseYaml}. Throws an InputError. */
export const readYaml = <S extends YamlSchema>(root: string, file: string, schema: S): S["Encoded"] => {
  const text = onPath(
    file,
    "read",
    "restore the file, or name another where the experiment names it",
    () => readFileSync(join(root, file), "utf8"),
  )
  return parseYaml(text, file, schema)
}

/**
 * Parses YAML that a Schema describes.
 *
 * The value is given as it stands in the file, not decoded, so that it can go into params and be found again; it is
 * checked here so that an error names the file and line. Throws an InputError.
 */
export const parseYaml = <S extends YamlSchema>(text: string, file: string, schema: S): S["Encoded"] => {
  const value = valueOf(text, file)
  const checked = checker(schema, { excess: "error" })(value)
  if (Result.isSuccess(checked)) return value
  const { path, message } = checked.failure
  throw new InputError({
    file,
    line: originOf(value, path)?.line ?? 1,
    ...(path.length === 0 ? {} : { field: fieldName(path) }),
    message,
    help: "fix the field",
  })
}

/** What was parsed of each file last: who watches files expands a profile again and again, and one file of many changed. */
const parsed = new Map<string, { readonly text: string; readonly document: Document; readonly lines: LineCounter }>()

const parsedOf = (text: string, file: string) => {
  const known = parsed.get(file)
  if (known?.text === text) return known
  const lines = new LineCounter()
  const found = { text, document: parseDocument(text, { lineCounter: lines }), lines }
  parsed.set(file, found)
  return found
}

/** The value that a text says, with its places noted; never one that was given before, which may have been changed. */
const valueOf = (text: string, file: string): unknown => {
  const { document, lines } = parsedOf(text, file)
  const lineOf = (offset: number | undefined): number => (offset === undefined ? 1 : lines.linePos(offset).line)
  const wrong = (offset: number | undefined, message: string, help: string) =>
    new InputError({ file, line: lineOf(offset), message, help })
  const [problem] = document.errors
  if (problem !== undefined) {
    throw wrong(
      problem.pos[0],
      `is not YAML: ${problem.message.split("\n", 1)[0] ?? problem.code}`,
      "fix the line; texts with a colon, a brace or a line break need quotation marks",
    )
  }
  const { last, unusable } = aliasesOf(document)
  if (unusable !== undefined) {
    throw wrong(unusable.range?.[0], `"*${unusable.source}" has no value before it to repeat`, "write the value out")
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch (thrown) {
    // Aliases of aliases, which grow past any memory when they are written out.
    throw last === undefined ? thrown : wrong(
      last.range?.[0],
      `is not YAML: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      "write the values out instead of repeating them with *",
    )
  }
  notePlaces(file, lineOf, document.contents, value)
  noteContent(file, value)
  return value
}

/** The last alias of a document, and the first that repeats what is not there or what it is itself a part of. */
const aliasesOf = (document: Document): { readonly last: Alias | undefined; readonly unusable: Alias | undefined } => {
  let last: Alias | undefined
  let unusable: Alias | undefined
  visit(document, {
    Alias: (_, alias, path) => {
      last = alias
      const repeated = alias.resolve(document)
      if (repeated === undefined || path.includes(repeated)) unusable ??= alias
    },
  })
  return { last, unusable }
}

const notePlaces = (file: string, lineOf: (offset: number) => number, node: unknown, value: unknown): void => {
  if (typeof value !== "object" || value === null) return
  const lines = new Map<string, number>()
  const child = (key: string, at: unknown, item: unknown) => {
    if (isNode(at) && at.range != null) lines.set(key, lineOf(at.range[0]))
    notePlaces(file, lineOf, item, Reflect.get(value, key))
  }
  if (isMap(node)) {
    for (const pair of node.items) {
      if (isScalar(pair.key)) child(String(pair.key.value), pair.key, pair.value)
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      child(String(index), item, item)
    })
  } else {
    // What an alias repeats has its places where it is written.
    return
  }
  notePlace(value, { file, lines })
}
