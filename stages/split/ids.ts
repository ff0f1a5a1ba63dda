import { Schema } from "effect"
import { InputError } from "redag"
import { type CheckedFile, decoder } from "../shared/fields.ts"
import { idsHelp, idsNotJson } from "./messages.ts"

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
  readonly file: CheckedFile
}

const decode = decoder(IdLists)

/** Reads a file of document ids, such as the authors' own splits. */
export const parseSplitIds = (text: string, file: string): SplitIds => {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ""))
  } catch (cause) {
    throw new InputError({ message: idsNotJson((cause as Error).message), help: idsHelp, file })
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
  const checked: CheckedFile = { file, help: idsHelp, lineOf }
  return { ...decode(value, checked), file: checked }
}
