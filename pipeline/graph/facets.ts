import { wildcard } from "./wildcards.ts"

/**
 * What parts of nodes' names mean, by the name of a facet: the words that stand for it, in which "*" stands for any run of
 * characters.
 *
 * With `{ corpus: ["cdr", "dce"], seed: ["seed*"] }` the node "train/cdr/seed3" is of corpus=cdr, of seed=seed3 and, by what
 * the star stands for, of seed=3. The first part, the stage, is no facet of these: every node has it as stage=NAME.
 */
export type Facets = Readonly<Record<string, ReadonlyArray<string>>>

/** The values of a facet that a node of a name has; words are the same in upper and lower case. */
export const valuesOf = (words: ReadonlyArray<string>): (name: string) => ReadonlyArray<string> => {
  const patterns = words.map((word) => {
    const lower = word.toLowerCase()
    return { matches: wildcard(lower), star: lower.split("*").length === 2 ? lower.indexOf("*") : -1, lower }
  })
  const known = new Map<string, ReadonlyArray<string>>()
  const ofSegment = (segment: string): ReadonlyArray<string> => {
    const found = patterns.find(({ matches }) => matches(segment.toLowerCase()))
    if (found === undefined) return []
    const { star, lower } = found
    return star === -1 ? [segment] : [segment, segment.slice(star, segment.length - (lower.length - 1 - star))]
  }
  return (name) => {
    let all: ReadonlyArray<string> = []
    for (let start = name.indexOf("/") + 1; start > 0;) {
      const slash = name.indexOf("/", start)
      const segment = name.slice(start, slash === -1 ? name.length : slash)
      let values = known.get(segment)
      if (values === undefined) known.set(segment, values = ofSegment(segment))
      if (values.length > 0) all = all.length === 0 ? values : [...all, ...values]
      start = slash + 1
    }
    return all
  }
}
