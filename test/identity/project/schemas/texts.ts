import { Schema } from "effect"

/** A line of text. */
export const Text = Schema.Struct({ text: Schema.String }).annotate({ identifier: "texts" })
