import { Schema } from "effect"

/** A name and what stands for its content. */
const FileDigest = Schema.Struct({ name: Schema.String, digest: Schema.String })

/**
 * Everything that makes two executions the same execution; the key is its digest.
 *
 * What each field is for is said in fingerprint.ts, where it is filled in.
 */
export const PreImage = Schema.Struct({
  format: Schema.String,
  stage: Schema.String,
  params: Schema.Record(Schema.String, Schema.Unknown),
  inputs: Schema.Record(
    Schema.String,
    Schema.Union([
      Schema.TaggedStruct("Artifacts", { artifact: Schema.String, digests: Schema.Array(Schema.String) }),
      Schema.TaggedStruct("Files", { files: Schema.Array(FileDigest) }),
    ]),
  ),
  code: Schema.String,
  outputs: Schema.Record(Schema.String, Schema.String),
})
export type PreImage = typeof PreImage.Type
