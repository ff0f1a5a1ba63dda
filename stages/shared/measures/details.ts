import { type Hidden, type Part, Slice, type SliceScore } from "../../../schemas/details.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import type { Matching } from "../params/protocol.ts"
import { type Counter, noCounts, ratiosOf } from "./counts.ts"
import { type Arguments, type Learned, learnedFrom } from "./learned.ts"
import { lexicon, type Wanted, wantedIn } from "./lexicon.ts"
import { maximumMatching } from "./matching.ts"
import type { Prediction } from "./measured.ts"
import { agrees, isAmong, others, pairer, type Pairing } from "./pairing.ts"
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

/** The place of the answer that each right prediction is right about; under variants "one" no two have the same. */
const answersOf = (
  right: ReadonlyArray<number>,
  found: ReadonlyArray<number>,
  wanted: ReadonlyArray<Wanted>,
  { said }: Pairing,
  { arguments: order, variants }: Matching,
): ReadonlyMap<number, number> => {
  const edges = right.map((place) =>
    found.flatMap((index, at) => {
      const [prediction, answer] = [said[place], wanted[index]]
      return prediction !== undefined && answer !== undefined && agrees(prediction, answer, order) ? [at] : []
    })
  )
  const pairs = variants === "each"
    ? edges.map(([first = -1], at) => [first, at] as const)
    : [...maximumMatching(edges)]
  return new Map(pairs.map(([answer, prediction]) => [right[prediction] ?? -1, found[answer] ?? -1]))
}

/** Adds the relations of a document to the counts of the slices that they are in. */
const addRelations = (
  slices: ReadonlyMap<Slice, Counter>,
  learned: Learned,
  answers: ReadonlyArray<Answer>,
  wanted: ReadonlyArray<Wanted>,
  pairing: Pairing,
  matching: Matching,
): void => {
  const { counted, wrong, missed } = pairing
  const to = (own: Arguments, name: keyof Counter): void => {
    for (const slice of slicesOf(learned, own)) {
      const counter = slices.get(slice)
      if (counter !== undefined) counter[name] += 1
    }
  }
  const found = others(answers.length, missed)
  const answerOf = answersOf(others(counted.length, wrong), found, wanted, pairing, matching)
  for (const [index, answer] of answers.entries()) {
    to(answer.arguments, "gold")
    if (matching.variants === "one" && isAmong(index, found)) to(answer.arguments, "found")
  }
  for (const [place, said] of counted.entries()) {
    const index = answerOf.get(place)
    const own = index === undefined ? argumentsSaid(said, answers) : answers[index]?.arguments ?? []
    to(own, "predicted")
    if (index === undefined) continue
    to(own, "correct")
    // As in the scores: every name that was said of one relation is one more that was found.
    if (matching.variants === "each") to(own, "found")
  }
}

/** Makes the function that works out what strict scores do not show. */
export const detailer = (matching: Matching): Detailer => (predictions, { documents, answers }) => {
  const learned = learnedFrom(answers, matching.arguments)
  const words = lexicon()
  const pair = pairer(words, matching)
  const slices = new Map(Slice.literals.map((slice) => [slice, noCounts()] as const))
  const part = (): Growing => ({ count: 0, of: 0 })
  const [absent, absentGold, malformed, malformedDocuments] = [part(), part(), part(), part()]
  for (const { document, answers, extraction } of predictions) {
    const wanted = answers.map((answer) => wantedIn(words, answer))
    addRelations(slices, learned, answers, wanted, pair(wanted, extraction.relations), matching)
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
