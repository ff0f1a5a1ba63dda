import { Schema } from "effect"
import { Digest } from "../base/digest.ts"

/** A name and what stands for its content. */
const FileDigest = Schema.Struct({ name: Schema.String, digest: Digest })

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
      Schema.TaggedStruct("Artifacts", { artifact: Schema.String, digests: Schema.Array(Digest) }),
      Schema.TaggedStruct("Files", { files: Schema.Array(FileDigest) }),
    ]),
  ),
  code: Digest,
  outputs: Schema.Record(Schema.String, Digest),
})
export type PreImage = typeof PreImage.Type
