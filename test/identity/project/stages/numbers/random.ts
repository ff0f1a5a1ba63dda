import { add, times } from "../shared/index.ts"

/** Factor and summand of the sequence. */
const factor = 75
const summand = 74

/** A sequence that looks like chance. */
export function* sequence(seed: number): Generator<number, void> {
  let state = seed
  for (;;) {
    state = add(times(state, factor), summand)
    yield state
  }
}

/** The first of a sequence. */
export const take = <A>(from: Iterable<A>, count: number): ReadonlyArray<A> => {
  const taken: Array<A> = []
  if (count === 0) return taken
  for (const item of from) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}
