import type { PredictedRelation } from "../../../schemas/relations.ts"
import type { Matching } from "../params/protocol.ts"
import { type Lexicon, type Said, saidIn, type Wanted } from "./lexicon.ts"
import { maximumMatching } from "./matching.ts"

/** What was said of one document, cut into what counts, what of it is wrong, and what is right and was not said. */
export interface Pairing {
  readonly counted: ReadonlyArray<PredictedRelation>
  /** The same in numbers. */
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

/** Makes the function that pairs what was said with what is right; answers are in the numbers of the lexicon. */
export const pairer = (words: Lexicon, matching: Matching): Pairer => (answers, relations) => {
  const known = matching.unknown === "ignored" && relations.some(({ label }) => isUnknown(label))
    ? relations.filter(({ label }) => !isUnknown(label))
    : relations
  const counted = matching.arguments === "set" ? saidOnce(known) : known
  const said = counted.map((relation) => saidIn(words, relation))
  const pair = matching.variants === "each" ? pairEach : pairOne
  return pair(answers, counted, said, matching.arguments)
}

const none: ReadonlyArray<never> = []

/**
 * One prediction with one answer: a second name of a relation that was found is a wrong prediction, and one prediction
 * never counts for two answers.
 *
 * Mostly no prediction is right about two answers and no answer has two right predictions; then there is one way to
 * pair them, and no need to search for the largest.
 */
const pairOne = (
  answers: ReadonlyArray<Wanted>,
  counted: ReadonlyArray<PredictedRelation>,
  said: ReadonlyArray<Said>,
  order: Matching["arguments"],
): Pairing => {
  const wrong: Array<number> = []
  const found: Array<number> = []
  for (let place = 0; place < said.length; place++) {
    const prediction = said[place]
    if (prediction === undefined) continue
    let only = -1
    for (let index = 0; index < answers.length; index++) {
      const answer = answers[index]
      if (answer === undefined || !agrees(prediction, answer, order)) continue
      if (only !== -1 || isAmong(index, found)) return pairContested(answers, counted, said, order)
      only = index
    }
    if (only === -1) wrong.push(place)
    else found.push(only)
  }
  return { counted, said, wrong, missed: found.length === answers.length ? none : others(answers.length, found) }
}

/** The places of a list that are not among some. */
const others = (length: number, places: ReadonlyArray<number>): ReadonlyArray<number> => {
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
  wrong: said.flatMap((prediction, place) =>
    !answers.some((answer) => agrees(prediction, answer, order))
      || said.findIndex((other) => areSame(other, prediction)) !== place
      ? [place]
      : []
  ),
  missed: answers.flatMap((answer, index) =>
    said.some((prediction) => agrees(prediction, answer, order)) ? [] : [index]
  ),
})
