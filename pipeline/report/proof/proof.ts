import { Schema } from "effect"
import { Digest } from "../../base/digest.ts"
import { PreImage } from "../../identity/pre-image.ts"
import { ActionRecord } from "../../store/record.ts"

/** A record as a proof has it: nothing that says which machine it was, or where files stood on it. */
export const ProvedRecord = Schema.Struct({
  key: Digest,
  preImage: PreImage,
  node: Schema.String,
  files: Schema.Array(
    Schema.Struct({ role: Schema.String, name: Schema.String, digest: Digest, size: Schema.Natural }),
  ),
  outputs: ActionRecord.fields.outputs,
  blobs: ActionRecord.fields.blobs,
  counts: ActionRecord.fields.counts,
  started: Schema.String,
  milliseconds: Schema.Natural,
  versions: Schema.Record(Schema.String, Schema.String),
})
export type ProvedRecord = typeof ProvedRecord.Type

/** Which numbers of which rows are shown as those that are proved: rows that have the values of `where`. */
export const Numbers = Schema.Struct({
  node: Schema.String,
  output: Schema.String,
  where: Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Null])),
  columns: Schema.Array(Schema.String),
})
export type Numbers = typeof Numbers.Type

/** What `manifest.json` of a proof says. */
export const Manifest = Schema.Struct({
  proof: Schema.Literal("redag/proof/1"),
  profile: Schema.String,
  /** The nodes that are proved. */
  nodes: Schema.Array(Schema.String),
  /** The node that holds the results, where it took what the nodes made. */
  table: Schema.NullOr(Schema.String),
  numbers: Schema.Array(Numbers),
  actions: Schema.Array(Schema.Struct({
    node: Schema.String,
    key: Digest,
    /** Null where the proof has what it takes to execute it again; otherwise why it does not. */
    notAgain: Schema.NullOr(Schema.String),
    /** By which it leads to the root: its place among the leaves, and the hashes beside its way. */
    index: Schema.Natural,
    path: Schema.Array(Digest),
  })),
  /** Over all that the results were made by. */
  tree: Schema.Struct({ leaves: Schema.Natural, root: Digest }),
  /** The sha256 of each other file, by its path. */
  files: Schema.Record(Schema.String, Digest),
})
export type Manifest = typeof Manifest.Type

/** The places of a proof's files. */
export const places = {
  manifest: "manifest.json",
  check: "manifest.sha256",
  /** Who signed the manifest, and so each byte of the archive; the manifest cannot name it. */
  signed: "manifest.dsse.json",
  verify: "verify.mjs",
  readme: "README.txt",
  signatures: "signatures.json",
  runner: "run/runner.mjs",
  record: (key: Digest) => `records/${key}.json`,
  code: (digest: Digest) => `code/${digest}.json`,
  program: (digest: Digest) => `programs/${digest}.mjs`,
  table: (digest: Digest) => `tables/${digest}.parquet`,
  rows: (digest: Digest) => `rows/${digest}.jsonl`,
} as const
