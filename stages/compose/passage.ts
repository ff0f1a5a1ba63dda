import { emptySlot } from "./messages.ts"
import type { Entity } from "./names.ts"
import type { Pattern } from "./pattern.ts"
import { piecesOf } from "./pattern.ts"

/** A name in a passage; `end` is exclusive. */
export interface PassageMention {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly entity: Entity
}

/** A relation between mentions, given by their places in the passage's list. */
export interface PassageRelation {
  readonly label: string
  readonly mentions: readonly number[]
}

/** A stretch of annotated text: a sentence, a title, a whole abstract. */
export interface Passage {
  readonly text: string
  readonly mentions: readonly PassageMention[]
  readonly relations: readonly PassageRelation[]
}

/** A name and what it stands for, chosen for one slot. */
export interface Filling {
  readonly entity: Entity
  readonly name: string
}

/** The sentence that a pattern becomes when each of its slots is filled. */
export const fill = (pattern: Pattern, fillings: ReadonlyMap<string, Filling>): Passage => {
  let text = ""
  const mentions: PassageMention[] = []
  const places = new Map<string, number>()
  piecesOf(pattern.text).forEach((piece, index) => {
    if (index % 2 === 0) {
      text += piece
      return
    }
    const filling = fillings.get(piece)
    if (filling === undefined) throw new Error(emptySlot(piece, pattern.text))
    places.set(piece, mentions.length)
    const end = text.length + filling.name.length
    mentions.push({ text: filling.name, start: text.length, end, entity: filling.entity })
    text += filling.name
  })
  const relations = pattern.relations.map(({ label, slots }) => ({
    label,
    mentions: slots.map((slot) => places.get(slot) ?? -1),
  }))
  return { text, mentions, relations }
}

/** A passage without annotations. */
export const plain = (text: string): Passage => ({ text, mentions: [], relations: [] })

/** Passages set one after the other with `separator` between them, annotations moved along. */
export const join = (passages: readonly Passage[], separator: string): Passage => {
  let text = ""
  const mentions: PassageMention[] = []
  const relations: PassageRelation[] = []
  passages.forEach((passage, index) => {
    if (index > 0) text += separator
    const moved = text.length
    const before = mentions.length
    text += passage.text
    for (const mention of passage.mentions) {
      mentions.push({ ...mention, start: mention.start + moved, end: mention.end + moved })
    }
    for (const relation of passage.relations) {
      relations.push({ ...relation, mentions: relation.mentions.map((place) => place + before) })
    }
  })
  return { text, mentions, relations }
}
