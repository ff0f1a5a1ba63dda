import { Schema } from "effect"
import { BlobRef } from "redag"

/** One file of a model: `config.json`, `tokenizer.json`, `model.safetensors`. */
export const CheckpointFile = Schema.Struct({
  name: Schema.String,
  blob: BlobRef,
}).annotate({ identifier: "checkpoints" })
export type CheckpointFile = typeof CheckpointFile.Type
