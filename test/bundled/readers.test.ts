import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { corporaFiles, corporaFolder, corporaSeed, corporaSizes } from "../../bundled/make.ts"
import { composePortions } from "../../bundled/making/portions.ts"
import type { Document, Portion } from "../../schemas/documents.ts"
import type { CorpusName } from "../../stages/compose/corpora.ts"
import { toDocument } from "../../stages/compose/documents.ts"
import type { Format } from "../../stages/ingest/formats.ts"
import { readCorpus } from "../stages/support.ts"

/** What a document says, whatever its mentions are called and in whatever order its relations stand. */
const saying = ({ text, mentions, relations }: Document) => {
  const place = new Map(mentions.map(({ id, spans }) => [id, JSON.stringify(spans)]))
  return {
    text,
    mentions: mentions.map(({ text, spans }) => ({ text, spans })),
    relations: relations.map(({ label, arguments: named }) =>
      [label, ...named.map((name) => place.get(name) ?? name)].join(" ")
    ).sort(),
  }
}

const cases: readonly (readonly [CorpusName, Portion, Format, RegExp])[] = [
  ["cdr", "train", "pubtator", /CDR_TrainingSet\.PubTator/],
  ["cdr", "test", "pubtator", /CDR_TestSet\.PubTator/],
  ["cdr", "test", "bioc", /CDR_TestSet\.BioC/],
  ["chemprot", "train", "chemprot", /chemprot_training\//],
  ["chemprot", "test", "chemprot", /chemprot_test_gs\//],
  ["ddi", "train", "ddi-xml", /xml_corpus\/Train/],
  ["ddi", "test", "brat", /Test for DDI/],
  ["dce", "train", "dce", /final_train_set/],
  ["dce", "test", "dce", /final_test_set/],
]

describe("the readers of the real corpora", () => {
  it.for(cases)("find in %s %s (%s) what was written", ([corpus, portion, format, pattern]) => {
    const sources = corporaFiles().map((file) => file.path).filter((path) =>
      path.startsWith(`${corpus}/`) && pattern.test(path)
    )
      .map((path) => ({ name: path, path: join(corporaFolder, path) }))
    const found = [...readCorpus(format, sources, portion)]
    const written = composePortions(corpus, "sample", corporaSeed, corporaSizes[corpus])[portion]
    const composed = written.map((document, index) => toDocument(corpus, document, String(index), portion))
    assert.sameDeepMembers(found.map(saying), composed.map(saying))
  })
})
