import type { Document, GoldRelation, Mention } from "../../schemas/documents.ts"
import { excerpt, parseNatural, type Place, stem, uniqueDocuments, wrong } from "./checks.ts"
import * as messages from "./messages.ts"
import { type CorpusPortion, isUsed } from "./portion.ts"
import type { Problems } from "./problems.ts"
import type { Source } from "./source.ts"
import { checkSpans, codePointOffsets, covered, type OffsetMap, type Span } from "./spans.ts"
import { attribute, type Opened, readXml } from "./xml.ts"

/** A sentence while its elements are being read. */
interface Sentence {
  readonly text: string
  readonly offsets: OffsetMap
  /** What to add to an offset in the sentence to get one in the document. */
  readonly shift: number
}

/** The sentence's spans of "0-7;12-15", whose ends are inclusive. */
const readSpans = (written: string, sentence: Sentence, place: Place): ReadonlyArray<Span> =>
  written.split(";").map((part) => {
    const [start, end, ...more] = part.split("-")
    if (start === undefined || end === undefined || more.length > 0) {
      throw wrong(place, messages.malformedSpan.message(excerpt(part)), messages.malformedSpan.help)
    }
    return {
      start: sentence.offsets(parseNatural(start.trim(), place)),
      end: sentence.offsets(parseNatural(end.trim(), place) + 1),
    }
  })

/**
 * Moves a discontinuous mention by one character where that makes it cover its string.
 *
 * The published corpus has one such mention, which starts at the blank before it.
 */
const nudged = (sentence: Sentence, spans: ReadonlyArray<Span>, mention: string): ReadonlyArray<Span> => {
  const moved = spans.map(({ start, end }) => ({ start: start + 1, end: end + 1 }))
  const covers = (candidate: ReadonlyArray<Span>): boolean =>
    covered(sentence.text, candidate).replace(/\s+/gu, "") === mention.replace(/\s+/gu, "")
  return spans.length > 1 && !covers(spans) && covers(moved) ? moved : spans
}

/** Reads the one document of a DDI XML file; its id is the file's name, which BRAT and the published splits share. */
class DdiDocument {
  readonly mentions = new Map<string, Mention>()
  readonly relations: Array<GoldRelation> = []
  text = ""
  count = 0
  private sentence: Sentence | "lost" | undefined
  /** Whether something is wrong with a sentence or an entity, so that a pair may name one that is lost. */
  private lost = false
  private readonly source: Source
  private readonly portion: CorpusPortion

  constructor(source: Source, portion: CorpusPortion) {
    this.source = source
    this.portion = portion
  }

  open(element: Opened): void {
    if (element.name === "document") this.count += 1
    if (element.name === "document" && this.count > 1) {
      const { message, help } = messages.secondDocument
      throw wrong({ source: this.source, line: element.line, field: "document" }, message, help)
    }
    if (element.name === "sentence") {
      this.sentence = "lost"
      this.unlessLost(() => this.openSentence(element))
    } else if (element.name === "entity") this.unlessLost(() => this.openEntity(element))
    else if (element.name === "pair") this.openPair(element)
  }

  private unlessLost(read: () => void): void {
    const before = this.lost
    this.lost = true
    read()
    this.lost = before
  }

  /** The document's text is its sentences trimmed and joined by a space, empty ones left out, as BRAT has it. */
  private openSentence(element: Opened): void {
    const text = attribute(this.source, element, "text")
    const trimmed = text.trim()
    const leading = text.length - text.trimStart().length
    if (trimmed !== "" && this.text !== "") this.text += " "
    this.sentence = { text, offsets: codePointOffsets(text), shift: this.text.length - leading }
    this.text += trimmed
  }

  private inSentence(element: Opened): Sentence | "lost" {
    if (this.sentence === undefined) {
      const { message, help } = messages.outsideSentence
      throw wrong({ source: this.source, line: element.line, field: element.name }, message(element.name), help)
    }
    return this.sentence
  }

  private openEntity(element: Opened): void {
    const sentence = this.inSentence(element)
    if (sentence === "lost") return
    const place = { source: this.source, line: element.line, field: "charOffset" }
    const text = attribute(this.source, element, "text")
    const id = attribute(this.source, element, "id")
    if (this.mentions.has(id)) {
      throw wrong({ ...place, field: "id" }, messages.repeatedEntity.message(excerpt(id)), messages.repeatedEntity.help)
    }
    const spans = nudged(sentence, readSpans(attribute(this.source, element, "charOffset"), sentence, place), text)
    checkSpans(sentence.text, spans, text, place)
    this.mentions.set(id, {
      id,
      type: attribute(this.source, element, "type").toLowerCase(),
      text,
      spans: spans.map(({ start, end }) => ({ start: start + sentence.shift, end: end + sentence.shift })),
      concepts: [],
      parts: [],
    })
  }

  private openPair(element: Opened): void {
    this.inSentence(element)
    const place = { source: this.source, line: element.line }
    const interacts = attribute(this.source, element, "ddi")
    const pair = ["e1", "e2"].map((name) => {
      const id = attribute(this.source, element, name)
      if (!this.mentions.has(id) && !this.lost) {
        const { message, help } = messages.unknownPairEntity
        throw wrong({ ...place, field: name }, message(excerpt(id)), help)
      }
      return id
    })
    const [first = "", second] = pair
    if (first === second) {
      const { message, help } = messages.entityWithItself
      throw wrong({ ...place, field: "e2" }, message(excerpt(first)), help)
    }
    if (interacts !== "true" && interacts !== "false") {
      throw wrong({ ...place, field: "ddi" }, messages.notBoolean.message(excerpt(interacts)), messages.notBoolean.help)
    }
    if (interacts === "false") return
    // The published corpus has one positive pair without a type; its BRAT form calls it INT.
    const label = (element.attributes["type"] ?? "int").toLowerCase()
    if (isUsed(this.portion, label, { ...place, field: "type" })) {
      this.relations.push({ label, level: "mention", arguments: pair })
    }
  }
}

/** Reads DDI in XML form, a file for each document. */
export function* read(sources: ReadonlyArray<Source>, portion: CorpusPortion, problems: Problems): Generator<Document> {
  const check = uniqueDocuments()
  for (const source of sources) {
    const id = stem(source.name)
    const document = new DdiDocument(source, portion)
    const handler = {
      open: (element: Opened) => problems.attempt(id, () => document.open(element)),
      close: () => {},
    }
    problems.attempt(id, () => {
      check(id, { source, field: "id" })
      for (const _ of readXml(source, handler));
      if (document.count === 0) {
        const { message, help } = messages.documentElementMissing
        throw wrong({ source, field: "document" }, message, help)
      }
    })
    if (problems.has(id)) continue
    yield {
      corpus: portion.corpus,
      portion: portion.portion,
      id,
      text: document.text,
      mentions: [...document.mentions.values()],
      relations: document.relations,
    }
  }
}
