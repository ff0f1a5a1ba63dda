import { Schema } from "effect"
import { Portion } from "./documents.ts"

/** What is suspicious about a portion of a corpus and stops nothing. */
export const WarningKind = Schema.Literals([
  /** Something is wrong with some documents, and the corpus is read leniently: without them. */
  "left out",
  /** The portion holds fewer documents than the published one. */
  "fewer documents",
  /** The portion holds more documents than the published one. */
  "more documents",
  /** A file is not the published one. */
  "other file",
  /** Some test documents have the text of a document that is learned from, under another id. */
  "test text in training",
  /** The test portion is the publishers' development set, for they did not publish the labels of their test set. */
  "development set",
])
export type WarningKind = typeof WarningKind.Type

/** A warning about a portion of a corpus. */
export const Warning = Schema.Struct({
  corpus: Schema.String,
  portion: Portion,
  kind: WarningKind,
  /** How many documents it concerns: left out, missing, too many, in files that are others, or learned from too. */
  documents: Schema.Natural,
  /** Of how many that there are in the portion, or should be where some are missing; null where nobody knows. */
  of: Schema.NullOr(Schema.Natural),
  /** The first documents or files, at most 20. */
  examples: Schema.Array(Schema.String),
  /** The warning in a sentence. */
  text: Schema.String,
}).annotate({ identifier: "warnings" })
export type Warning = typeof Warning.Type

/** The kinds of warnings, each once, in one order: what numbers that are made of such data are flagged with. */
export const kindsOf = (warnings: ReadonlyArray<Pick<Warning, "kind">>): ReadonlyArray<WarningKind> =>
  WarningKind.literals.filter((kind) => warnings.some((warning) => warning.kind === kind))

/** How many examples a warning names. */
export const namedExamples = 20
