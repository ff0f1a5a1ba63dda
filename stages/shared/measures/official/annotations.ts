import type { Document } from "../../../../schemas/documents.ts"
import type { PredictedRelation } from "../../../../schemas/relations.ts"
import type { Counts } from "../../../../schemas/scores.ts"
import type { Counter } from "../counts.ts"
import type { Measured } from "../measured.ts"

/** A relation as the corpora's evaluators read it: its label and what it relates, as the corpus numbers that. */
export interface Annotation {
  readonly label: string
  readonly arguments: ReadonlyArray<string>
}

/** The label of a predicate that is none of the corpus's. Such a prediction is wrong, also where labels are not compared. */
export const unknownLabel = "?"

/** Says what a document's predicted strings stand for, without looking at what is right. */
export type Trace = (
  document: Document,
  relations: ReadonlyArray<PredictedRelation>,
) => ReadonlyArray<Annotation>

/** Counts a document's annotations, for each label. */
export type Evaluator = (
  gold: ReadonlyArray<Annotation>,
  predicted: ReadonlyArray<Annotation>,
) => ReadonlyMap<string, Counts>

/** One figure that a corpus is evaluated by. */
export interface Evaluation extends Pick<Measured, "measure" | "labels" | "macro"> {
  readonly evaluator: Evaluator
}

/** How those who published a corpus evaluate it. */
export interface Official {
  readonly trace: Trace
  readonly evaluations: ReadonlyArray<Evaluation>
}

/** Annotations without repetition, by the key that makes two the same. */
export const distinct = <A extends Annotation>(
  annotations: Iterable<A>,
  key: (annotation: A) => string,
): ReadonlyMap<string, A> => new Map(Array.from(annotations, (annotation) => [key(annotation), annotation] as const))

/** Counts annotations of which each is right or wrong as a whole: what both have is right, each counted once. */
export const countDistinct = (
  gold: Iterable<Annotation>,
  predicted: Iterable<Annotation>,
  key: (annotation: Annotation) => string,
): ReadonlyMap<string, Counts> => {
  const right = distinct(gold, key)
  const said = distinct(predicted, key)
  const counts = new Map<string, Counter>()
  const of = (label: string): Counter => {
    const known = counts.get(label) ?? { correct: 0, predicted: 0, found: 0, gold: 0 }
    counts.set(label, known)
    return known
  }
  for (const { label } of right.values()) of(label).gold += 1
  for (const [name, { label }] of said) {
    of(label).predicted += 1
    if (!right.has(name)) continue
    of(label).correct += 1
    of(label).found += 1
  }
  return counts
}

/** A key under which label and arguments in their order make an annotation. */
export const asWritten = ({ label, arguments: ids }: Annotation): string => JSON.stringify([label, ...ids])
