import { Schema } from "effect"

/** Bytes kept in the store beside the tables, named by their sha256. */
export const BlobRef = Schema.Struct({ digest: Schema.String, size: Schema.Natural })
export type BlobRef = typeof BlobRef.Type

/** One file of a model: `config.json`, `tokenizer.json`, `model.safetensors`. */
export const CheckpointFile = Schema.Struct({
  name: Schema.String,
  blob: BlobRef,
}).annotate({ identifier: "checkpoints" })
export type CheckpointFile = typeof CheckpointFile.Type
