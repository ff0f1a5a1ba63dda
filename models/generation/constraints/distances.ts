import { END } from "./grammar.ts"
import type { Track, Tracks } from "./tracks.ts"
import type { TokenTrie } from "./trie.ts"

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
    return track.isOver(at) ? Math.min(within, this.entering(track.next)) : within
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
      for (let at = track.high - 1; at >= track.low; at--) {
        let least = within[at - track.low] ?? NEVER
        this.#tracks.walk(this.#trie, track, at, 0, (_, reached, place) => {
          const rest = this.from(reached, place)
          if (rest < NEVER && rest + 1 < least) least = rest + 1
        }, entered)
        if (least === within[at - track.low]) continue
        within[at - track.low] = least
        closer = true
      }
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
}
