import type { Document } from "../../../schemas/documents.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import { isAmong } from "./pairing.ts"

/** A word; equal words of one `Names` are one object. */
interface Word {
  /** Whether it says something: it is no stop word, has a letter, and has more than one character. */
  readonly telling: boolean
  /** One of 31 bits where it says something, otherwise 0. */
  readonly sign: number
}

/** What strings have in common that differ in case, white space, hyphens and other punctuation alone. */
interface Spelling {
  readonly empty: boolean
  /** The concepts that mentions spelt so have in any of the documents. */
  readonly concepts: Array<string>
}

/** A string, cut into words: letters and digits in lower case, between everything else. */
export interface Name {
  readonly text: string
  readonly spelling: Spelling
  readonly words: ReadonlyArray<Word>
  /** The signs of its words: two names without a common sign have no telling word in common. */
  readonly signs: number
}

/** An answer as mistakes show it, and the names that count as right for each of its arguments. */
export interface Known {
  /** Each argument by its first name. */
  readonly shown: PredictedRelation
  readonly names: ReadonlyArray<ReadonlyArray<Name>>
}

/** What is known of the strings that name entities in some documents; each is looked into once. */
export interface Names {
  readonly nameOf: (text: string) => Name
  readonly known: (answer: Answer) => Known
  /**
   * Whether a string is another name of the entity that an argument's strings name in a document.
   *
   * It is if it is one of them but for case, white space, hyphens and other punctuation; or if it is, but for those, a
   * mention of the same concept in any document. The concepts of an argument are those which the document's mentions
   * name by just its strings.
   */
  readonly isAnother: (said: Name, wanted: ReadonlyArray<Name>, document: Document) => boolean
}

// Words of English that stand in names of entities or beside them and name nothing themselves.
const stopWords = new Set(
  "an and any as at by for from in into its nor not of off on or other per some such than that the these this those to via with without"
    .split(" "),
)

/** Whether the mentions of a document name a concept by just these strings. */
const isNamedBy = (concept: string, names: ReadonlyArray<Name>, { mentions }: Document): boolean => {
  const own = new Set(mentions.filter(({ concepts }) => concepts.includes(concept)).map(({ text }) => text))
  return own.size === names.length && names.every(({ text }) => own.has(text))
}

/** Gathers the names in documents; what takes time is put off until it is asked for. */
export const namesIn = (documents: Iterable<Document>): Names => {
  const names = new Map<string, Name>()
  const spellings = new Map<string, Spelling>()
  const words = new Map<string, Word>()
  const answers = new Map<Answer, Known>()
  const interned = <K, A>(known: Map<K, A>, key: K, make: (key: K) => A): A => {
    const old = known.get(key)
    if (old !== undefined) return old
    const made = make(key)
    known.set(key, made)
    return made
  }
  const makeWord = (word: string): Word => {
    const telling = word.length > 1 && !stopWords.has(word) && /\p{L}/u.test(word)
    return { telling, sign: telling ? 1 << (words.size % 31) : 0 }
  }
  const makeSpelling = (letters: string): Spelling => ({ empty: letters === "", concepts: [] })
  const makeName = (text: string): Name => {
    const cut = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
    const own = cut.map((word) => interned(words, word, makeWord))
    return {
      text,
      spelling: interned(spellings, cut.join(""), makeSpelling),
      words: own,
      signs: own.reduce((signs, { sign }) => signs | sign, 0),
    }
  }
  const nameOf = (text: string): Name => interned(names, text, makeName)
  const makeKnown = (answer: Answer): Known => ({
    shown: { label: answer.label, arguments: answer.arguments.map(([first = ""]) => first) },
    names: answer.arguments.map((strings) => strings.map(nameOf)),
  })

  let gathered = false
  const gather = (): void => {
    gathered = true
    for (const { mentions } of documents) {
      for (const { text, concepts } of mentions) {
        if (concepts.length === 0) continue
        const known = nameOf(text).spelling.concepts
        for (const concept of concepts) if (!known.includes(concept)) known.push(concept)
      }
    }
  }

  return {
    nameOf,
    known: (answer) => interned(answers, answer, makeKnown),
    isAnother: ({ spelling }, wanted, document) => {
      if (spelling.empty) return false
      for (const name of wanted) if (name.spelling === spelling) return true
      if (!gathered) gather()
      const possible = wanted[0]?.spelling.concepts
      if (possible === undefined) return false
      for (const concept of spelling.concepts) {
        // Most pairs fail at the first test, which looks at no document.
        if (isAmong(concept, possible) && isNamedBy(concept, wanted, document)) return true
      }
      return false
    },
  }
}

/**
 * Whether two names could be two stretches of one text that overlap.
 *
 * They could if the words of one are among those of the other in the same order, or if one ends with words that the
 * other begins with; and if a word that they share so says something. "renal failure" overlaps "acute renal failure";
 * "folic acid" does not overlap "valproic acid".
 */
export const overlap = ({ words: one, signs }: Name, { words: other, signs: others }: Name): boolean =>
  (signs & others) !== 0
  && shareTelling(one, other)
  && (isWithin(one, other) || isWithin(other, one) || runsInto(one, other) || runsInto(other, one))

/** Whether there is a word in both that says something: most pairs of names have none. */
const shareTelling = (one: ReadonlyArray<Word>, other: ReadonlyArray<Word>): boolean => {
  for (const word of one) if (word.telling && isAmong(word, other)) return true
  return false
}

/** Whether all words of a part stand in a whole, in the same order; they share a telling word if the two do. */
const isWithin = (part: ReadonlyArray<Word>, whole: ReadonlyArray<Word>): boolean => {
  let next = 0
  for (const word of whole) if (word === part[next]) next += 1
  return next === part.length
}

/** Whether one ends with words that another begins with, and these say something. */
const runsInto = (one: ReadonlyArray<Word>, other: ReadonlyArray<Word>): boolean => {
  for (let length = Math.min(one.length, other.length) - 1; length > 0; length--) {
    const shared = other.slice(0, length)
    const start = one.length - length
    if (shared.every((word, index) => word === one[start + index]) && shared.some(({ telling }) => telling)) return true
  }
  return false
}
