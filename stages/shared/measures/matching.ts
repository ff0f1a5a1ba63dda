/**
 * A largest one-to-one pairing of lefts with rights, given the rights that each left may be paired with.
 *
 * Returns the left of each paired right; which of several largest pairings it is depends on the order of the edges
 * alone. Augmenting paths; the documents have tens of relations at most.
 */
export const maximumMatching = (edges: ReadonlyArray<ReadonlyArray<number>>): ReadonlyMap<number, number> => {
  const leftOf = new Map<number, number>()
  const place = (left: number, tried: Set<number>): boolean => {
    for (const right of edges[left] ?? []) {
      if (tried.has(right)) continue
      tried.add(right)
      const holder = leftOf.get(right)
      if (holder === undefined || place(holder, tried)) {
        leftOf.set(right, left)
        return true
      }
    }
    return false
  }
  for (let left = 0; left < edges.length; left++) place(left, new Set())
  return leftOf
}
