import type { Document } from "../../../schemas/documents.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { Mistake } from "../../../schemas/outcomes.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import type { Matching } from "../params/protocol.ts"
import { maximumMatching } from "./matching.ts"
import type { Prediction } from "./measured.ts"
import { type Known, type Name, type Names, overlap } from "./names.ts"
import { argumentsAgree, compareRelations, isAmong, type Pairing } from "./pairing.ts"

/** The ways in which a wrong prediction is like a missed relation, the likest first. */
const nearKinds = ["wrong type", "wrong mention", "wrong boundary"] as const
type NearKind = (typeof nearKinds)[number]

/** How an argument that is not right is like the one that is wanted. */
type Likeness = Exclude<NearKind, "wrong type">

const none: ReadonlyArray<never> = []

/**
 * What is wrong in a document.
 *
 * Every wrong prediction and every missed relation is in one mistake. A wrong prediction and a missed relation that
 * are alike are one mistake together: as many as can be by the first kind, of the rest by the second, and so on. What
 * is left is missed or spurious; so is a second name of a relation that was found, having nothing left to be like.
 * Of a source that was cut it is not known here where, so every relation missed in it is put down to the cut.
 *
 * Missed relations come in the order of the example, then spurious ones and malformed pieces in that of the text.
 */
export const mistakesOf = (
  { document, extraction: { malformed, sourceTruncated } }: Prediction,
  { wrong, missed }: Pairing,
  order: Matching["arguments"],
  names: Names,
): ReadonlyArray<Mistake> => {
  if (wrong.length === 0 && missed.length === 0 && malformed.length === 0) return none
  const known = missed.map(names.known)
  const near = missed.length === 0 || wrong.length === 0
    ? none
    : nearPairs(missed, known, wrong, order, names, document)
  // Put together at the end, for an array that grows takes several times the memory, and there is one a document.
  const missing = known.map(({ shown }, index): Mistake => {
    const pair = near.length === 0 ? undefined : near.find((each) => each.missed === index)
    return pair === undefined
      ? { kind: sourceTruncated ? "truncated source" : "missed", said: null, wanted: shown, text: "" }
      : { kind: pair.kind, said: wrong[pair.said] ?? null, wanted: shown, text: "" }
  })
  const unlike = near.length === 0 ? wrong : wrong.filter((_, index) => !near.some((pair) => pair.said === index))
  const spurious = unlike.map((said): Mistake => ({ kind: "spurious", said, wanted: null, text: "" }))
  const pieces = malformed.map((text): Mistake => ({ kind: "malformed", said: null, wanted: null, text }))
  return [...missing, ...spurious, ...pieces]
}

/** A missed relation and a wrong prediction that are alike, by their places. */
interface Near {
  readonly missed: number
  readonly said: number
  readonly kind: NearKind
}

/** Pairs missed relations with wrong predictions that are like them. */
const nearPairs = (
  missed: ReadonlyArray<Answer>,
  known: ReadonlyArray<Known>,
  said: ReadonlyArray<PredictedRelation>,
  order: Matching["arguments"],
  names: Names,
  document: Document,
): ReadonlyArray<Near> => {
  const alike: Array<Near> = []
  for (let index = 0; index < missed.length; index++) {
    const answer = missed[index]
    if (answer === undefined) continue
    const wanted = known[index]?.names ?? none
    for (let at = 0; at < said.length; at++) {
      const prediction = said[at]
      if (prediction === undefined) continue
      const kind = prediction.label === answer.label
        ? order === "ordered"
          ? likeInOrder(prediction.arguments, answer, wanted, names, document)
          : likeAsSet(prediction.arguments.map(names.nameOf), wanted, names, document)
        : argumentsAgree(prediction.arguments, answer.arguments, order)
        ? "wrong type"
        : undefined
      if (kind !== undefined) alike.push({ missed: index, said: at, kind })
    }
  }
  return alike.length < 2 ? alike : oneToOne(alike, missed.length, said)
}

/**
 * Pairs out of all that are alike: as many as can be by the first kind, of the rest by the second, and so on. Of
 * several ways the strings of the predictions decide, not the order in which they were said.
 */
const oneToOne = (
  alike: ReadonlyArray<Near>,
  count: number,
  said: ReadonlyArray<PredictedRelation>,
): ReadonlyArray<Near> => {
  const isContested = (one: Near): boolean =>
    alike.some((other) => other !== one && (other.missed === one.missed || other.said === one.said))
  if (!alike.some(isContested)) return alike
  const ranked = said.map((prediction, index) => ({ prediction, index }))
    .sort((one, other) => compareRelations(one.prediction, other.prediction)).map(({ index }) => index)
  const pairs: Array<Near> = []
  for (const kind of nearKinds) {
    const edges = Array.from({ length: count }, (): Array<number> => [])
    for (const each of alike) {
      if (each.kind !== kind || pairs.some((pair) => pair.missed === each.missed || pair.said === each.said)) continue
      edges[each.missed]?.push(ranked.indexOf(each.said))
    }
    for (const own of edges) own.sort((one, other) => one - other)
    for (const [rank, missed] of maximumMatching(edges)) pairs.push({ missed, said: ranked[rank] ?? -1, kind })
  }
  return pairs
}

/** How a string is like an argument that it is not right for. */
const likeness = (
  said: Name,
  wanted: ReadonlyArray<Name>,
  names: Names,
  document: Document,
): Likeness | undefined => {
  if (names.isAnother(said, wanted, document)) return "wrong mention"
  for (const name of wanted) if (overlap(said, name)) return "wrong boundary"
  return undefined
}

/** As many arguments, each right or like the one in its place; the relation is like the least like of them. */
const likeInOrder = (
  said: ReadonlyArray<string>,
  { arguments: wanted }: Answer,
  known: Known["names"],
  names: Names,
  document: Document,
): Likeness | undefined => {
  if (said.length !== wanted.length) return undefined
  let least: Likeness = "wrong mention"
  for (let index = 0; index < said.length; index++) {
    const string = said[index] ?? ""
    if (isAmong(string, wanted[index])) continue
    // Looked up only here: for most pairs the first argument already shows that the two are not alike.
    const like = likeness(names.nameOf(string), known[index] ?? none, names, document)
    if (like === undefined) return undefined
    if (like === "wrong boundary") least = like
  }
  return least
}

/** The right arguments put aside, as many are left on both sides, and each is like another one of the other side. */
const likeAsSet = (
  said: ReadonlyArray<Name>,
  wanted: Known["names"],
  names: Names,
  document: Document,
): Likeness | undefined => {
  const left = [...new Set(said.filter((name) => !wanted.some((own) => isAmong(name, own))))]
  const open = [
    ...new Map(
      wanted.filter((own) => !own.some((name) => isAmong(name, said))).map((own) => [own[0], own] as const),
    ).values(),
  ]
  if (left.length === 0 || left.length !== open.length) return undefined
  const like = left.map((name) => open.map((own) => likeness(name, own, names, document)))
  const complete = (isAllowed: (kind: Likeness) => boolean): boolean =>
    maximumMatching(
      like.map((row) => row.flatMap((kind, index) => (kind !== undefined && isAllowed(kind) ? [index] : []))),
    ).size === left.length
  return complete((kind) => kind === "wrong mention")
    ? "wrong mention"
    : complete(() => true)
    ? "wrong boundary"
    : undefined
}
