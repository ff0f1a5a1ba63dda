import type { Digest } from "../../base/digest.ts"
import type { Holding } from "../holding.ts"

/**
 * The keys that are reached from some keys: themselves, the actions that made their inputs, and so on.
 *
 * Several actions may have made the same bytes: an empty table, such as that of warnings, is made by most. Reached are
 * those that ran for a node that `sources` wires to the taker's. The others are reached only where none of these is there
 * and none of the roots made the bytes: nobody can tell then which one is wanted.
 */
export const reachedFrom = (
  holdings: ReadonlyMap<Digest, Holding>,
  roots: ReadonlySet<Digest>,
  sources: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<Digest> => {
  const makers = makersOf(holdings.values())
  const likelyMakers = (input: Digest, taker: Holding): ReadonlyArray<Digest> => {
    const all = makers.get(input) ?? []
    if (all.length < 2) return all
    const wired = sources.get(taker.node)
    const own = all.filter((key) => wired?.has(holdings.get(key)?.node ?? "") === true)
    return own.length > 0 || all.some((key) => roots.has(key)) ? own : all
  }
  const reached = new Set<Digest>()
  const queue = [...roots]
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const holding = holdings.get(key)
    if (holding === undefined || reached.has(key)) continue
    reached.add(key)
    for (const input of holding.inputs) queue.push(...likelyMakers(input, holding))
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
