import { Schema } from "effect"
import { counted, digestOfFiles, type SourceFile } from "redag"
import { namedExamples, type Warning } from "../../schemas/warnings.ts"
import type { CorpusPortion } from "./portion.ts"
import type { Problems } from "./problems.ts"

const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u))

/** What the publishers of a portion say of it, as far as it is known. */
export const Published = Schema.Struct({
  documents: Schema.optionalKey(Schema.Natural),
  /** The sha256 of each of its files, or one of all of them. */
  sha256: Schema.optionalKey(Schema.Union([Sha256, Schema.Array(Sha256)])),
  /** Which set of its publishers the portion is, where it is not the one of the portion's name. */
  set: Schema.optionalKey(Schema.Literal("development set")),
})
export type Published = typeof Published.Type

/**
 * The warnings about a portion whose documents are read: `documents` is how many, without those that are left out. Where
 * its files hold those of another portion too, nobody knows which portion one that cannot be read belongs to.
 */
export const warningsOf = (
  { corpus, portion, keep }: Pick<CorpusPortion, "corpus" | "portion" | "keep">,
  { documents, problems, files, published }: {
    readonly documents: number
    readonly problems: Problems
    readonly files: ReadonlyArray<SourceFile>
    readonly published: Published
  },
): ReadonlyArray<Warning> => {
  const about = `${corpus} ${portion}`
  const leftOut = problems.documents
  const mixed = keep !== "all" && leftOut.length > 0
  /** Where files are mixed, the most that there can be. */
  const all = documents + leftOut.length
  const { documents: expected = all, sha256 } = published
  const others = othersOf(files, sha256)
  const warnings: Array<
    Pick<Warning, "kind" | "documents" | "of" | "text"> & { readonly names: ReadonlyArray<string> }
  > = []
  if (leftOut.length > 0) {
    warnings.push({
      kind: "left out",
      documents: leftOut.length,
      of: mixed ? null : all,
      names: leftOut,
      text: texts.leftOut(
        about,
        leftOut.length,
        mixed ? null : all,
        problems.count - problems.strays.count,
        leftOut.slice(0, 3).map((id) => `${id} (${problems.placeOf(id)})`),
      ),
    })
  }
  if (all < expected) {
    const text = texts.fewer(about, all, expected, mixed)
    warnings.push({ kind: "fewer documents", documents: expected - all, of: expected, names: [], text })
  }
  if (documents > expected) {
    const text = texts.more(about, documents, expected)
    warnings.push({ kind: "more documents", documents: documents - expected, of: documents, names: [], text })
  }
  if (others !== undefined) {
    const text = texts.otherFiles(about, others)
    warnings.push({ kind: "other file", documents: all, of: mixed ? null : all, names: others, text })
  }
  if (published.set !== undefined) {
    const text = texts.otherSet(about, published.set)
    warnings.push({ kind: published.set, documents: all, of: mixed ? null : all, names: [], text })
  }
  return warnings.map(({ names, ...warning }) => ({
    corpus,
    portion,
    ...warning,
    examples: names.slice(0, namedExamples),
  }))
}

/** Says that lines belong to no document and are ignored; undefined where there are none. */
export const ignoredIn = (
  { corpus, portion }: Pick<CorpusPortion, "corpus" | "portion">,
  { strays: { count, places } }: Problems,
): string | undefined => (count === 0 ? undefined : texts.ignored(`${corpus} ${portion}`, count, places.slice(0, 3)))

/** The names of files that are not published ones, none where only all together are known; undefined where all are. */
const othersOf = (
  files: ReadonlyArray<SourceFile>,
  sha256: Published["sha256"],
): ReadonlyArray<string> | undefined => {
  if (sha256 === undefined) return undefined
  if (typeof sha256 === "string") return digestOfFiles(files) === sha256 ? undefined : []
  const others = files.filter(({ digest }) => !sha256.includes(digest)).map(({ name }) => name)
  return others.length === 0 ? undefined : others
}

/** Warnings in words, which are what the stage makes: they are part of its program, unlike the words of failures. */
const texts = {
  leftOut: (about: string, documents: number, all: number | null, problems: number, first: ReadonlyArray<string>) =>
    `${about}: ${
      all === null ? `up to ${counted(documents, "document")}` : `${documents} of ${counted(all, "document")}`
    } ${documents === 1 ? "is" : "are"} left out${all === null ? " (the files hold another portion too)" : ""}, with ${
      counted(problems, "problem")
    }: ${first.join(", ")}${documents > first.length ? " and others" : ""}`,
  ignored: (about: string, count: number, first: ReadonlyArray<string>) =>
    `${about}: ${counted(count, "line")} that ${count === 1 ? "belongs" : "belong"} to no document ${
      count === 1 ? "is" : "are"
    } ignored: ${first.join(", ")}${count > first.length ? " and others" : ""}`,
  fewer: (about: string, found: number, published: number, atMost: boolean) =>
    `${about}: holds ${atMost ? "at most " : ""}${counted(found, "document")}, ${
      published.toLocaleString("en")
    } were published`,
  more: (about: string, found: number, published: number) =>
    `${about}: holds ${counted(found, "document")}, only ${published.toLocaleString("en")} were published`,
  otherSet: (about: string, set: string) =>
    `${about}: is the publishers' ${set}, for the labels of their test set were never published`,
  otherFiles: (about: string, names: ReadonlyArray<string>) =>
    names.length === 0
      ? `${about}: its files are not the published ones (by the sha256 of all)`
      : `${about}: not the published ${names.length === 1 ? "file" : "files"} (by sha256): ${
        names.slice(0, 3).join(", ")
      }${names.length > 3 ? ` and ${names.length - 3} others` : ""}`,
}
