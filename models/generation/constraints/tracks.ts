import { END, type Grammar, type Segment } from "./grammar.ts"
import { wordGroups } from "./moses.ts"
import { nameGroups, type NameSource } from "./names.ts"
import type { TokenTrie } from "./trie.ts"
import type { Walks } from "./walks.ts"

/** A stretch of text that an output follows unit by unit: the words of a segment, or a stretch of the source for its names. */
export interface Track {
  readonly index: number
  readonly units: string
  readonly low: number
  readonly high: number
  /** For each place whether the segment may be over there, once a unit of it has been read: 1, else 0. */
  readonly over: Uint8Array
  /** Where tokens lead to, of a stretch of the source. */
  readonly walks: Walks | undefined
  /** What follows the segment. */
  readonly next: readonly number[]
}

/** Where a segment begins. */
export interface Opening {
  readonly track: Track
  readonly at: number
}

/** A segment of a grammar with its tracks: one for words, one for each group of names. */
export interface Entry {
  readonly tracks: readonly Track[]
  /** Where it begins, by the first unit. */
  readonly openings: ReadonlyMap<number, readonly Opening[]>
}

/** Takes a place that is reached with the node of the units read on the way there. */
export type Visit = (node: number, track: Track, at: number) => void

/** The texts of a grammar with the names of one source, as tracks that tokens are matched with. */
export class Tracks {
  readonly entries: readonly Entry[]
  readonly all: readonly Track[]
  readonly starts: readonly number[]

  constructor({ segments, starts }: Grammar, source: NameSource, walks: Walks) {
    const all: Track[] = []
    const addTrack = (track: Omit<Track, "index">): Track => {
      const added = { ...track, index: all.length }
      all.push(added)
      return added
    }
    this.entries = segments.map((segment) => entryOf(segment, source, walks, addTrack))
    this.all = all
    this.starts = starts
  }

  /** Whether the text may end behind a place. */
  mayEnd(track: Track, at: number): boolean {
    return track.next.includes(END) && track.over[at] === 1
  }

  /** Visits every place that a token reaches from a place of a track, `node` being what was read of the token before. */
  walk(trie: TokenTrie, track: Track, from: number, node: number, visit: Visit, entered?: Set<number>): void {
    const { walks, over } = track
    if (node === 0 && walks?.trie === trie) {
      const start = walks.first[from] ?? 0
      const most = Math.min(walks.first[from + 1] ?? 0, start + track.high - from)
      for (let index = start; index < most; index++) {
        const at = from + 1 + index - start
        const place = walks.nodes[index] ?? 0
        if (trie.ends(place)) visit(place, track, at)
        if (over[at] === 1) this.enter(trie, track.next, place, visit, entered)
      }
      return
    }
    for (let [at, place] = [from, node]; at < track.high;) {
      place = trie.child(place, track.units.charCodeAt(at++))
      if (place === 0) return
      if (trie.ends(place)) visit(place, track, at)
      if (over[at] === 1) this.enter(trie, track.next, place, visit, entered)
    }
  }

  /** The same from where segments begin. */
  enter(trie: TokenTrie, next: readonly number[], node: number, visit: Visit, entered?: Set<number>): void {
    if (node !== 0 && trie.isLeaf(node)) return
    for (const segment of next) {
      if (segment === END) continue
      entered?.add(segment)
      for (const [unit, openings] of this.entries[segment]?.openings ?? []) {
        const place = trie.child(node, unit)
        if (place === 0) continue
        if (node === 0) {
          for (const { track, at } of openings) this.walk(trie, track, at, 0, visit, entered)
          continue
        }
        const ends = trie.ends(place)
        for (const { track, at } of openings) {
          if (ends) visit(place, track, at + 1)
          if (track.over[at + 1] === 1) this.enter(trie, track.next, place, visit, entered)
          this.walk(trie, track, at + 1, place, visit, entered)
        }
      }
    }
  }

  /** Adds the places that one unit leads to from the beginning of a segment. */
  open(segment: number, unit: number, add: (track: Track, at: number) => void): void {
    for (const { track, at } of this.entries[segment]?.openings.get(unit) ?? []) add(track, at + 1)
  }
}

const entryOf = (
  segment: Segment,
  source: NameSource,
  walks: Walks,
  addTrack: (track: Omit<Track, "index">) => Track,
): Entry => {
  const openings = new Map<number, Opening[]>()
  const open = (track: Track, at: number): void => {
    const unit = track.units.charCodeAt(at)
    const known = openings.get(unit)
    if (known === undefined) openings.set(unit, [{ track, at }])
    else known.push({ track, at })
  }
  if (segment._tag === "Words") {
    const { text, next } = segment
    const over = new Uint8Array(text.length + 1)
    over[text.length] = 1
    const track = addTrack({ units: text, low: 0, high: text.length, over, walks: undefined, next })
    open(track, 0)
    return { tracks: [track], openings }
  }
  const { units, ends } = source
  if (source.words !== undefined) {
    const { words } = source
    const groups = nameGroups(source, segment.guards).flatMap((group) => wordGroups(group, source, words))
    const tracks = groups.map(({ starts, limit, over }) => {
      const track = addTrack({ units: words.units, low: starts[0] ?? 0, high: limit, over, walks, next: segment.next })
      for (const start of starts) open(track, start)
      return track
    })
    return { tracks, openings }
  }
  const tracks = nameGroups(source, segment.guards).map(({ starts, limit, blocked }) => {
    const over = blocked.size === 0 ? ends : ends.slice()
    for (const end of blocked) over[end] = 0
    const track = addTrack({ units, low: starts[0] ?? 0, high: limit, over, walks, next: segment.next })
    for (const start of starts) open(track, start)
    return track
  })
  return { tracks, openings }
}
