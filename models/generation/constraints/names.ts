// What a name is: a stretch of one line of the source that begins and ends at borders of words, not with a blank.
import type { Guard } from "./grammar.ts"

/** A source in the units that tokens spell, with where names may begin and end. */
export interface NameSource {
  readonly units: string
  /** Where a name may begin, in order. */
  readonly starts: readonly number[]
  /** For each position whether a name may end before it: 1, else 0. */
  readonly ends: Uint8Array
  /** For each position the end of its line. */
  readonly lines: Int32Array
}

/** Names that begin at some places and have the same places to end, as a stretch of the source that they lie in. */
export interface NameGroup {
  readonly starts: readonly number[]
  /** The last place where they may end. */
  readonly limit: number
  /** Places where they may not end although other names may. */
  readonly blocked: ReadonlySet<number>
}

const WORD = /[\p{L}\p{N}\p{M}]/u
const BLANK = /\s/u
const LINE_END = /[\n\r\u2028\u2029]/u

/** Where names may stand in a text; `unitsOf` gives the units of each of its characters. */
export const nameSource = (text: string, unitsOf: (character: string) => string): NameSource => {
  const characters = Array.from(text)
  const starts: number[] = []
  const endings: number[] = []
  const lineEnds: number[] = []
  let units = ""
  characters.forEach((character, index) => {
    const [before = " ", after = " "] = [characters[index - 1], characters[index + 1]]
    const inWord = WORD.test(character)
    const blank = BLANK.test(character)
    if (!blank && !(inWord && WORD.test(before))) starts.push(units.length)
    if (LINE_END.test(character)) lineEnds.push(units.length)
    units += unitsOf(character)
    if (!blank && !(inWord && WORD.test(after))) endings.push(units.length)
  })
  const ends = new Uint8Array(units.length + 1)
  for (const end of endings) ends[end] = 1
  const lines = new Int32Array(units.length + 1).fill(units.length)
  for (const end of lineEnds.toReversed()) lines.fill(end, 0, end + 1)
  return { units, starts, ends, lines }
}

/** The names of a source that fall foul of no guard, those that may end at the same places together. */
export const nameGroups = (source: NameSource, guards: readonly Guard[]): readonly NameGroup[] => {
  const limits = guards.map((guard) => limiter(source, guard))
  const crossings = guards.filter(({ left }) => left !== "").map((guard) => crosser(source, guard))
  const tails = tailsOf(source, guards)
  const groups = new Map<string, { readonly starts: number[]; readonly limit: number; readonly blocked: Set<number> }>()
  for (const start of source.starts) {
    const limit = limits.reduce((least, of) => Math.min(least, of(start)), source.lines[start] ?? 0)
    if (limit <= start) continue
    const crossed = crossings.flatMap((of) => of(start, limit))
    // A name that is shorter than a tail does not end with it.
    const short = tails.longest < 2
      ? []
      : [...tails.shortest].flatMap(([end, size]) => start < end && end - size < start ? [end] : [])
    const key = `${limit} ${crossed.join(",")} ${short.join(",")}`
    const group = groups.get(key)
    if (group !== undefined) {
      group.starts.push(start)
      continue
    }
    const blocked = new Set(tails.shortest.keys())
    for (const end of short) blocked.delete(end)
    for (const end of crossed) blocked.add(end)
    groups.set(key, { starts: [start], limit, blocked })
  }
  return [...groups.values()]
}

/** How far a name that begins at a place may reach before it holds what a guard rules out, be it with what is before it. */
const limiter = ({ units }: NameSource, { text, left }: Guard): (start: number) => number => {
  const found = [...placesOf(units, text)]
  const crossing = overlaps(left, text, text.length - 1)
  let next = 0
  return (start) => {
    // Starts come in order.
    while (next < found.length && (found[next] ?? 0) < start) next++
    const inside = next < found.length ? (found[next] ?? 0) + text.length - 1 : Infinity
    return crossing.reduce(
      (limit, size) =>
        units.startsWith(text.slice(size), start) ? Math.min(limit, start + text.length - size - 1) : limit,
      inside,
    )
  }
}

/** Where a name that begins at a place may not end, because what a guard rules out would reach from before it to behind it. */
const crosser = ({ units, ends }: NameSource, { text, left, right }: Guard) => {
  const crossing = overlaps(left, text, text.length - 1)
  return (start: number, limit: number): readonly number[] => {
    const found: number[] = []
    for (const size of crossing) {
      for (let end = start + 1; end <= limit && end - start < text.length - size; end++) {
        if (units[end - 1] !== text[size + end - start - 1]) break
        if (ends[end] === 1 && right.startsWith(text.slice(size + end - start))) found.push(end)
      }
    }
    return found
  }
}

/** The places where names end with what a guard rules out as far as it goes before what is behind the name. */
const tailsOf = ({ units, ends }: NameSource, guards: readonly Guard[]) => {
  /** The least size of such a tail by the place that it ends at. */
  const shortest = new Map<number, number>()
  let longest = 0
  for (const { text, right } of guards) {
    for (const size of overlaps(text, right, text.length - 1)) {
      const tail = text.slice(0, text.length - size)
      for (const at of placesOf(units, tail)) {
        const end = at + tail.length
        if (ends[end] !== 1) continue
        shortest.set(end, Math.min(shortest.get(end) ?? Infinity, tail.length))
        longest = Math.max(longest, tail.length)
      }
    }
  }
  return { shortest, longest }
}

function* placesOf(units: string, text: string): Generator<number> {
  for (let at = units.indexOf(text); at !== -1; at = units.indexOf(text, at + 1)) yield at
}

/** The sizes, at most `most`, of what `left` ends with and `right` begins with. */
const overlaps = (left: string, right: string, most: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.min(left.length, right.length, most)) }, (_, index) => index + 1)
    .filter((size) => left.endsWith(right.slice(0, size)))
