import { Schema } from "effect"

/** Where a pretrained model came from: a commit of a repository on the Hugging Face Hub, or nulls for a folder. */
export const Origin = Schema.Struct({
  repository: Schema.NullOr(Schema.String),
  /** What was asked for: a branch, a tag or a commit. */
  revision: Schema.NullOr(Schema.String),
  /** The commit that the revision was when it was fetched. */
  commit: Schema.NullOr(Schema.String),
}).annotate({ identifier: "origins" })
export type Origin = typeof Origin.Type
