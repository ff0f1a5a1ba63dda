import type { PredictedRelation } from "../../../schemas/relations.ts"
import type { Matching } from "../params/protocol.ts"
import type { Lexicon, Said, Wanted } from "./lexicon.ts"
import { maximumMatching } from "./matching.ts"

/** What was said of one document, cut into what counts, what of it is wrong, and what is right and was not said. */
export interface Pairing {
  readonly counted: ReadonlyArray<PredictedRelation>
  /** The same in numbers, each in its place; valid until the next document is paired. */
  readonly said: ReadonlyArray<Said>
  /** Places in `counted`. */
  readonly wrong: ReadonlyArray<number>
  /** Places in the answers. */
  readonly missed: ReadonlyArray<number>
}

/** Pairs what was said of a document with what is right. */
export type Pairer = (answers: ReadonlyArray<Wanted>, relations: ReadonlyArray<PredictedRelation>) => Pairing

const questionMark = 63

/** Whether a predicate is no label's phrase; extraction marks those so. */
export const isUnknown = (label: string): boolean => label.charCodeAt(0) === questionMark

/**
 * Whether something is in a list.
 *
 * As a loop, because it is the innermost step of all scoring and the lists are of one or two: `includes` takes several
 * times as long.
 */
export const isAmong = <A>(one: A | undefined, list: ReadonlyArray<A> | undefined): boolean => {
  if (list === undefined) return false
  for (const each of list) if (each === one) return true
  return false
}

/** Whether one of the names of an argument was said. */
const isSaid = (names: ReadonlyArray<number>, said: ReadonlyArray<number>): boolean => {
  for (const name of names) if (isAmong(name, said)) return true
  return false
}

/** Whether a name is right for one of the wanted arguments. */
const isWanted = (name: number, wanted: Wanted["arguments"]): boolean => {
  for (const names of wanted) if (isAmong(name, names)) return true
  return false
}

/**
 * Whether arguments are those of an answer: each one of the names that count as right.
 *
 * As a set, every argument that was said is one that is wanted and every wanted one was said, in any order; saying one
 * twice makes no difference, and (A, A) is not (A, B).
 */
export const argumentsAgree = (
  said: ReadonlyArray<number>,
  wanted: Wanted["arguments"],
  order: Matching["arguments"],
): boolean => {
  if (order === "ordered") {
    if (said.length !== wanted.length) return false
    for (let index = 0; index < said.length; index++) {
      if (!isAmong(said[index], wanted[index])) return false
    }
    return true
  }
  for (const name of said) if (!isWanted(name, wanted)) return false
  for (const names of wanted) if (!isSaid(names, said)) return false
  return true
}

/** Whether a prediction is an answer: the same label and the same arguments. */
export const agrees = (prediction: Said, answer: Wanted, order: Matching["arguments"]): boolean =>
  prediction.label === answer.label && argumentsAgree(prediction.arguments, answer.arguments, order)

/** Orders predictions by their strings, so that nothing depends on the order in which they were said. */
export const compareRelations = (one: PredictedRelation, other: PredictedRelation): number => {
  if (one.label !== other.label) return one.label < other.label ? -1 : 1
  for (const [index, string] of one.arguments.entries()) {
    const against = other.arguments[index] ?? ""
    if (string !== against) return string < against ? -1 : 1
  }
  return one.arguments.length - other.arguments.length
}

/** Relations between the same strings, whatever their order, are said once: in the order that comes first by itself. */
const saidOnce = (relations: ReadonlyArray<PredictedRelation>): ReadonlyArray<PredictedRelation> => {
  if (relations.length < 2) return relations
  const distinct = new Map<string, PredictedRelation>()
  for (const relation of relations) {
    const key = JSON.stringify([relation.label, ...[...new Set(relation.arguments)].sort()])
    const known = distinct.get(key)
    if (known === undefined || compareRelations(relation, known) < 0) distinct.set(key, relation)
  }
  return [...distinct.values()]
}

/**
 * Makes the function that pairs what was said with what is right; answers are in the numbers of the lexicon. Its `said`
 * are those of the last document alone, for whom the same memory is used again and again.
 */
export const pairer = (words: Lexicon, matching: Matching): Pairer => {
  const code = coder(words)
  const order = matching.arguments
  const pair = matching.variants === "each" ? pairEach : pairOne()
  return (answers, relations) => {
    const known = matching.unknown === "ignored" && relations.some(({ label }) => isUnknown(label))
      ? relations.filter(({ label }) => !isUnknown(label))
      : relations
    const counted = order === "set" ? saidOnce(known) : known
    return pair(answers, counted, code(counted), order)
  }
}

/** Puts what was said into numbers, in memory that the next call uses again: more is there than was said. */
const coder = (words: Lexicon): (relations: ReadonlyArray<PredictedRelation>) => ReadonlyArray<Said> => {
  const said: Array<{ label: number; arguments: Array<number> }> = []
  let last = { text: "", label: words.numberOf("") }
  return (relations) => {
    for (let place = 0; place < relations.length; place++) {
      const { label: text, arguments: strings } = relations[place] ?? { label: "", arguments: none }
      // Mostly all have one label.
      if (text !== last.text) last = { text, label: words.numberOf(text) }
      const own = said[place] ?? { label: 0, arguments: [] }
      said[place] = own
      own.label = last.label
      if (own.arguments.length !== strings.length) own.arguments = strings.map(() => 0)
      for (let index = 0; index < strings.length; index++) own.arguments[index] = words.numberOf(strings[index] ?? "")
    }
    return said
  }
}

const none: ReadonlyArray<never> = []

type Pair = (
  answers: ReadonlyArray<Wanted>,
  counted: ReadonlyArray<PredictedRelation>,
  said: ReadonlyArray<Said>,
  order: Matching["arguments"],
) => Pairing

/**
 * One prediction with one answer: a second name of a relation that was found is a wrong prediction, and one prediction
 * never counts for two answers.
 *
 * Mostly no prediction is right about two answers and no answer has two right predictions; then there is one way to
 * pair them, and no need to search for the largest. Lists grow in memory that is used again and are cut out of it, for an
 * array that grows takes several times what it needs.
 */
const pairOne = (): Pair => {
  const wrong: Array<number> = []
  const missed: Array<number> = []
  // By the place of an answer, the last document in which it was found.
  const found: Array<number> = []
  let documents = 0
  return (answers, counted, said, order) => {
    documents += 1
    while (found.length < answers.length) found.push(0)
    let [wrongs, rights, misses] = [0, 0, 0]
    for (let place = 0; place < counted.length; place++) {
      const prediction = said[place]
      if (prediction === undefined) continue
      let only = -1
      for (let index = 0; index < answers.length; index++) {
        const answer = answers[index]
        if (answer === undefined || !agrees(prediction, answer, order)) continue
        if (only !== -1 || found[index] === documents) return pairContested(answers, counted, said, order)
        only = index
      }
      if (only === -1) wrong[wrongs++] = place
      else {
        found[only] = documents
        rights += 1
      }
    }
    if (rights < answers.length) {
      for (let index = 0; index < answers.length; index++) if (found[index] !== documents) missed[misses++] = index
    }
    return { counted, said, wrong: cutOut(wrong, wrongs), missed: cutOut(missed, misses) }
  }
}

const cutOut = (list: ReadonlyArray<number>, length: number): ReadonlyArray<number> =>
  length === 0 ? none : list.slice(0, length)

/** The places of a list of this length that are not among some. */
export const others = (length: number, places: ReadonlyArray<number>): ReadonlyArray<number> => {
  const left: Array<number> = []
  for (let place = 0; place < length; place++) if (!isAmong(place, places)) left.push(place)
  return left
}

/** The same by the largest pairing there is; of equally large ones the one that the predictions' strings decide. */
const pairContested = (
  answers: ReadonlyArray<Wanted>,
  counted: ReadonlyArray<PredictedRelation>,
  said: ReadonlyArray<Said>,
  order: Matching["arguments"],
): Pairing => {
  const sorted = counted.map((relation, place) => ({ relation, said: said[place], place }))
    .toSorted((one, other) => compareRelations(one.relation, other.relation))
  const predictionOf = maximumMatching(
    sorted.map(({ said }) =>
      answers.flatMap((answer, index) => (said !== undefined && agrees(said, answer, order) ? [index] : []))
    ),
  )
  const right = new Set(predictionOf.values())
  return {
    counted,
    said,
    wrong: sorted.flatMap(({ place }, rank) => (right.has(rank) ? [] : [place])),
    missed: others(answers.length, [...predictionOf.keys()]),
  }
}

const areSame = (one: Said, other: Said): boolean =>
  one.label === other.label && one.arguments.length === other.arguments.length
  && one.arguments.every((name, index) => name === other.arguments[index])

/** Every distinct prediction that is right about some answer is right, however many are right about the same. */
const pairEach = (
  answers: ReadonlyArray<Wanted>,
  counted: ReadonlyArray<PredictedRelation>,
  said: ReadonlyArray<Said>,
  order: Matching["arguments"],
): Pairing => ({
  counted,
  said,
  wrong: said.slice(0, counted.length).flatMap((prediction, place) =>
    !answers.some((answer) => agrees(prediction, answer, order))
      || said.findIndex((other) => areSame(other, prediction)) !== place
      ? [place]
      : []
  ),
  missed: answers.flatMap((answer, index) =>
    counted.some((_, place) => {
        const prediction = said[place]
        return prediction !== undefined && agrees(prediction, answer, order)
      })
      ? []
      : [index]
  ),
})
