import { Schema } from "effect"
import type { Block, ExperimentPage, PageContent, PageSource, Piece } from "redag"
import { Document, type Mention } from "../../schemas/documents.ts"
import { Example } from "../../schemas/examples.ts"
import { Generation } from "../../schemas/generations.ts"
import { corpora, corpusTitle } from "../corpora.ts"
import { piecesOf } from "../results/highlight.ts"
import { nodesOf, rowsAs } from "./nodes.ts"

const isDocument = Schema.is(Document)
const isExample = Schema.is(Example)

/** The corpora: their documents with mentions and relations, and how a template renders them. */
export const corpusPages: ExperimentPage = {
  title: "Corpora",
  make: async (source, [node, document, ...rest]) => {
    if (node === undefined) return corporaPage(source)
    if (source.nodes.get(node)?.stage !== "ingest" || rest.length > 0) return undefined
    return document === undefined ? await portionPage(source, node) : await documentPage(source, node, document)
  },
}

const allCorpora: Piece = { text: "Corpora", link: { to: "page", path: ["corpora"] } }

const corporaPage = (source: PageSource): PageContent => ({
  title: "Corpora",
  above: [],
  blocks: [{
    _tag: "Table",
    title: "Corpora",
    head: ["Corpus", "Read in", ">Documents"],
    rows: nodesOf(source, "ingest").map(([name, { made }]) => [
      [{ text: corpusOf(name) }],
      [{ text: name, link: { to: "page", path: ["corpora", name] } }],
      [{ text: made === undefined ? "not read yet" : String(made.rows["documents"] ?? 0) }],
    ]),
  }],
})

const corpusOf = (node: string): string => {
  const id = node.split("/")[1] ?? ""
  return corpora.some((corpus) => corpus.id === id) ? corpusTitle(id) : id
}

const portionPage = async (source: PageSource, node: string): Promise<PageContent> => {
  const documents = await rowsAs(source, node, "documents", isDocument)
  return {
    title: `${corpusOf(node)}: ${node}`,
    above: [allCorpora],
    blocks: [{
      _tag: "Table",
      title: "Documents",
      head: ["Document", ">Mentions", ">Relations", ">Characters", "Begins"],
      rows: documents.map(({ id, text, mentions, relations }) => [
        [{ text: id, link: { to: "page", path: ["corpora", node, id] } }],
        [{ text: String(mentions.length) }],
        [{ text: String(relations.length) }],
        [{ text: String(text.length) }],
        [{ text: text.slice(0, 80) }],
      ]),
    }],
  }
}

const documentPage = async (source: PageSource, node: string, id: string): Promise<PageContent | undefined> => {
  const document = (await rowsAs(source, node, "documents", isDocument)).find((each) => each.id === id)
  if (document === undefined) return undefined
  const types = [...new Set(document.mentions.map(({ type }) => type))]
  const marks = types.slice(0, kinds.length).map((type, index) => [kinds[index] ?? "", type] as const)
  const templates = nodesOf(source, "template").filter(([, { inputs }]) =>
    (inputs["documents"] ?? []).some((wire) => wire.node === node)
  )
  const rendered: Array<Block> = []
  for (const [name] of templates) {
    const example = (await rowsAs(source, name, "examples", isExample)).find((each) => each.document === id)
    if (example === undefined) continue
    rendered.push(
      { _tag: "Heading", text: `Rendered in ${name}` },
      {
        _tag: "List",
        items: ["source", "clause", "labels"].map((part) => [
          { text: `template: ${part}`, link: { to: "source", node: name, path: `template.${part}` } },
        ]),
      },
      { _tag: "Quote", title: "Source", pieces: [{ text: example.source }] },
      { _tag: "Quote", title: "Target", pieces: [{ text: example.target }] },
      ...await writtenOf(source, name, id),
    )
  }
  return {
    title: `Document ${id}`,
    above: [allCorpora, { text: node, link: { to: "page", path: ["corpora", node] } }],
    blocks: [
      { _tag: "Key", marks },
      {
        _tag: "Quote",
        title: "Text",
        pieces: piecesOf(document.text, marks.map(([mark, type]) => [mark, placesOf(document.mentions, type)])),
      },
      { _tag: "Heading", text: "Relations" },
      relationsOf(document),
      ...rendered,
    ],
  }
}

const isGeneration = Schema.is(Generation)
const hasLimits = Schema.is(Schema.Struct({ maxSourceTokens: Schema.Natural, maxNewTokens: Schema.Natural }))

/** So many runs that wrote of a document are listed. */
const MOST_RUNS = 40

/** How many tokens runs wrote of a document, against their limits. */
const writtenOf = async (source: PageSource, template: string, id: string): Promise<ReadonlyArray<Block>> => {
  const runs = nodesOf(source, "generate").filter(([, { inputs, made }]) =>
    made !== undefined && (inputs["examples"] ?? []).some((wire) => wire.node === template)
  )
  const rows: Array<ReadonlyArray<ReadonlyArray<Piece>>> = []
  for (const [name, { params }] of runs.slice(0, MOST_RUNS)) {
    const generation = (await rowsAs(source, name, "generations", isGeneration)).find(({ document }) => document === id)
    if (generation === undefined) continue
    const limits = hasLimits(params) ? params : undefined
    rows.push([
      [{ text: name, link: { to: "node", node: name } }],
      [{ text: `${generation.tokens} of ${limits?.maxNewTokens ?? "unknown"}` }],
      [{ text: `${generation.sourceTruncated ? "cut at" : "whole, within"} ${limits?.maxSourceTokens ?? "unknown"}` }],
    ])
  }
  return rows.length === 0
    ? []
    : [{ _tag: "Table", title: "What runs wrote of it", head: ["Run", ">Tokens written", "Source tokens"], rows }]
}

/** The marks that types of mentions get, in their order. */
const kinds = ["wanted", "said", "right", "fourth", "fifth"]

const placesOf = (mentions: ReadonlyArray<Mention>, type: string): ReadonlySet<number> => {
  const places = new Set<number>()
  for (const mention of mentions) {
    if (mention.type !== type) continue
    for (const { start, end } of mention.spans) for (let place = start; place < end; place++) places.add(place)
  }
  return places
}

const relationsOf = ({ relations, mentions }: Document): Block => {
  const nameOf = (level: "concept" | "mention", argument: string): string => {
    const mention = mentions.find(({ id, concepts }) =>
      level === "mention" ? id === argument : concepts.includes(argument)
    )
    return mention === undefined ? argument : `${mention.text} (${argument})`
  }
  return relations.length === 0
    ? { _tag: "Text", pieces: [{ text: "It has none." }] }
    : {
      _tag: "Table",
      title: "Relations",
      head: ["Label", "Arguments"],
      rows: relations.map(({ label, level, arguments: own }) => [
        [{ text: label }],
        [{ text: own.map((argument) => nameOf(level, argument)).join("; ") }],
      ]),
    }
}
