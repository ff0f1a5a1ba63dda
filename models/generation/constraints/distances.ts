import { END } from "./grammar.ts"
import type { Track, Tracks, Visit } from "./tracks.ts"
import type { TokenTrie } from "./trie.ts"
import type { Walks } from "./walks.ts"

/** What cannot be completed. */
export const NEVER = 1 << 29

/** The least number of tokens, the end of sequence included, that complete a text from each place of the tracks. */
export class Distances {
  readonly #tracks: Tracks
  readonly #trie: TokenTrie
  /** Of each track by its place: where at least one more of its units is read. */
  readonly #within: Int32Array[]
  /** Of each segment: from its beginning. */
  readonly #entries: number[]

  constructor(tracks: Tracks, trie: TokenTrie) {
    this.#tracks = tracks
    this.#trie = trie
    this.#within = tracks.all.map(({ low, high }) => new Int32Array(high - low + 1).fill(NEVER))
    this.#entries = tracks.entries.map(() => NEVER)
    this.#settle()
  }

  /** From a place of a track. */
  from(track: Track, at: number): number {
    const within = this.#within[track.index]?.[at - track.low] ?? NEVER
    return track.over[at] === 1 ? Math.min(within, this.entering(track.next)) : within
  }

  /** From where segments begin. */
  entering(next: readonly number[]): number {
    let least = NEVER
    for (const segment of next) least = Math.min(least, segment === END ? 1 : this.#entries[segment] ?? NEVER)
    return least
  }

  /** Works segments out from the end, which grammars begin with, and again those that lead to one that came closer to it. */
  #settle(): void {
    const { entries } = this.#tracks
    const leadsTo = entries.map(() => new Set<number>())
    const pending = new Set(entries.keys())
    while (pending.size > 0) {
      for (const segment of entries.keys()) {
        if (!pending.delete(segment)) continue
        if (!this.#measure(segment, leadsTo[segment] ?? new Set())) continue
        leadsTo.forEach((targets, other) => {
          if (targets.has(segment)) pending.add(other)
        })
      }
    }
  }

  /** Whether a segment has come closer to the end. */
  #measure(segment: number, entered: Set<number>): boolean {
    const entry = this.#tracks.entries[segment]
    let closer = false
    for (const track of entry?.tracks ?? []) {
      for (const next of track.next) entered.add(next)
      const within = this.#within[track.index] ?? new Int32Array()
      const { walks } = track
      const isCloser = walks === undefined
        ? this.#measureWords(track, within, entered)
        : this.#measureNames(track, walks, within, entered)
      closer ||= isCloser
    }
    let least = NEVER
    for (const openings of entry?.openings.values() ?? []) {
      for (const { track, at } of openings) {
        least = Math.min(least, this.#within[track.index]?.[at - track.low] ?? NEVER)
      }
    }
    this.#entries[segment] = least
    return closer
  }

  #measureWords(track: Track, within: Int32Array, entered: Set<number>): boolean {
    let closer = false
    for (let at = track.high - 1; at >= track.low; at--) {
      const least = this.#least(
        within[at - track.low] ?? NEVER,
        (visit) => this.#tracks.walk(this.#trie, track, at, 0, visit, entered),
      )
      if (least === within[at - track.low]) continue
      within[at - track.low] = least
      closer = true
    }
    return closer
  }

  /** The same where tokens were matched with the source before. */
  #measureNames(track: Track, walks: Walks, within: Int32Array, entered: Set<number>): boolean {
    const { low, high, over, next } = track
    const { firstReached, reached } = walks
    const behind = this.entering(next)
    const units = next.flatMap((segment) => [...this.#tracks.entries[segment]?.openings.keys() ?? []])
    const { from, ends, nodes } = walks.crossings(units)
    let crossing = from.length - 1
    let closer = false
    for (let at = high - 1; at >= low; at--) {
      let least = within[at - low] ?? NEVER
      for (let index = firstReached[at] ?? 0; index < (firstReached[at + 1] ?? 0); index++) {
        const place = reached[index] ?? 0
        if (place > high) break
        const rest = over[place] === 1 ? Math.min(within[place - low] ?? NEVER, behind) : within[place - low] ?? NEVER
        if (rest < NEVER && rest + 1 < least) least = rest + 1
      }
      for (; crossing >= 0 && (from[crossing] ?? 0) >= at; crossing--) {
        const end = ends[crossing] ?? 0
        if (from[crossing] !== at || end > high || over[end] !== 1) continue
        const node = nodes[crossing] ?? 0
        least = this.#least(least, (visit) => this.#tracks.enter(this.#trie, next, node, visit, entered))
      }
      if (least === within[at - low]) continue
      within[at - low] = least
      closer = true
    }
    return closer
  }

  /** The least number of tokens by one of those that a walk visits, or the one that is known where that is less. */
  #least(known: number, walk: (visit: Visit) => void): number {
    let least = known
    walk((_, track, at) => {
      const rest = this.from(track, at)
      if (rest < NEVER && rest + 1 < least) least = rest + 1
    })
    return least
  }
}
