import type { Digest } from "../../base/digest.ts"
import type { Holding } from "../holding.ts"

/**
 * The keys that are reached from some keys: themselves, the actions that made their inputs, and so on.
 *
 * Where several actions made the same bytes, all of them are reached: nobody can tell which one is wanted.
 */
export const reachedFrom = (
  holdings: ReadonlyMap<Digest, Holding>,
  roots: Iterable<Digest>,
): ReadonlySet<Digest> => {
  const makers = makersOf(holdings.values())
  const reached = new Set<Digest>()
  const queue = [...roots]
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const holding = holdings.get(key)
    if (holding === undefined || reached.has(key)) continue
    reached.add(key)
    for (const input of holding.inputs) queue.push(...(makers.get(input) ?? []))
  }
  return reached
}

/** By artifact, the keys of the actions that made it. */
export const makersOf = (holdings: Iterable<Holding>): ReadonlyMap<Digest, ReadonlyArray<Digest>> => {
  const makers = new Map<Digest, Array<Digest>>()
  for (const { key, outputs } of holdings) {
    for (const { digest } of outputs) {
      const known = makers.get(digest)
      if (known === undefined) makers.set(digest, [key])
      else known.push(key)
    }
  }
  return makers
}
