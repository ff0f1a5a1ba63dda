import { type Hidden, type Part, Slice, type SliceScore } from "../../../schemas/details.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import type { Matching } from "../params/protocol.ts"
import { type Counter, noCounts, ratiosOf } from "./counts.ts"
import { type Arguments, type Learned, learnedFrom } from "./learned.ts"
import { maximumMatching } from "./matching.ts"
import type { Prediction } from "./measured.ts"
import { agrees, isAmong, type Pairing, pairUp } from "./pairing.ts"
import { nameFinder } from "./standing.ts"

/** What a model learned from: how many documents, and their relations. */
export interface Learning {
  readonly documents: number
  readonly answers: Iterable<Answer>
}

/** Works out what the strict scores of a run do not show. */
export type Detailer = (predictions: ReadonlyArray<Prediction>, learning: Learning) => Hidden

/** A part that is added to. */
type Growing = { -readonly [Name in keyof Part]: Part[Name] }

const add = (part: Growing, count: number, of: number): void => {
  part.count += count
  part.of += of
}

/** The slices that a relation with these arguments is in. */
const slicesOf = (learned: Learned, own: Arguments): readonly [Slice, Slice] => {
  const seen = own.filter(learned.hasName).length
  return [
    seen === 0 ? "no argument seen" : seen === own.length ? "all arguments seen" : "some arguments seen",
    learned.hasTogether(own) ? "seen together" : "not seen together",
  ]
}

/** The arguments of a wrong prediction: each string with the other names of a gold argument that it names. */
const argumentsSaid = (said: PredictedRelation, answers: ReadonlyArray<Answer>): Arguments =>
  said.arguments.map((string) => {
    for (const answer of answers) {
      for (const names of answer.arguments) if (isAmong(string, names)) return names
    }
    return [string]
  })

/** The answer that each right prediction is right about; under variants "one" no two of them are right about the same. */
const answersOf = (
  right: ReadonlyArray<PredictedRelation>,
  found: ReadonlyArray<Answer>,
  { arguments: order, variants }: Matching,
): ReadonlyMap<PredictedRelation, Answer> => {
  const edges = right.map((said) => found.flatMap((answer, index) => (agrees(said, answer, order) ? [index] : [])))
  const pairs = variants === "each"
    ? edges.map(([first = -1], said) => [first, said] as const)
    : [...maximumMatching(edges)]
  return new Map(pairs.flatMap(([answer, said]) => {
    const [one, other] = [right[said], found[answer]]
    return one === undefined || other === undefined ? [] : [[one, other] as const]
  }))
}

/** Adds the relations of a document to the counts of the slices that they are in. */
const addRelations = (
  slices: ReadonlyMap<Slice, Counter>,
  learned: Learned,
  answers: ReadonlyArray<Answer>,
  { counted, wrong, missed }: Pairing,
  matching: Matching,
): void => {
  const to = (own: Arguments, name: keyof Counter): void => {
    for (const slice of slicesOf(learned, own)) {
      const counter = slices.get(slice)
      if (counter !== undefined) counter[name] += 1
    }
  }
  const found = answers.filter((answer) => !isAmong(answer, missed))
  const right = counted.filter((said) => !isAmong(said, wrong))
  const answerOf = answersOf(right, found, matching)
  for (const answer of answers) to(answer.arguments, "gold")
  if (matching.variants === "one") { for (const answer of found) to(answer.arguments, "found") }
  for (const said of counted) {
    const answer = answerOf.get(said)
    const own = answer?.arguments ?? argumentsSaid(said, answers)
    to(own, "predicted")
    if (answer === undefined) continue
    to(own, "correct")
    // As in the scores: every name that was said of one relation is one more that was found.
    if (matching.variants === "each") to(own, "found")
  }
}

/** Makes the function that works out what strict scores do not show. */
export const detailer = (matching: Matching): Detailer => (predictions, { documents, answers }) => {
  const learned = learnedFrom(answers, matching.arguments)
  const slices = new Map(Slice.literals.map((slice) => [slice, noCounts()] as const))
  const part = (): Growing => ({ count: 0, of: 0 })
  const [absent, absentGold, malformed, malformedDocuments] = [part(), part(), part(), part()]
  for (const { document, answers, extraction } of predictions) {
    const pairing = pairUp({ answers, relations: extraction.relations }, matching)
    addRelations(slices, learned, answers, pairing, matching)
    const stands = nameFinder(document.text)
    for (
      const [part, names] of [
        [absent, extraction.relations.flatMap((relation) => relation.arguments)],
        [absentGold, answers.flatMap((answer) => answer.arguments.map(([first = ""]) => first))],
      ] as const
    ) {
      const distinct = [...new Set(names)]
      add(part, distinct.filter((name) => !stands(name)).length, distinct.length)
    }
    const pieces = extraction.malformed.length
    add(malformed, pieces, extraction.relations.length + pieces)
    add(malformedDocuments, pieces > 0 ? 1 : 0, 1)
  }
  return {
    learned: documents,
    slices: Array.from(slices, ([slice, counts]): SliceScore => ({ slice, ...counts, ...ratiosOf(counts) })),
    absent,
    absentGold,
    malformed,
    malformedDocuments,
  }
}
