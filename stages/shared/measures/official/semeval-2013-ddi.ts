import type { Document } from "../../../../schemas/documents.ts"
import type { Measurer } from "../measured.ts"
import { type Annotation, countDistinct, type Evaluator, type Trace, unknownLabel } from "./annotations.ts"
import { official } from "./evaluation.ts"
import { comparePlaces, namer, type Pair, pairTracer } from "./trace.ts"

/** A pair is the same whichever drug is named first. */
const pairKey = ({ arguments: ids }: Annotation): string => JSON.stringify(ids.toSorted())

/** The one label of detection. */
const interaction = "interaction"

/** Counts the pairs said to interact, whatever the type, as SemEval-2013 task 9.2 does; no type at all is wrong. */
export const countDetected: Evaluator = (gold, predicted) => {
  const [right, said] = [gold, predicted].map((annotations) =>
    annotations.map((annotation) => ({
      ...annotation,
      label: annotation.label === unknownLabel ? unknownLabel : interaction,
    }))
  )
  return countClassified(right ?? [], said ?? [])
}

/** Counts the pairs said to interact in a way: the type must be right too. */
export const countClassified: Evaluator = (gold, predicted) =>
  countDistinct(gold, predicted, (annotation) => `${annotation.label} ${pairKey(annotation)}`)

/** Mentions with either name, each two in the order of the text, never a mention with itself. */
const candidates = ({ mentions }: Document): (head: string, tail: string) => ReadonlyArray<Pair> => {
  const drugs = namer(mentions)
  return (head, tail) =>
    drugs(head).flatMap((a) =>
      drugs(tail).flatMap((b) => (a === b ? [] : [comparePlaces(a, b) < 0 ? [a, b] as const : [b, a] as const]))
    )
}

/** What strings stand for: two mentions with these names. */
export const trace: Trace = pairTracer(candidates)

/**
 * DDI as SemEval-2013 task 9.2 evaluates it (Segura-Bedmar et al., S13-2056).
 *
 * The macro average of its evaluator is the F1 of the mean precision and the mean recall of the four types.
 */
export const measurer: Measurer = official({
  trace,
  evaluations: [
    { measure: "detection", evaluator: countDetected, labels: [], macro: "F1 of means" },
    {
      measure: "classification",
      evaluator: countClassified,
      labels: ["mechanism", "effect", "advise", "int"],
      macro: "F1 of means",
    },
  ],
})
