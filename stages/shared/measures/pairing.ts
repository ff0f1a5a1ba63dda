import type { Answer } from "../../../schemas/examples.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import type { Matching } from "../params/protocol.ts"
import { maximumMatching } from "./matching.ts"

/** What was said of one document, and what is right. */
export interface Said {
  readonly answers: ReadonlyArray<Answer>
  readonly relations: ReadonlyArray<PredictedRelation>
}

/** What was said of one document, cut into what counts, what of it is wrong, and what is right and was not said. */
export interface Pairing {
  readonly counted: ReadonlyArray<PredictedRelation>
  readonly wrong: ReadonlyArray<PredictedRelation>
  readonly missed: ReadonlyArray<Answer>
}

/** Whether a predicate is no label's phrase; extraction marks those so. */
export const isUnknown = (label: string): boolean => label[0] === "?"

/**
 * Whether arguments are those of an answer: each one of the strings that count as right.
 *
 * As a set, every argument that was said is one that is wanted and every wanted one was said, in any order; saying one
 * twice makes no difference, and (A, A) is not (A, B).
 */
export const argumentsAgree = (
  said: ReadonlyArray<string>,
  wanted: Answer["arguments"],
  order: Matching["arguments"],
): boolean => {
  if (order === "ordered") {
    if (said.length !== wanted.length) return false
    for (let index = 0; index < said.length; index++) {
      if (!isAmong(said[index], wanted[index])) return false
    }
    return true
  }
  for (const string of said) if (!isWanted(string, wanted)) return false
  for (const strings of wanted) if (!isSaid(strings, said)) return false
  return true
}

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

/** Whether a string is right for one of the wanted arguments. */
const isWanted = (string: string, wanted: Answer["arguments"]): boolean => {
  for (const strings of wanted) if (isAmong(string, strings)) return true
  return false
}

/** Whether one of the strings of an argument was said. */
const isSaid = (strings: ReadonlyArray<string>, said: ReadonlyArray<string>): boolean => {
  for (const string of strings) if (isAmong(string, said)) return true
  return false
}

/** Whether a prediction is an answer: the same label and the same arguments. */
export const agrees = (prediction: PredictedRelation, answer: Answer, order: Matching["arguments"]): boolean =>
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

/** Pairs what was said with what is right. */
export const pairUp = ({ answers, relations }: Said, matching: Matching): Pairing => {
  const known = matching.unknown === "ignored" && relations.some(({ label }) => isUnknown(label))
    ? relations.filter(({ label }) => !isUnknown(label))
    : relations
  const counted = matching.arguments === "set" ? saidOnce(known) : known
  return matching.variants === "each"
    ? pairEach(answers, counted, matching.arguments)
    : pairOne(answers, counted, matching.arguments)
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
  answers: ReadonlyArray<Answer>,
  counted: ReadonlyArray<PredictedRelation>,
  order: Matching["arguments"],
): Pairing => {
  const wrong: Array<PredictedRelation> = []
  const found: Array<number> = []
  for (const prediction of counted) {
    let only = -1
    for (let index = 0; index < answers.length; index++) {
      const answer = answers[index]
      if (answer === undefined || !agrees(prediction, answer, order)) continue
      if (only !== -1 || isAmong(index, found)) return pairContested(answers, counted, order)
      only = index
    }
    if (only === -1) wrong.push(prediction)
    else found.push(only)
  }
  const missed = found.length === answers.length ? none : answers.filter((_, index) => !isAmong(index, found))
  return { counted, wrong, missed }
}

/** The same by the largest pairing there is; of equally large ones the one that the predictions' strings decide. */
const pairContested = (
  answers: ReadonlyArray<Answer>,
  counted: ReadonlyArray<PredictedRelation>,
  order: Matching["arguments"],
): Pairing => {
  const sorted = counted.toSorted(compareRelations)
  const predictionOf = maximumMatching(
    sorted.map((prediction) => answers.flatMap((answer, index) => (agrees(prediction, answer, order) ? [index] : []))),
  )
  const right = new Set(predictionOf.values())
  return {
    counted,
    wrong: sorted.filter((_, index) => !right.has(index)),
    missed: answers.filter((_, index) => !predictionOf.has(index)),
  }
}

/** Every distinct prediction that is right about some answer is right, however many are right about the same. */
const pairEach = (
  answers: ReadonlyArray<Answer>,
  counted: ReadonlyArray<PredictedRelation>,
  order: Matching["arguments"],
): Pairing => ({
  counted,
  wrong: counted.filter((prediction, index) =>
    !answers.some((answer) => agrees(prediction, answer, order))
    || counted.findIndex((other) => compareRelations(other, prediction) === 0) !== index
  ),
  missed: answers.filter((answer) => !counted.some((prediction) => agrees(prediction, answer, order))),
})
