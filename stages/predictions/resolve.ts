import type { Document, Mention } from "../../schemas/documents.ts"
import type { NumberedRelation } from "../../schemas/handed-in.ts"
import type { PredictedRelation } from "../../schemas/relations.ts"
import { stringsOf } from "../shared/language/rendering.ts"
import type { Rendering } from "../shared/params/protocol.ts"
import * as messages from "./messages.ts"
import type { Problems } from "./problems.ts"
import type { Argument, Stated } from "./submission.ts"

/** What relations of a corpus relate: concepts, or mentions. */
export type Level = Document["relations"][number]["level"]

/** A relation as its strings, and by the corpus's own ids where it was stated so. */
export interface Resolved {
  readonly relation: PredictedRelation
  /** Several where a place stands for several concepts; undefined where it was stated by names. */
  readonly numbered: ReadonlyArray<NumberedRelation> | undefined
}

/** What an argument stands for. */
interface Meaning {
  readonly string: string
  readonly ids: ReadonlyArray<string>
}

/** A place counted in characters, in UTF-16 code units as spans have them; undefined where the text does not have it. */
const unitsOf = (text: string, start: number, end: number): readonly [start: number, end: number] | undefined => {
  // Without characters of two units, which most texts are, the two are the same.
  const characters = /[\u{10000}-\u{10FFFF}]/u.test(text) ? Array.from(text) : undefined
  if (start >= end || end > (characters?.length ?? text.length)) return undefined
  if (characters === undefined) return [start, end]
  const before = characters.slice(0, start).join("").length
  return [before, before + characters.slice(start, end).join("").length]
}

/** Finds what the arguments of a document's relations stand for. */
export const resolver = (
  document: Document,
  level: Level,
  rendering: Rendering,
  problems: Problems,
): (stated: Stated) => Resolved | undefined => {
  const named = (argument: string, mentions: ReadonlyArray<Mention>): string =>
    stringsOf(argument, mentions, rendering)[0] ?? argument

  const ofId = (id: string, line: number): Meaning | undefined => {
    const mentions = document.mentions.filter((mention) =>
      level === "concept" ? mention.concepts.includes(id) : mention.id === id
    )
    // A concept that the document does not mention is a wrong prediction; a mention that it has not is a mistake.
    if (level === "mention" && mentions.length === 0) {
      const { message, help } = messages.unknownMention
      problems.add(line, { message: message(document.id, id), help })
      return undefined
    }
    return { string: named(id, mentions), ids: [id] }
  }

  const ofPlace = ({ start, end }: Extract<Argument, { _tag: "Place" }>, line: number): Meaning | undefined => {
    const units = unitsOf(document.text, start, end)
    if (units === undefined) {
      const { message, help } = messages.wrongPlace
      problems.add(line, { message: message(start, end, Array.from(document.text).length), help })
      return undefined
    }
    const mentions = document.mentions.filter(({ spans }) =>
      Math.min(...spans.map((span) => span.start)) === units[0]
      && Math.max(...spans.map((span) => span.end)) === units[1]
    )
    const nameOf = level === "mention"
      ? ({ id }: Mention): string => id
      : ({ concepts }: Mention): string => concepts.toSorted().join("|")
    const entities = distinctBy(mentions, nameOf)
    if (entities.length > 1) {
      const { message, help } = messages.ambiguousPlace
      const shown = entities.map((mention) => `${nameOf(mention) || "no id"} (${mention.type})`)
      problems.add(line, { message: message(document.id, start, end, shown), help })
      return undefined
    }
    const [mention] = entities
    const written = document.text.slice(...units)
    if (mention === undefined) return { string: written, ids: [`?${written}`] }
    const { id, concepts } = mention
    if (level === "mention") return { string: named(id, [mention]), ids: [id] }
    return { string: named(concepts[0] ?? "", [mention]), ids: concepts.length === 0 ? [`?${written}`] : concepts }
  }

  return ({ line, label, arguments: stated }) => {
    const meanings = stated.map((argument): Meaning | undefined => {
      switch (argument._tag) {
        case "Name":
          return { string: argument.text, ids: [] }
        case "Id":
          return ofId(argument.id, line)
        case "Place":
          return ofPlace(argument, line)
      }
    })
    const known = meanings.filter((meaning) => meaning !== undefined)
    if (known.length < meanings.length) return undefined
    return {
      relation: { label, arguments: known.map(({ string }) => string) },
      numbered: stated.some(({ _tag }) => _tag === "Name")
        ? undefined
        : products(known.map(({ ids }) => ids)).map((ids) => ({
          label,
          arguments: ids,
        })),
    }
  }
}

/** The first mention of each key. */
const distinctBy = (mentions: ReadonlyArray<Mention>, key: (mention: Mention) => string): ReadonlyArray<Mention> =>
  [...Map.groupBy(mentions, key).values()].flatMap(([first]) => first ?? [])

/** Every choice of one from each list. */
const products = (lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> =>
  lists.reduce<ReadonlyArray<ReadonlyArray<string>>>(
    (all, list) => all.flatMap((own) => list.map((each) => [...own, each])),
    [[]],
  )
