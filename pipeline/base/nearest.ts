/** The words most like another, the most like first: those that it begins or that begin it, then those with few letters otherwise. */
export const nearest = (word: string, words: Iterable<string>, most = 3): ReadonlyArray<string> => {
  const given = word.toLowerCase()
  const allowed = Math.max(1, Math.floor(given.length / 3))
  const found: Array<{ readonly word: string; readonly distance: number }> = []
  for (const each of new Set(words)) {
    const other = each.toLowerCase()
    // A beginning is nearer than any mistake; of several the shortest comes first.
    const distance = given !== "" && other.startsWith(given)
      ? (other.length - given.length) / 1000
      : Math.abs(other.length - given.length) > allowed
      ? Infinity
      : edits(given, other)
    if (distance <= allowed) found.push({ word: each, distance })
  }
  return found.toSorted((one, other) => one.distance - other.distance).slice(0, most).map((each) => each.word)
}

/** How many letters are to be put in, taken out, replaced, or exchanged with the next, to make one word of another. */
const edits = (from: string, to: string): number => {
  let before: ReadonlyArray<number> = []
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let at = 1; at <= from.length; at++) {
    const next = [at]
    for (let index = 1; index <= to.length; index++) {
      const isSame = from[at - 1] === to[index - 1]
      let least = Math.min((row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1, (row[index - 1] ?? 0) + (isSame ? 0 : 1))
      if (at > 1 && index > 1 && from[at - 1] === to[index - 2] && from[at - 2] === to[index - 1]) {
        least = Math.min(least, (before[index - 2] ?? 0) + 1)
      }
      next.push(least)
    }
    before = row
    row = next
  }
  return row[to.length] ?? 0
}

/** "did you mean a or b? ", to begin a help with; nothing where no word is like it. */
export const didYouMean = (proposals: ReadonlyArray<string>): string =>
  proposals.length === 0
    ? ""
    : `did you mean ${proposals.map((each) => `"${each}"`).join(", ").replace(/, ([^,]*)$/u, " or $1")}? `
