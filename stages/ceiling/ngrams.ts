/**
 * Where tokens first complete a sequence of `size` tokens that occurs before, overlapping or not: the place of the first
 * token from `from` on that decoding with `noRepeatNgramSize` would rule out, undefined where it allows them all.
 */
export const firstRepeat = (ids: ReadonlyArray<number>, size: number, from = 0): number | undefined => {
  if (size === 0) return undefined
  const seen = new Set<string>()
  for (let end = size; end <= ids.length; end++) {
    const ngram = ids.slice(end - size, end).join(" ")
    if (seen.has(ngram) && end > from) return end - 1
    seen.add(ngram)
  }
  return undefined
}

/**
 * The items that can be written in their order where no sequence of `size` tokens may occur twice: each that would
 * repeat one is left out, and the writer goes on with the next. `encode` gives the tokens of items written together, the
 * first `start` of which are given and not written.
 *
 * This is more than a writer gets to who knows only the whole text and is stopped at the first token that is ruled out,
 * and nearly as much as any choice and order of the items allows.
 */
export const writable = <A>(
  items: ReadonlyArray<A>,
  size: number,
  encode: (items: ReadonlyArray<A>) => { readonly ids: ReadonlyArray<number>; readonly start: number },
): ReadonlyArray<A> => {
  const isAllowed = (some: ReadonlyArray<A>): boolean => {
    const { ids, start } = encode(some)
    return firstRepeat(ids, size, start) === undefined
  }
  if (size === 0 || isAllowed(items)) return items
  const kept: Array<A> = []
  for (const item of items) if (isAllowed([...kept, item])) kept.push(item)
  return kept
}
