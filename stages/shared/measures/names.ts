import type { Document } from "../../../schemas/documents.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import { type Lexicon, lexicon, type Wanted, wantedIn } from "./lexicon.ts"
import { isAmong } from "./pairing.ts"

/** A right relation in numbers, with what mistakes say of it. */
export interface Known extends Wanted {
  /** Each argument by its first name. */
  readonly shown: PredictedRelation
  /** The concepts of an argument: those which the document's mentions name by just its strings. */
  readonly conceptsOf: (index: number) => ReadonlyArray<number>
}

/** What is known of the strings that name entities in some documents, by the numbers of a lexicon. */
export interface Names {
  readonly words: Lexicon
  /** What is right of a document; worked out once for all runs. */
  readonly known: (document: Document, answers: ReadonlyArray<Answer>) => ReadonlyArray<Known>
  /**
   * Whether a string is another name of the entity that the strings of an argument, by its place, name.
   *
   * It is if it is one of them but for case, white space, hyphens and other punctuation; or if it is, but for those, a
   * mention of one of the argument's concepts in any document.
   */
  readonly isAnother: (said: number, wanted: Known, index: number) => boolean
  /**
   * Whether two names could be two stretches of one text that overlap.
   *
   * They could if the words of one are among those of the other in the same order, or if one ends with words that the
   * other begins with; and if a word that they share so says something. "renal failure" overlaps "acute renal failure";
   * "folic acid" does not overlap "valproic acid".
   */
  readonly overlap: (one: number, other: number) => boolean
}

// Words of English that stand in names of entities or beside them and name nothing themselves.
const stopWords = new Set(
  "an and any as at by for from in into its nor not of off on or other per some such than that the these this those to via with without"
    .split(" "),
)

/** Whether a word says something: it is no stop word, has a letter, and has more than one character. */
const isTelling = (word: string): boolean => word.length > 1 && !stopWords.has(word) && /\p{L}/u.test(word)

/** The concepts that mentions of a document name by just these strings. */
const conceptsNamed = ({ mentions }: Document, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const own = new Set<string>()
  for (const { text, concepts } of mentions) {
    if (names.includes(text)) { for (const concept of concepts) own.add(concept) }
  }
  return [...own].filter((concept) => {
    const texts = new Set(mentions.filter(({ concepts }) => concepts.includes(concept)).map(({ text }) => text))
    return texts.size === names.length && names.every((name) => texts.has(name))
  })
}

const noAnswers: ReadonlyArray<Known> = []
const noNames: ReadonlyArray<number> = []

/** Gathers the names in documents; what takes time is put off until it is asked for. */
export const namesIn = (documents: Iterable<Document>): Names => {
  const words = lexicon()
  const conceptNumbers = lexicon()
  // The words that names are made of, and whether each says something, by its number.
  const parts = lexicon()
  const telling: Array<boolean> = []
  // What strings have in common that differ in case, white space, hyphens and other punctuation alone: by the number of a
  // spelling, the concepts that mentions spelt so have in any of the documents, and their signs. Number 0 is no letter.
  const spellings = lexicon()
  spellings.numberOf("")
  const conceptsOf: Array<Array<number>> = [[]]
  const conceptSigns: Array<number> = [0]
  // By the number of a name: the number of its spelling, its words, and their signs; a name not looked into has none.
  const spelling: Array<number> = []
  const cut: Array<ReadonlyArray<number>> = []
  const signs: Array<number> = []

  const lookInto = (from: number): void => {
    for (let name = from; name < words.texts.length; name++) {
      const own = (words.texts[name] ?? "").toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
      const spelt = spellings.numberOf(own.join(""))
      if (spelt === conceptsOf.length) {
        conceptsOf.push([])
        conceptSigns.push(0)
      }
      let sign = 0
      const numbers = own.map((word) => {
        const part = parts.numberOf(word)
        if (part === telling.length) telling.push(isTelling(word))
        if (telling[part] === true) sign |= 1 << (part % 31)
        return part
      })
      spelling.push(spelt)
      cut.push(numbers)
      signs.push(sign)
    }
  }
  /** Looks into all strings that came since: those that are compared come with those that are not. */
  const spellingOf = (name: number): number => {
    if (name >= spelling.length) lookInto(spelling.length)
    return spelling[name] ?? -1
  }

  let gathered = false
  const gather = (): void => {
    gathered = true
    for (const { mentions } of documents) {
      for (const mention of mentions) {
        if (mention.concepts.length === 0) continue
        const spelt = spellingOf(words.numberOf(mention.text))
        const known = conceptsOf[spelt] ?? []
        for (const concept of mention.concepts) {
          const number = conceptNumbers.numberOf(concept)
          if (isAmong(number, known)) continue
          known.push(number)
          conceptSigns[spelt] = (conceptSigns[spelt] ?? 0) | (1 << (number % 31))
        }
      }
    }
  }

  const makeKnown = (document: Document, answer: Answer): Known => {
    const concepts: Array<ReadonlyArray<number>> = []
    return {
      ...wantedIn(words, answer),
      shown: { label: answer.label, arguments: answer.arguments.map(([first = ""]) => first) },
      conceptsOf: (index) =>
        concepts[index] ??= conceptsNamed(document, answer.arguments[index] ?? []).map(conceptNumbers.numberOf),
    }
  }
  const knownAnswers = new Map<ReadonlyArray<Answer>, ReadonlyArray<Known>>()

  /** Whether there is a word in both that says something: most pairs of names have none. */
  const shareTelling = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): boolean => {
    for (const word of one) if (telling[word] === true && isAmong(word, other)) return true
    return false
  }
  /** Whether one ends with words that another begins with, and these say something. */
  const runsInto = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): boolean => {
    for (let length = Math.min(one.length, other.length) - 1; length > 0; length--) {
      const shared = other.slice(0, length)
      const start = one.length - length
      if (
        shared.every((word, index) => word === one[start + index]) && shared.some((word) => telling[word] === true)
      ) return true
    }
    return false
  }

  return {
    words,
    known: (document, answers) => {
      if (answers.length === 0) return noAnswers
      const old = knownAnswers.get(answers)
      if (old !== undefined) return old
      const made = answers.map((answer) => makeKnown(document, answer))
      knownAnswers.set(answers, made)
      return made
    },
    isAnother: (said, wanted, index) => {
      const names = wanted.arguments[index] ?? noNames
      const spelt = spellingOf(said)
      if (spelt === 0) return false
      for (const name of names) if (spellingOf(name) === spelt) return true
      const [first] = names
      if (first === undefined) return false
      if (!gathered) gather()
      // Most pairs fail at the first tests, which look at no document.
      const possible = spellingOf(first)
      if (((conceptSigns[spelt] ?? 0) & (conceptSigns[possible] ?? 0)) === 0) return false
      for (const concept of conceptsOf[spelt] ?? noNames) {
        if (isAmong(concept, conceptsOf[possible]) && isAmong(concept, wanted.conceptsOf(index))) return true
      }
      return false
    },
    overlap: (one, other) => {
      if (Math.max(one, other) >= spelling.length) lookInto(spelling.length)
      if (((signs[one] ?? 0) & (signs[other] ?? 0)) === 0) return false
      const [first, second] = [cut[one] ?? noNames, cut[other] ?? noNames]
      return shareTelling(first, second)
        && (isWithin(first, second) || isWithin(second, first) || runsInto(first, second) || runsInto(second, first))
    },
  }
}

/** Whether all words of a part stand in a whole, in the same order; they share a telling word if the two do. */
const isWithin = (part: ReadonlyArray<number>, whole: ReadonlyArray<number>): boolean => {
  let next = 0
  for (const word of whole) if (word === part[next]) next += 1
  return next === part.length
}
