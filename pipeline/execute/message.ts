import { Schema } from "effect"
import { DagError } from "../base/errors.ts"
import { Execution } from "../store/record.ts"

const Advanced = Schema.TaggedStruct("Advanced", {
  done: Schema.Finite,
  total: Schema.Finite,
  unit: Schema.String,
  note: Schema.optionalKey(Schema.String),
  level: Schema.optionalKey(Schema.Finite),
})

/** What a worker process sends when its stage may save what is not done: what it is told of the end of its time is no use before. */
export const Saves = Schema.TaggedStruct("Saves", {})

/** How an execution failed. */
export const Failed = Schema.Union([
  Schema.TaggedStruct("Failed", { error: DagError }),
  /** Something that nobody foresaw was thrown. */
  Schema.TaggedStruct("Crashed", { stack: Schema.String }),
])
export type Failed = typeof Failed.Type

/** What a worker process sends to the engine: how far it is, and at the end how it ended. */
export const Message = Schema.Union([Advanced, Schema.TaggedStruct("Finished", { execution: Execution }), Failed])
export type Message = typeof Message.Type
