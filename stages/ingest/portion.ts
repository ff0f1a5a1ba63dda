import { Effect, Schema } from "effect"
import { type Document, Portion } from "../../schemas/documents.ts"
import { excerpt, type Place, wrong } from "./checks.ts"
import { unknownLabel } from "./messages.ts"
import type { Problems } from "./problems.ts"
import type { Source } from "./source.ts"

/** Documents of which kind. */
export const Keep = Schema.Literals(["all", "with relations", "without relations"])
export type Keep = typeof Keep.Type

/** The keys of the infons by which BioC says what an annotation or a relation is. */
const Infons = Schema.Struct({
  concept: Schema.NonEmptyString,
  label: Schema.NonEmptyString,
  /** Those of a relation's first and second argument. */
  arguments: Schema.Tuple([Schema.NonEmptyString, Schema.NonEmptyString]),
})

/** A portion of a corpus, and what its files cannot say of themselves. */
export const CorpusPortion = Schema.Struct({
  /** The corpus's id, which its documents carry. */
  corpus: Schema.NonEmptyString,
  portion: Portion,
  /** The labels of its relations. */
  labels: Schema.Array(Schema.NonEmptyString),
  /** Which of the documents are of the portion: the DDI corpus mixes those of two tasks, one of them without relations. */
  keep: Keep.pipe(Schema.withDecodingDefaultKey(Effect.succeed("all" as const))),
  /** Labels that its files have too, and whose relations are left out. */
  unusedLabels: Schema.Array(Schema.NonEmptyString).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  /** What stands between the concepts of a mention that has several. */
  conceptSeparator: Schema.Literals(["|", ","]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("|" as const))),
  /** The entity types of the first and the second argument of its relations; none where they may be any. */
  argumentTypes: Schema.Array(Schema.NonEmptyString).check(Schema.isMaxLength(2)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([])),
  ),
  /**
   * What says more of a relation than its label and is part of that: "Association/Novel". PubTator has it in a fifth
   * field, BioC in an infon of this name.
   */
  qualifier: Schema.optionalKey(Schema.NonEmptyString),
  /** Those of CDR where left out. */
  infons: Schema.optionalKey(Infons),
})
export type CorpusPortion = typeof CorpusPortion.Type

/** The label of a relation with what qualifies it. */
export const labelWith = ({ qualifier }: Pick<CorpusPortion, "qualifier">, label: string, more: string): string =>
  qualifier === undefined ? label : `${label}/${more}`

/** Whether a document that was read is of the portion. */
export const isKept = ({ keep }: Pick<CorpusPortion, "keep">, { relations }: Pick<Document, "relations">): boolean =>
  keep === "all" || (relations.length > 0) === (keep === "with relations")

/**
 * Reads one portion of a corpus from its files; documents come in the order of the files given.
 *
 * What is wrong with a document is noted in `problems`, and the reader goes on. What it throws is with a whole file.
 */
export type Reader = (
  sources: ReadonlyArray<Source>,
  portion: CorpusPortion,
  problems: Problems,
) => Generator<Document>

/**
 * Whether relations with a label are used. Throws an InputError on a label that the corpus does not have; `written` is
 * the label as the file has it.
 */
export const isUsed = (
  { labels, unusedLabels }: CorpusPortion,
  label: string,
  place: Place,
  written = label,
): boolean => {
  if (labels.includes(label)) return true
  if (unusedLabels.includes(label)) return false
  const { message, help } = unknownLabel
  throw wrong(place, message(excerpt(written)), help(labels.concat(unusedLabels)))
}
