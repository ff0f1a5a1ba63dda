import { Schema } from "effect"
import { InputError } from "redag"
import { decoder, type Origin } from "../ingest/fields.ts"

const IdLists = Schema.Struct({
  train: Schema.Array(Schema.String),
  valid: Schema.Array(Schema.String),
  test: Schema.optionalKey(Schema.Array(Schema.String)),
})

/** A split given as lists of document ids, with the file they came from. */
export interface SplitIds {
  readonly train: ReadonlyArray<string>
  readonly valid: ReadonlyArray<string>
  readonly test?: ReadonlyArray<string>
  readonly origin: Origin
}

const decode = decoder(IdLists)
const help = `the file is JSON with the lists "train" and "valid", and optionally "test", of document ids`

/** Reads a file of document ids, such as the authors' own splits. */
export const parseSplitIds = (text: string, file: string): SplitIds => {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ""))
  } catch (cause) {
    throw new InputError({ message: `the file is not JSON: ${(cause as Error).message}`, help, file })
  }
  const lineOf = (path: ReadonlyArray<PropertyKey>): number | undefined => {
    const [list, index] = path
    const ids: unknown = typeof value === "object" && value !== null ? Reflect.get(value, list ?? "") : undefined
    const id: unknown = Array.isArray(ids) && typeof index === "number" ? ids[index] : undefined
    // The id itself, or else the list's key, is looked for after the list's key.
    const from = text.indexOf(JSON.stringify(String(list)))
    const at = id === undefined ? from : text.indexOf(JSON.stringify(id), from)
    return from === -1 || at === -1 ? undefined : text.slice(0, at).split("\n").length
  }
  const origin: Origin = { file, help, lineOf }
  return { ...decode(value, origin), origin }
}
