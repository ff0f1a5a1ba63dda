import type { Answer } from "../../../schemas/examples.ts"
import type { Matching } from "../params/protocol.ts"
import { isAmong } from "./pairing.ts"

/** The names of each argument of a relation. */
export type Arguments = Answer["arguments"]

/** What was in the relations that a model learned from. Names are compared without regard to case. */
export interface Learned {
  /** Whether one of the names is an argument's. */
  readonly hasName: (names: ReadonlyArray<string>) => boolean
  /** Whether one relation has all of these arguments, each by one of its names, and no others. */
  readonly hasTogether: (wanted: Arguments) => boolean
}

const lowered = (names: ReadonlyArray<string>): ReadonlyArray<string> => names.map((name) => name.toLowerCase())

const shareName = (one: ReadonlyArray<string>, other: ReadonlyArray<string> | undefined): boolean => {
  for (const name of one) if (isAmong(name, other)) return true
  return false
}

/** Gathers what was in relations that a model learned from; the order of arguments is that of the measure. */
export const learnedFrom = (answers: Iterable<Answer>, order: Matching["arguments"]): Learned => {
  const byName = new Map<string, Array<Arguments>>()
  for (const answer of answers) {
    const own = answer.arguments.map(lowered)
    for (const name of new Set(own.flat())) {
      const relations = byName.get(name)
      if (relations === undefined) byName.set(name, [own])
      else relations.push(own)
    }
  }
  const isSame = (one: Arguments, other: Arguments): boolean =>
    order === "ordered"
      ? one.length === other.length && one.every((names, index) => shareName(names, other[index]))
      : one.every((names) => other.some((own) => shareName(names, own)))
        && other.every((names) => one.some((own) => shareName(names, own)))
  return {
    hasName: (names) => lowered(names).some((name) => byName.has(name)),
    hasTogether: (wanted) => {
      const own = wanted.map(lowered)
      return (own[0] ?? []).some((name) => byName.get(name)?.some((relation) => isSame(own, relation)) ?? false)
    },
  }
}
