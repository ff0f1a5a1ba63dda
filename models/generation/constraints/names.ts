// What a name is: a stretch of one line of the source that begins and ends at borders of words, not with a blank.
import type { Guard } from "./grammar.ts"

/** Words of a source that names are runs of. */
export interface Words {
  /** All words, with a blank behind each. */
  readonly units: string
  /** Where a word that may begin a name begins among the words, by where it begins in the text. */
  readonly starts: ReadonlyMap<number, number>
  /** For each place among the words whether a word that may end a name ends before it: 1, else 0. */
  readonly ends: Uint8Array
  /** Where such a word ends in the text, by where it ends among the words. */
  readonly placeOf: ReadonlyMap<number, number>
  /** Where words follow in order that are written as they stand in the text: for each start among the words the last place. */
  readonly limits: ReadonlyMap<number, number>
}

/** A source in the units that tokens spell, with where names may begin and end. */
export interface NameSource {
  readonly units: string
  /** Where a name may begin, in order. */
  readonly starts: readonly number[]
  /** For each position whether a name may end before it: 1, else 0. */
  readonly ends: Uint8Array
  /** For each position the end of its line. */
  readonly lines: Int32Array
  /** Where tokens spell the words of Moses' tokenizer: those that names are runs of. */
  readonly words?: Words
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

/** What a character is: part of a word, a blank, the end of a line. */
interface Kind {
  readonly inWord: boolean
  readonly blank: boolean
  readonly endsLine: boolean
}

/** Texts are made of few characters. */
const kinds = new Map<string, Kind>()

const kindOf = (character: string): Kind => {
  const found = kinds.get(character)
  if (found !== undefined) return found
  const kind = { inWord: WORD.test(character), blank: BLANK.test(character), endsLine: LINE_END.test(character) }
  kinds.set(character, kind)
  return kind
}

/** Where names may stand in a text; `unitsOf` gives the units of each of its characters. */
export const nameSource = (text: string, unitsOf: (character: string) => string): NameSource => {
  const starts: number[] = []
  const endings: number[] = []
  const lineEnds: number[] = []
  let units = ""
  let before = kindOf(" ")
  for (const character of text) {
    const kind = kindOf(character)
    const within = kind.inWord && before.inWord
    if (!before.blank && !within) endings.push(units.length)
    if (!kind.blank && !within) starts.push(units.length)
    if (kind.endsLine) lineEnds.push(units.length)
    units += unitsOf(character)
    before = kind
  }
  if (!before.blank) endings.push(units.length)
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
  const tailEnds = [...tails.shortest].toSorted(([one], [other]) => one - other)
  const tailed = new Set(tails.shortest.keys())
  const groups = new Map<
    string | number,
    { readonly starts: number[]; readonly limit: number; readonly blocked: Set<number> }
  >()
  let nextTail = 0
  for (const start of source.starts) {
    let limit = source.lines[start] ?? 0
    for (const of of limits) limit = Math.min(limit, of(start))
    if (limit <= start) continue
    const crossed = crossings.length === 0 ? [] : crossings.flatMap((of) => of(start, limit))
    // A name that is shorter than a tail does not end with it.
    const short: number[] = []
    while ((tailEnds[nextTail]?.[0] ?? Infinity) <= start) nextTail++
    for (let index = nextTail; index < tailEnds.length; index++) {
      const [end, size] = tailEnds[index] ?? [Infinity, 0]
      if (end >= start + tails.longest) break
      if (end - size < start) short.push(end)
    }
    const key = crossed.length === 0 && short.length === 0 ? limit : `${limit} ${crossed.join(",")} ${short.join(",")}`
    const group = groups.get(key)
    if (group !== undefined) {
      group.starts.push(start)
      continue
    }
    const blocked = new Set(tailed)
    for (const end of short) blocked.delete(end)
    for (const end of crossed) blocked.add(end)
    groups.set(key, { starts: [start], limit, blocked })
  }
  return [...groups.values()]
}

/** How far a name that begins at a place may reach before it holds what a guard rules out, be it with what is before it. */
const limiter = ({ units }: NameSource, guard: Guard): (start: number) => number => {
  const { text } = guard
  const found = [...placesOf(units, text)]
  const crossing = overlapsOf(guard).before
  let next = 0
  return (start) => {
    // Starts come in order.
    while (next < found.length && (found[next] ?? 0) < start) next++
    const inside = next < found.length ? (found[next] ?? 0) + text.length - 1 : Infinity
    let limit = inside
    for (const size of crossing) {
      if (units.startsWith(text.slice(size), start)) limit = Math.min(limit, start + text.length - size - 1)
    }
    return limit
  }
}

/** Where a name that begins at a place may not end, because what a guard rules out would reach from before it to behind it. */
const crosser = ({ units, ends }: NameSource, guard: Guard) => {
  const { text, right } = guard
  const crossing = overlapsOf(guard).before
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
  for (const guard of guards) {
    const { text } = guard
    for (const size of overlapsOf(guard).behind) {
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

/** The sizes of the parts of what a guard rules out that may lie before a name, and behind it. */
interface Overlaps {
  readonly before: readonly number[]
  readonly behind: readonly number[]
}

/** Guards are the same for all sources. */
const known = new WeakMap<Guard, Overlaps>()

const overlapsOf = (guard: Guard): Overlaps => {
  const { text, left, right } = guard
  const found = known.get(guard)
    ?? { before: overlaps(left, text, text.length - 1), behind: overlaps(text, right, text.length - 1) }
  known.set(guard, found)
  return found
}

/** The sizes, at most `most`, of what `left` ends with and `right` begins with. */
const overlaps = (left: string, right: string, most: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.min(left.length, right.length, most)) }, (_, index) => index + 1)
    .filter((size) => left.endsWith(right.slice(0, size)))
