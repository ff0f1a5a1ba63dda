import { Schema } from "effect"
import { digestOfFiles, type SourceFile } from "redag"
import { namedExamples, type Warning } from "../../schemas/warnings.ts"
import type { CorpusPortion } from "./portion.ts"
import type { Problems } from "./problems.ts"

const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u))

/** What the publishers of a portion say of it, as far as it is known. */
export const Published = Schema.Struct({
  documents: Schema.optionalKey(Schema.Natural),
  /** The sha256 of each of its files, or one of all of them. */
  sha256: Schema.optionalKey(Schema.Union([Sha256, Schema.Array(Sha256)])),
})
export type Published = typeof Published.Type

/** The warnings about a portion whose documents are read: `documents` is how many, without those that are left out. */
export const warningsOf = (
  { corpus, portion }: Pick<CorpusPortion, "corpus" | "portion">,
  { documents, problems, files, published }: {
    readonly documents: number
    readonly problems: Problems
    readonly files: ReadonlyArray<SourceFile>
    readonly published: Published
  },
): ReadonlyArray<Warning> => {
  const about = `${corpus} ${portion}`
  const leftOut = problems.documents
  const all = documents + leftOut.length
  const { documents: expected = all, sha256 } = published
  const others = othersOf(files, sha256)
  const first = problems.error()
  const warnings: Array<
    Pick<Warning, "kind" | "documents" | "of" | "text"> & { readonly names: ReadonlyArray<string> }
  > = []
  if (first !== undefined) {
    warnings.push({
      kind: "left out",
      documents: leftOut.length,
      of: all,
      names: leftOut,
      text: texts.leftOut(about, leftOut.length, all, problems.count, leftOut.slice(0, 3)),
    })
  }
  if (all < expected) {
    const text = texts.fewer(about, all, expected)
    warnings.push({ kind: "fewer documents", documents: expected - all, of: expected, names: [], text })
  }
  if (others.length > 0 || all > expected) {
    const text = others.length > 0
      ? texts.otherFiles(about, others)
      : texts.more(about, all, expected)
    warnings.push({ kind: "other file", documents: all, of: null, names: others, text })
  }
  return warnings.map(({ names, ...warning }) => ({
    corpus,
    portion,
    ...warning,
    examples: names.slice(0, namedExamples),
  }))
}

/** The names of files that are not published ones; of all files, where only all of them together are known. */
const othersOf = (files: ReadonlyArray<SourceFile>, sha256: Published["sha256"]): ReadonlyArray<string> => {
  if (sha256 === undefined) return []
  const isPublished = typeof sha256 === "string"
    ? digestOfFiles(files) === sha256
    : files.every(({ digest }) => sha256.includes(digest))
  if (isPublished) return []
  return files.filter(({ digest }) => !sha256.includes(digest)).map(({ name }) => name)
}

/** Warnings in words, which are what the stage makes: they are part of its program, unlike the words of failures. */
const texts = {
  leftOut: (about: string, documents: number, all: number, problems: number, first: ReadonlyArray<string>) =>
    `${about}: ${documents} of ${count(all, "document")} ${documents === 1 ? "is" : "are"} left out, with ${
      count(problems, "problem")
    }: ${first.join(", ")}${documents > first.length ? " and others" : ""}`,
  fewer: (about: string, found: number, published: number) =>
    `${about}: holds ${count(found, "document")}, ${published.toLocaleString("en")} were published`,
  more: (about: string, found: number, published: number) =>
    `${about}: holds ${count(found, "document")}, only ${published.toLocaleString("en")} were published`,
  otherFiles: (about: string, names: ReadonlyArray<string>) =>
    `${about}: not the published ${names.length === 1 ? "file" : "files"} (by sha256): ${names.slice(0, 3).join(", ")}${
      names.length > 3 ? ` and ${names.length - 3} others` : ""
    }`,
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`
