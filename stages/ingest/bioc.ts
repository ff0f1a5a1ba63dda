import type { Document, GoldRelation, Mention } from "../../schemas/documents.ts"
import { parseNatural, type Place, uniqueDocuments, wrong } from "./checks.ts"
import { conceptsOf, resolveRelations } from "./concepts.ts"
import * as messages from "./messages.ts"
import { type CorpusPortion, isUsed, labelWith } from "./portion.ts"
import type { Problems } from "./problems.ts"
import type { Source } from "./source.ts"
import { checkSpans, codePointOffsets, codePoints, type Span } from "./spans.ts"
import { attribute, type Opened, readXml } from "./xml.ts"

/** An annotation or relation while its elements are being read. */
interface DraftNode {
  readonly line: number
  readonly infons: Map<string, string>
  readonly locations: Array<Span>
  text: string
}

/** A document while its elements are being read; annotations wait for the text of all passages. */
interface DraftDocument {
  readonly line: number
  id: string
  readonly passages: Array<{ readonly line: number; offset: number; text: string }>
  readonly annotations: Array<DraftNode>
  readonly relations: Array<DraftNode>
}

const node = (element: Opened): DraftNode => ({ line: element.line, infons: new Map(), locations: [], text: "" })

/** The passages put at their offsets, which for CDR gives title, one space, abstract. */
const documentText = (draft: DraftDocument, source: Source): string => {
  let text = ""
  let length = 0
  for (const passage of draft.passages) {
    if (passage.offset < length) {
      const { message, help } = messages.passageOverlap
      throw wrong({ source, line: passage.line, field: "offset" }, message(passage.offset, length), help)
    }
    text += " ".repeat(passage.offset - length) + passage.text
    length = passage.offset + codePoints(passage.text)
  }
  return text
}

const infon = (draft: DraftNode, key: string, source: Source): string => {
  const value = draft.infons.get(key)
  if (value === undefined || value === "") {
    const { message, help } = messages.infonMissing
    throw wrong({ source, line: draft.line, field: key }, message(key), help)
  }
  return value
}

/** The keys that CDR has. */
const cdrInfons = { concept: "MESH", label: "relation", arguments: ["Chemical", "Disease"] } as const

/** The concepts of an annotation; of nothing in the vocabulary the id may be empty, but not absent. */
const conceptsIn = (draft: DraftNode, source: Source, portion: CorpusPortion): ReadonlyArray<string> => {
  const { concept } = portion.infons ?? cdrInfons
  return draft.infons.get(concept) === "" ? [] : conceptsOf(infon(draft, concept, source), portion)
}

const mentionOf = (
  { whole: draft, parts }: { readonly whole: DraftNode; readonly parts: ReadonlyArray<DraftNode> },
  index: number,
  text: string,
  offsets: (at: number) => number,
  source: Source,
  portion: CorpusPortion,
): Mention => {
  const spans = draft.locations.map(({ start, end }) => ({ start: offsets(start), end: offsets(end) }))
  const place = { source, line: draft.line, field: "location" }
  if (spans.length === 0) throw wrong(place, messages.locationMissing.message, messages.locationMissing.help)
  checkSpans(text, spans, draft.text, place)
  return {
    id: `T${index + 1}`,
    type: infon(draft, "type", source),
    text: draft.text,
    spans,
    concepts: conceptsIn(draft, source, portion),
    parts: parts.map((part) => ({ text: part.text, concepts: conceptsIn(part, source, portion) })),
  }
}

/** Annotations with the parts of each, which follow a composite one; as in PubTator in the order of its concepts. */
const withParts = (
  annotations: ReadonlyArray<DraftNode>,
  key: string,
): ReadonlyArray<{ readonly whole: DraftNode; readonly parts: ReadonlyArray<DraftNode> }> => {
  const isPart = ({ infons }: DraftNode): boolean => infons.get("CompositeRole") === "IndividualMention"
  const wholes = annotations.flatMap((whole, index) => (isPart(whole) ? [] : [{ whole, index }]))
  return wholes.map(({ whole, index }, place) => {
    const concepts = whole.infons.get(key) ?? ""
    const placeOf = ({ infons }: DraftNode): number => concepts.indexOf(infons.get(key) ?? "")
    const parts = annotations.slice(index + 1, wholes[place + 1]?.index ?? annotations.length)
    return { whole, parts: parts.toSorted((a, b) => placeOf(a) - placeOf(b)) }
  })
}

const relationOf = (
  draft: DraftNode,
  source: Source,
  portion: CorpusPortion,
): ReadonlyArray<{ readonly relation: GoldRelation; readonly place: Place }> => {
  const place = { source, line: draft.line }
  const { infons = cdrInfons, qualifier } = portion
  const more = qualifier === undefined ? "" : infon(draft, qualifier, source)
  const label = labelWith(portion, infon(draft, infons.label, source), more)
  const used = isUsed(portion, label, { ...place, field: infons.label })
  const pair = infons.arguments.map((key) => infon(draft, key, source))
  return used ? [{ relation: { label, level: "concept", arguments: pair }, place }] : []
}

/** The document, once its elements are read; none where something is wrong with it. */
const finish = (
  draft: DraftDocument,
  source: Source,
  portion: CorpusPortion,
  problems: Problems,
): ReadonlyArray<Document> => {
  const { id } = draft
  const text = problems.has(id) ? undefined : problems.attempt(id, () => documentText(draft, source))
  if (text === undefined) return []
  const offsets = codePointOffsets(text)
  const annotations = withParts(draft.annotations, (portion.infons ?? cdrInfons).concept)
  const mentions = annotations.flatMap((annotation, index) =>
    problems.attempt(id, () => mentionOf(annotation, index, text, offsets, source, portion)) ?? []
  )
  const resolved = draft.relations.flatMap((relation) =>
    problems.attempt(id, () => relationOf(relation, source, portion)) ?? []
  )
  // The concept that a relation names may be of an annotation with which something is wrong.
  const isWhole = mentions.length === annotations.length
  const relations = isWhole ? resolveRelations(id, mentions, resolved, portion, problems) : []
  return problems.has(id)
    ? []
    : [{ corpus: portion.corpus, portion: portion.portion, id, text, mentions, relations }]
}

/** Reads BioC XML in the form in which CDR is published. */
export function* read(sources: ReadonlyArray<Source>, portion: CorpusPortion, problems: Problems): Generator<Document> {
  const check = uniqueDocuments()
  for (const source of sources) {
    const ready: Array<Document> = []
    const path: Array<string> = []
    let document: DraftDocument | undefined
    let current: DraftNode | undefined
    let key: string | undefined

    const open = (element: Opened): void => {
      path.push(element.name)
      if (element.name === "document") {
        document = { line: element.line, id: "", passages: [], annotations: [], relations: [] }
      } else if (element.name === "passage") {
        document?.passages.push({ line: element.line, offset: 0, text: "" })
      } else if (element.name === "annotation") {
        current = node(element)
        document?.annotations.push(current)
      } else if (element.name === "relation") {
        current = node(element)
        document?.relations.push(current)
      } else if (element.name === "infon") {
        key = attribute(source, element, "key")
      } else if (element.name === "location" && current !== undefined) {
        const number = (name: string): number =>
          parseNatural(attribute(source, element, name), { source, line: element.line, field: name })
        const start = number("offset")
        current.locations.push({ start, end: start + number("length") })
      }
    }

    const close = (name: string, text: string, line: number): void => {
      path.pop()
      const parent = path.at(-1)
      const passage = document?.passages.at(-1)
      if (document === undefined) return
      if (name === "id" && parent === "document") {
        const before = named()
        document.id = text.trim()
        if (before !== undefined && document.id !== "") problems.rename(before, document.id)
        if (document.id !== "") check(document.id, { source, line, field: "id" })
      } else if (name === "offset" && parent === "passage" && passage !== undefined) {
        passage.offset = parseNatural(text.trim(), { source, line, field: "offset" })
      } else if (name === "text" && parent === "passage" && passage !== undefined) {
        passage.text = text
      } else if (name === "text" && parent === "annotation" && current !== undefined) {
        current.text = text
      } else if (name === "infon" && current !== undefined && key !== undefined) {
        current.infons.set(key, text.trim())
      } else if (name === "annotation" || name === "relation") {
        current = undefined
      } else if (name === "document") {
        const draft = document
        document = undefined
        if (draft.id === "") {
          const { message, help } = messages.documentIdMissing
          throw wrong({ source, line: draft.line, field: "id" }, message, help)
        }
        ready.push(...finish(draft, source, portion, problems))
      } else if (name === "collection") {
        key = undefined
      }
    }

    // A document that has no id, or not yet, is named by its place.
    const named = (): string | undefined =>
      document === undefined ? undefined : document.id === "" ? `${source.name}:${document.line}` : document.id
    const handler = {
      open: (element: Opened) => problems.attempt(named(), () => open(element)),
      close: (name: string, text: string, line: number) => {
        const id = named()
        problems.attempt(id, () => close(name, text, line))
      },
    }
    for (const _ of readXml(source, handler)) yield* ready.splice(0)
  }
}
