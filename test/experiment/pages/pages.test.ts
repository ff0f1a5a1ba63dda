import { assert, describe, it } from "@effect/vitest"
import { cellPages } from "../../../experiment/pages/cells.ts"
import { corpusPages } from "../../../experiment/pages/corpora.ts"
import {
  type Link,
  type PageContent,
  type PageNode,
  type PageSource,
  type Piece,
  piecesOf,
} from "../../../pipeline/report/pages.ts"

const cell = { model: "m", corpus: "cdr", setting: "16", seed: 0 }
const text = "Aspirin helps. Ibuprofen causes nausea."

const node = (
  stage: string,
  inputs: Readonly<Record<string, string>> = {},
  params: object = {},
  counts: Readonly<Record<string, number>> = {},
): PageNode => ({
  stage,
  params,
  inputs: Object.fromEntries(Object.entries(inputs).map(([role, from]) => [role, [{ node: from, output: role }]])),
  made: { rows: { documents: 1 }, counts },
})

const nodes: ReadonlyMap<string, PageNode> = new Map([
  ["ingest/cdr/test", node("ingest")],
  ["template/cdr/test", node("template", { documents: "ingest/cdr/test" })],
  ["sample/cdr/16/seed0", node("sample", { examples: "template/cdr/learn" })],
  ["finetune/m/cdr/16/seed0", node("finetune", { shots: "sample/cdr/16/seed0" })],
  [
    "generate/m/cdr/16/seed0",
    node("generate", { checkpoint: "finetune/m/cdr/16/seed0", examples: "template/cdr/test" }, {
      maxSourceTokens: 512,
      maxNewTokens: 64,
    }),
  ],
  ["extract/m/cdr/16/seed0", node("extract", { generations: "generate/m/cdr/16/seed0" })],
  [
    "score/m/cdr/16/seed0",
    node(
      "score",
      { examples: "template/cdr/test", relations: "extract/m/cdr/16/seed0" },
      { cell, measure: { by: "strict", matching: {} } },
      { F1: 50 },
    ),
  ],
])

const relation = (head: string, tail: string) => ({ label: "CID", arguments: [head, tail] })
const mistake = {
  kind: "wrong mention",
  said: relation("aspirin", "nausea"),
  wanted: relation("ibuprofen", "nausea"),
  text: "",
}

const tables: Readonly<Record<string, ReadonlyArray<object>>> = {
  "ingest/cdr/test documents": [{
    corpus: "cdr",
    portion: "test",
    id: "7",
    text,
    mentions: [
      { id: "a", type: "Chemical", text: "Ibuprofen", spans: [{ start: 15, end: 24 }], concepts: ["D1"], parts: [] },
      { id: "b", type: "Disease", text: "nausea", spans: [{ start: 32, end: 38 }], concepts: ["D2"], parts: [] },
    ],
    relations: [{ label: "CID", level: "concept", arguments: ["D1", "D2"] }],
  }],
  "template/cdr/test examples": [
    { document: "7", partition: "test", source: text, target: "ibuprofen causes nausea", answers: [] },
  ],
  "generate/m/cdr/16/seed0 generations": [
    { document: "7", prompt: null, text: "aspirin causes nausea", tokens: 9, finished: true, sourceTruncated: false },
  ],
  "extract/m/cdr/16/seed0 relations": [
    {
      document: "7",
      relations: [relation("aspirin", "nausea")],
      malformed: [],
      finished: true,
      sourceTruncated: false,
    },
  ],
  "score/m/cdr/16/seed0 outcomes": [{
    ...cell,
    protocol: "paper",
    measure: "strict",
    document: "7",
    correct: 0,
    predicted: 1,
    found: 0,
    gold: 1,
    finished: true,
    sourceTruncated: false,
    mistakes: [mistake],
  }],
}

const source: PageSource = {
  profile: "demo",
  nodes,
  rows: (name, output) => Promise.resolve(tables[`${name} ${output}`]),
}

const piecesIn = (content: PageContent | undefined): ReadonlyArray<Piece> => (content?.blocks ?? []).flatMap(piecesOf)

/** Where the link with this text leads. */
const linkOf = (content: PageContent | undefined, wanted: string): Link => {
  const link = piecesIn(content).find((piece) => piece.text === wanted)?.link
  return link ?? assert.fail(`there is no link "${wanted}"`)
}

const follow = async (link: Link): Promise<PageContent | undefined> => {
  if (link.to !== "page") return assert.fail("it leads to no page of the experiment")
  const [name, ...path] = link.path
  return await (name === "cells" ? cellPages : corpusPages).make(source, path)
}

describe("the pages of the experiment", () => {
  it("lead in four clicks from a cell to the line of its template, each with an address of its own", async () => {
    const cells = await cellPages.make(source, [])
    const documents = await follow(linkOf(cells, "m"))
    const document = await follow(linkOf(documents, "7"))
    const checkpoint = await follow(linkOf(document, "The checkpoint and its curve"))
    assert.isTrue(
      checkpoint?.blocks.some((block) => block._tag === "Curves" && block.node === "finetune/m/cdr/16/seed0"),
    )
    assert.deepStrictEqual(linkOf(checkpoint, "clause"), {
      to: "source",
      node: "template/cdr/test",
      path: "template.clause",
    })
  })

  it("mark in the text what was said wrongly and what was wanted", async () => {
    const document = await cellPages.make(source, ["m", "cdr", "16", "0", "document", "7"])
    const read = document?.blocks.find((block) => block._tag === "Quote")
    const marked = read?._tag === "Quote" ? read.pieces.filter(({ marks = [] }) => marks.length > 0) : []
    assert.deepStrictEqual(marked.map(({ text: piece, marks }) => [piece, marks]), [
      ["Aspirin", ["said"]],
      ["Ibuprofen", ["wanted"]],
      ["nausea", ["wanted", "said"]],
    ])
  })

  it("show a document of a corpus with its mentions and relations, rendered, and what was written of it", async () => {
    const corpora = await corpusPages.make(source, [])
    const portion = await follow(linkOf(corpora, "ingest/cdr/test"))
    const pieces = piecesIn(await follow(linkOf(portion, "7")))
    const marked = pieces.filter(({ marks = [] }) => marks.length > 0).map(({ text: piece }) => piece)
    assert.deepStrictEqual(marked, ["Ibuprofen", "nausea"])
    for (const said of ["Ibuprofen (D1); nausea (D2)", "ibuprofen causes nausea", "9 of 64", "whole, within 512"]) {
      assert.include(pieces.map(({ text: piece }) => piece), said)
    }
  })

  it("are none at paths of no cell, no document and no corpus", async () => {
    for (
      const path of [["x"], ["m", "cdr", "16", "1"], ["m", "cdr", "16", "0", "document", "8"], [
        "m",
        "cdr",
        "16",
        "0",
        "x",
      ]]
    ) {
      assert.isUndefined(await cellPages.make(source, path))
    }
    for (const path of [["score/m/cdr/16/seed0"], ["ingest/cdr/test", "8"], ["ingest/cdr/test", "7", "x"]]) {
      assert.isUndefined(await corpusPages.make(source, path))
    }
  })
})
