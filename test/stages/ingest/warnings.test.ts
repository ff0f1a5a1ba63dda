import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { digestOfFile, digestOfFiles, type SourceFile } from "../../../pipeline/index.ts"
import type { CorpusPortion } from "../../../stages/ingest/portion.ts"
import { ignoredIn, type Published, warningsOf } from "../../../stages/ingest/warnings.ts"
import { publishedFilesOf } from "../../experiment/corpus.ts"
import { corporaMissing, corpusFile, type Files, readingOf, skipReason, withFiles } from "../support.ts"

const sound = (id: string): string => `${id}|t|Lead\n${id}|a|causes rash\n${id}\t0\t4\tLead\tChemical\tD1\n`
const wrong = (id: string): string => `${id}|t|Lead\n${id}|a|causes rash\n${id}\t0\t5\tLead\tChemical\tD1\n`
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** The warnings about files of PubTator, of which something is published. */
const warningsAbout = (files: Files, published: Published, keep: CorpusPortion["keep"] = "all") =>
  withFiles(files, (sources) => {
    const { documents, problems } = readingOf("pubtator", sources, "train")
    const found = sources.map((source): SourceFile => ({
      ...source,
      digest: digestOfFile(source.path),
      size: readFileSync(source.path).length,
    }))
    return warningsOf({ corpus: "cdr", portion: "train", keep }, {
      documents: documents.length,
      problems,
      files: found,
      published,
    })
  })

describe("the warnings about a portion", () => {
  const content = sound("1") + sound("2")

  it("are none where it is as published, or nothing is known of it", () => {
    assert.deepStrictEqual(warningsAbout({ "a.txt": content }, {}), [])
    assert.deepStrictEqual(warningsAbout({ "a.txt": content }, { documents: 2, sha256: [sha256(content)] }), [])
  })

  it("say that a portion is another set of its publishers, whatever else is right", () => {
    const [warning, ...others] = warningsAbout({ "a.txt": content }, { documents: 2, set: "development set" })
    assert.deepStrictEqual(others, [])
    assert.deepStrictEqual(warning, {
      corpus: "cdr",
      portion: "train",
      kind: "development set",
      documents: 2,
      of: 2,
      examples: [],
      text: "cdr train: is the publishers' development set, for the labels of their test set were never published",
    })
    assert.deepStrictEqual(publishedFilesOf("drugprot").test.published, { documents: 750, set: "development set" })
    assert.strictEqual(publishedFilesOf("drugprot").test.set.title, "DrugProt development set")
  })

  it("say how many documents are left out, and which", () => {
    const [warning, ...others] = warningsAbout({ "a.txt": content + wrong("3") + wrong("4") }, { documents: 4 })
    assert.deepStrictEqual(others, [])
    assert.deepStrictEqual(warning, {
      corpus: "cdr",
      portion: "train",
      kind: "left out",
      documents: 2,
      of: 4,
      examples: ["3", "4"],
      text:
        "cdr train: 2 of 4 documents are left out, with 2 problems: 3 (a.txt:9 start, end), 4 (a.txt:12 start, end)",
    })
  })

  it("count the documents that there are: no stray line and no comment, and one that is there twice once", () => {
    const strays = "# made by hand\n98\tCID\tD1\tD2\n99\tCID\tD1\tD2\n99\t0\t4\tLead\tChemical\tD1\n"
    const about = (text: string) =>
      warningsAbout({ "a.txt": text }, { documents: 3 }).map(({ kind, documents, of }) => [kind, documents, of])
    assert.deepStrictEqual(about(content + strays), [["fewer documents", 1, 3]])
    assert.deepStrictEqual(about(strays + content + wrong("3")), [["left out", 1, 3]])
    assert.deepStrictEqual(about(content + sound("2") + strays), [["left out", 1, 2], ["fewer documents", 1, 3]])
    assert.deepStrictEqual(about(content + sound("3") + sound("3")), [["left out", 1, 3]])
    const problems = withFiles(
      { "a.txt": content + strays },
      (sources) => readingOf("pubtator", sources, "train").problems,
    )
    assert.match(
      ignoredIn({ corpus: "cdr", portion: "train" }, problems) ?? "",
      /3 lines .* no document are ignored: a\.txt:7, /u,
    )
    assert.match(problems.error()?.help ?? "", /to ignore what belongs to no document, write "lenient: true"/u)
  })

  it("say that it is cut, and that its file is another one", () => {
    const cut = warningsAbout({ "a.txt": sound("1") }, { documents: 2, sha256: [sha256(content)] })
    assert.deepStrictEqual(
      cut.map(({ kind, documents, of, examples, text }) => [kind, documents, of, examples, text]),
      [
        ["fewer documents", 1, 2, [], "cdr train: holds 1 document, 2 were published"],
        ["other file", 1, 1, ["a.txt"], "cdr train: not the published file (by sha256): a.txt"],
      ],
    )
  })

  it("say that its files are others where only the digest of all together is known", () => {
    const files = { "a.txt": sound("1"), "b.txt": sound("2") }
    const [warning, ...others] = warningsAbout(files, { sha256: sha256("others") })
    assert.deepStrictEqual(others, [])
    assert.deepStrictEqual([warning?.kind, warning?.examples, warning?.text], [
      "other file",
      [],
      "cdr train: its files are not the published ones (by the sha256 of all)",
    ])
  })

  it("say that it holds more than was published", () => {
    assert.deepStrictEqual(
      warningsAbout({ "a.txt": content }, { documents: 1, sha256: [sha256("others")] })
        .map(({ kind, documents, of, text }) => [kind, documents, of, text]),
      [
        ["more documents", 1, 2, "cdr train: holds 2 documents, only 1 were published"],
        ["other file", 2, 2, "cdr train: not the published file (by sha256): a.txt"],
      ],
    )
  })

  it("count no document for sure that may be of another portion in the same files", () => {
    const about = (documents: number) =>
      warningsAbout({ "a.txt": content + wrong("3") }, { documents }, "with relations")
        .map(({ kind, documents, of, text }) => [kind, documents, of, text])
    const leftOut = [
      "left out",
      1,
      null,
      "cdr train: up to 1 document is left out (the files hold another portion too), with 1 problem: 3 (a.txt:9 start, end)",
    ]
    assert.deepStrictEqual(about(2), [leftOut])
    assert.deepStrictEqual(about(3), [leftOut])
    assert.deepStrictEqual(about(4), [
      leftOut,
      ["fewer documents", 1, 4, "cdr train: holds at most 3 documents, 4 were published"],
    ])
  })

  it("compare all files together by their own names, wherever they are", () => {
    const file = (name: string, digest: string): SourceFile => ({
      name,
      path: name,
      size: 0,
      digest: sha256(digest) as SourceFile["digest"],
    })
    const set = digestOfFiles([file("Train/a.txt", "a"), file("Train/b.txt", "b")])
    assert.strictEqual(digestOfFiles([file("x/b.txt", "b"), file("x/y/a.txt", "a")]), set)
    assert.notStrictEqual(digestOfFiles([file("x/b.txt", "a"), file("x/a.txt", "b")]), set)
    assert.notStrictEqual(digestOfFiles([file("Train/a.txt", "a")]), set)
  })

  it.skipIf(corporaMissing !== undefined)(`are none for CDR as published, and two where it is cut${skipReason}`, () => {
    const { test } = publishedFilesOf("cdr")
    const text = readFileSync(corpusFile("cdr/CDR_TestSet.PubTator.txt").path, "utf8")
    assert.deepStrictEqual(warningsAbout({ "a.txt": text }, test.published), [])
    const documents = text.split("\n\n").slice(0, 226)
    assert.deepStrictEqual(
      warningsAbout({ "a.txt": documents.join("\n\n") }, test.published).map(({ text }) => text),
      [
        "cdr train: holds 226 documents, 500 were published",
        "cdr train: not the published file (by sha256): a.txt",
      ],
    )
  })
})
