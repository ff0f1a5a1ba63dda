import { InputError } from "../base/errors.ts"
import { wildcard } from "./wildcards.ts"

/** By the name of a filter, the patterns that a user gave for it, with commas between them. */
export type Filters = ReadonlyMap<string, string>

/** Filters that keep everything. */
export const noFilters: Filters = new Map()

/**
 * The entries of a list that the patterns of a filter keep, in the order of the list; all where it has none.
 *
 * In a pattern "*" stands for any run of characters, and the case of letters does not count; an entry may have several
 * names. Throws an InputError that lists the names on a pattern that keeps nothing.
 */
export const keptBy = <A>(
  filters: Filters,
  filter: string,
  entries: ReadonlyArray<A>,
  namesOf: (entry: A) => ReadonlyArray<string>,
): ReadonlyArray<A> => {
  const text = filters.get(filter)
  if (text === undefined) return entries
  const patterns = text.split(",").map((pattern) => pattern.trim()).filter((pattern) => pattern !== "")
  const named = entries.map((entry) => ({ entry, names: namesOf(entry) }))
  const list = named.map(({ names: [first = ""] }) => first).join(", ")
  if (patterns.length === 0) {
    throw new InputError({
      field: `--${filter}`,
      message: "is empty",
      help: `name some of: ${list}; or leave the flag out for all`,
    })
  }
  const kept = new Set<A>()
  for (const pattern of patterns) {
    const matches = wildcard(pattern.toLowerCase())
    const own = named.filter(({ names }) => names.some((name) => matches(name.toLowerCase())))
    if (own.length === 0) {
      throw new InputError({
        field: `--${filter}`,
        message: `"${pattern}" matches none of the ${filter}`,
        help: `they are: ${list}; "*" stands for any characters`,
      })
    }
    for (const { entry } of own) kept.add(entry)
  }
  return entries.filter((entry) => kept.has(entry))
}
