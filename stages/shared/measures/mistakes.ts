import type { Mistake } from "../../../schemas/outcomes.ts"
import type { Extraction, PredictedRelation } from "../../../schemas/relations.ts"
import type { Matching } from "../params/protocol.ts"
import { maximumMatching } from "./matching.ts"
import type { Known, Names } from "./names.ts"
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
  { malformed, sourceTruncated }: Pick<Extraction, "malformed" | "sourceTruncated">,
  answers: ReadonlyArray<Known>,
  pairing: Pairing,
  order: Matching["arguments"],
  names: Names,
): ReadonlyArray<Mistake> => {
  const { counted, wrong, missed } = pairing
  if (wrong.length === 0 && missed.length === 0 && malformed.length === 0) return none
  const near = missed.length === 0 || wrong.length === 0 ? none : nearPairs(answers, pairing, order, names)
  // Each list is made as long as it will be: one that grows takes several times the memory, and a document has three.
  const spurious = near.length === 0 ? wrong : wrong.filter((place) => !near.some((pair) => pair.said === place))
  return missed.map((index): Mistake => {
    const wanted = answers[index]?.shown ?? null
    const pair = near.length === 0 ? undefined : near.find((each) => each.missed === index)
    return pair === undefined
      ? { kind: sourceTruncated ? "truncated source" : "missed", said: null, wanted, text: "" }
      : { kind: pair.kind, said: counted[pair.said] ?? null, wanted, text: "" }
  }).concat(
    spurious.map((place): Mistake => ({ kind: "spurious", said: counted[place] ?? null, wanted: null, text: "" })),
    malformed.map((text): Mistake => ({ kind: "malformed", said: null, wanted: null, text })),
  )
}

/** A missed relation and a wrong prediction that are alike, by their places. */
interface Near {
  readonly missed: number
  readonly said: number
  readonly kind: NearKind
}

/** Pairs missed relations with wrong predictions that are like them. */
const nearPairs = (
  answers: ReadonlyArray<Known>,
  { counted, said, wrong, missed }: Pairing,
  order: Matching["arguments"],
  names: Names,
): ReadonlyArray<Near> => {
  const alike: Array<Near> = []
  for (const index of missed) {
    const answer = answers[index]
    if (answer === undefined) continue
    for (const place of wrong) {
      const prediction = said[place]
      if (prediction === undefined) continue
      const kind = prediction.label === answer.label
        ? order === "ordered"
          ? likeInOrder(prediction.arguments, answer, names)
          : likeAsSet(prediction.arguments, answer, names)
        : argumentsAgree(prediction.arguments, answer.arguments, order)
        ? "wrong type"
        : undefined
      if (kind !== undefined) alike.push({ missed: index, said: place, kind })
    }
  }
  return alike.length < 2 ? alike : oneToOne(alike, counted)
}

/**
 * Pairs out of all that are alike: as many as can be by the first kind, of the rest by the second, and so on. Of
 * several ways the strings of the predictions decide, not the order in which they were said.
 */
const oneToOne = (
  alike: ReadonlyArray<Near>,
  counted: ReadonlyArray<PredictedRelation>,
): ReadonlyArray<Near> => {
  const isContested = (one: Near): boolean =>
    alike.some((other) => other !== one && (other.missed === one.missed || other.said === one.said))
  if (!alike.some(isContested)) return alike
  const missed = [...new Set(alike.map((each) => each.missed))]
  const ranked = [...new Set(alike.map(({ said }) => said))].toSorted((one, other) => {
    const [first, second] = [counted[one], counted[other]]
    return (first === undefined || second === undefined ? 0 : compareRelations(first, second)) || one - other
  })
  const pairs: Array<Near> = []
  for (const kind of nearKinds) {
    const edges = missed.map((index) =>
      alike.flatMap((each) =>
        each.kind !== kind || each.missed !== index
          || pairs.some((pair) => pair.missed === each.missed || pair.said === each.said)
          ? []
          : [ranked.indexOf(each.said)]
      ).sort((one, other) => one - other)
    )
    for (const [rank, row] of maximumMatching(edges)) {
      pairs.push({ missed: missed[row] ?? -1, said: ranked[rank] ?? -1, kind })
    }
  }
  return pairs
}

/** How a string is like an argument that it is not right for. */
const likeness = (said: number, wanted: Known, index: number, names: Names): Likeness | undefined => {
  if (names.isAnother(said, wanted, index)) return "wrong mention"
  for (const name of wanted.arguments[index] ?? none) if (names.overlap(said, name)) return "wrong boundary"
  return undefined
}

/** As many arguments, each right or like the one in its place; the relation is like the least like of them. */
const likeInOrder = (said: ReadonlyArray<number>, answer: Known, names: Names): Likeness | undefined => {
  const { arguments: wanted } = answer
  if (said.length !== wanted.length) return undefined
  let least: Likeness = "wrong mention"
  for (let index = 0; index < said.length; index++) {
    const name = said[index] ?? -1
    const right = wanted[index] ?? none
    if (isAmong(name, right)) continue
    const like = likeness(name, answer, index, names)
    if (like === undefined) return undefined
    if (like === "wrong boundary") least = like
  }
  return least
}

/** The right arguments put aside, as many are left on both sides, and each is like another one of the other side. */
const likeAsSet = (
  said: ReadonlyArray<number>,
  answer: Known,
  names: Names,
): Likeness | undefined => {
  const { arguments: wanted } = answer
  const left = [...new Set(said.filter((name) => !wanted.some((own) => isAmong(name, own))))]
  const open = [
    ...new Map(
      wanted.flatMap((own, index) => own.some((name) => isAmong(name, said)) ? [] : [[own[0], index] as const]),
    ).values(),
  ]
  if (left.length === 0 || left.length !== open.length) return undefined
  const like = left.map((name) => open.map((index) => likeness(name, answer, index, names)))
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
