import { Schema } from "effect"

/** How often a word occurs. */
export const Counts = Schema.Struct({ word: Schema.String, count: Schema.Int }).annotate({ identifier: "counts" })
