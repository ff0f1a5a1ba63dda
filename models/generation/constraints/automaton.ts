import { Distances, NEVER } from "./distances.ts"
import { END, type Grammar } from "./grammar.ts"
import type { NameSource } from "./names.ts"
import type { Vocabulary } from "./spelling.ts"
import { type Track, Tracks } from "./tracks.ts"

/** The tokens that may follow, but for the end of sequence. */
export interface Allowed {
  readonly tokens: Int32Array
  /** For each the least number of tokens behind it that complete the text, the end of sequence included. */
  readonly rest: Int32Array
}

/** What an output may go on with. */
export interface State {
  /** Whether nothing was written yet: the first token of a text may be spelled otherwise. */
  readonly first: boolean
  /** Places of tracks that the output may be at; none at the very beginning. */
  readonly places: readonly (readonly [track: Track, at: number])[]
  /** Whether the text may end here. */
  readonly complete: boolean
}

/** Follows one output token by token: which tokens may come next, so that the text ends up as one of a grammar's. */
export class Automaton {
  /** Of an output without tokens. */
  readonly start: State
  readonly #vocabulary: Vocabulary
  readonly #tracks: Tracks
  readonly #distances: Distances
  readonly #begun: State
  readonly #states = new Map<string, State>()
  readonly #allowed = new Map<State, Allowed>()

  constructor(grammar: Grammar, source: NameSource, vocabulary: Vocabulary) {
    const complete = grammar.starts.includes(END)
    this.start = { first: true, places: [], complete }
    this.#begun = { first: false, places: [], complete }
    this.#vocabulary = vocabulary
    this.#tracks = new Tracks(grammar, source)
    this.#distances = new Distances(this.#tracks, vocabulary.later.trie)
  }

  /** The tokens that may follow a state's: some text goes on with each. */
  allowed(state: State): Allowed {
    const known = this.#allowed.get(state)
    if (known !== undefined) return known
    const { trie, silent } = this.#spelled(state)
    /** The least rest of each node of the trie that was reached. */
    const reached = new Map<number, number>()
    const visit = (node: number, track: Track, at: number): void => {
      const rest = this.#distances.from(track, at)
      if (rest < (reached.get(node) ?? NEVER)) reached.set(node, rest)
    }
    if (state.places.length === 0) this.#tracks.enter(trie, this.#tracks.starts, 0, visit)
    for (const [track, at] of state.places) {
      if (track.isOver(at)) this.#tracks.enter(trie, track.next, 0, visit)
      this.#tracks.walk(trie, track, at, 0, visit)
    }
    const tokens: number[] = []
    const rests: number[] = []
    for (const [node, rest] of reached) {
      for (const token of trie.tokens(node)) {
        tokens.push(token)
        rests.push(rest)
      }
    }
    const begun = this.#distances.entering(this.#tracks.starts)
    if (begun < NEVER) {
      for (const token of silent) {
        tokens.push(token)
        rests.push(begun)
      }
    }
    const allowed = { tokens: Int32Array.from(tokens), rest: Int32Array.from(rests) }
    this.#allowed.set(state, allowed)
    return allowed
  }

  /** The state behind a token that may follow; a token that writes nothing at any place changes nothing. */
  next(state: State, token: number): State {
    const { spellings, silent } = this.#spelled(state)
    const spelling = spellings[token]
    if (spelling === undefined) return state
    if (spelling === "") return silent.includes(token) ? this.#begun : state
    let places = this.#step(state.places, spelling.charCodeAt(0), state.places.length === 0)
    for (let unit = 1; unit < spelling.length; unit++) places = this.#step(places, spelling.charCodeAt(unit), false)
    const alive = places.filter(([track, at]) => this.#distances.from(track, at) < NEVER)
    const key = alive.map(([{ index }, at]) => `${index}:${at}`).toSorted().join(" ")
    const known = this.#states.get(key)
    if (known !== undefined) return known
    const complete = alive.some(([track, at]) => this.#tracks.mayEnd(track, at))
    const made = { first: false, places: alive, complete }
    this.#states.set(key, made)
    return made
  }

  #spelled({ first }: State): Vocabulary["first"] {
    return first ? this.#vocabulary.first : this.#vocabulary.later
  }

  /** The places that one unit leads to. */
  #step(places: State["places"], unit: number, atStart: boolean): State["places"] {
    const found: (readonly [Track, number])[] = []
    const seen = new Map<Track, Set<number>>()
    const add = (track: Track, at: number): void => {
      const known = seen.get(track)
      if (known?.has(at) === true) return
      if (known === undefined) seen.set(track, new Set([at]))
      else known.add(at)
      found.push([track, at])
    }
    if (atStart) this.#tracks.open(this.#tracks.starts, unit, add)
    for (const [track, at] of places) {
      if (at < track.high && track.units.charCodeAt(at) === unit) add(track, at + 1)
      if (track.isOver(at)) this.#tracks.open(track.next, unit, add)
    }
    return found
  }
}
