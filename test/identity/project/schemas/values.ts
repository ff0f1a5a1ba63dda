import { Schema } from "effect"

/** A number with a name. */
export const Value = Schema.Struct({ name: Schema.String, value: Schema.Finite }).annotate({ identifier: "values" })
export type Value = typeof Value.Type
