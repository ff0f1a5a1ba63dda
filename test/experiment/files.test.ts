import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { corpora } from "../../experiment/corpora.ts"
import { FilesEntries, publishedFiles } from "../../experiment/files.ts"
import { InputError } from "../../pipeline/base/errors.ts"
import { parseYaml, type YamlSchema } from "../../pipeline/graph/yaml.ts"
import { repository } from "../rig/project.ts"
import { corpusOf, publishedFilesOf } from "./corpus.ts"

const yaml = readFileSync(`${repository}/experiment/files.yaml`, "utf8")

/** The error that reading these entries ends in. */
const refused = (text: string): InputError => {
  try {
    parseYaml(text, "experiment/files.yaml", FilesEntries)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  throw new Error("was not refused")
}

describe("experiment/files.yaml", () => {
  it("has files of every corpus, each portion under its own title", () => {
    for (const { id } of corpora) {
      const { train, dev, test } = publishedFilesOf(id)
      const titles = [train, dev, test].flatMap((portion) => (portion === undefined ? [] : portion.set.title))
      assert.lengthOf(new Set(titles), titles.length, id)
    }
    assert.strictEqual(publishedFilesOf("chemprot").dev?.set.title, "ChemProt development set")
  })

  it("says of a mistake which file, line and field it is in", () => {
    for (
      const [from, to, field, message] of [
        ["format: pubtator", "format: pubmed", "cdr.published.train.format", /pubtator/u],
        ["bytes: 1129998", "bytes: 1.5", "cdr.published.train.bytes", /integer|whole/u],
        ["bytes: 1129998", "size: 1129998", "cdr.published.train.size", /./u],
        ["7afcec134e3d", "7afcec", "cdr.published.train.sha256", /./u],
        ["names: [cdr/CDR_TrainingSet.PubTator.txt]", "names: []", "cdr.published.train.names", /./u],
      ] as const
    ) {
      const error = refused(yaml.replace(from, to))
      assert.strictEqual(error.file, "experiment/files.yaml")
      const line = yaml.split("\n").findIndex((text) => text.includes(from)) + 1
      assert.isAtMost(Math.abs((error.line ?? 0) - line), 1, `${field}: ${error.line}, ${line}`)
      assert.include(error.field, field.split(".").slice(0, 4).join("."))
      assert.match(error.message, message)
    }
  })

  it("that lacks a corpus of the list is refused, by its name", () => {
    const reader = {
      yaml: <S extends YamlSchema>(file: string, schema: S) =>
        parseYaml(yaml.replace("\ndce:", "\ndec:"), file, schema),
    }
    assert.throws(() => publishedFiles(reader, corpusOf("dce"), "folder"), InputError, /experiment\/corpora\.ts lists/u)
  })
})
