import { Distances, NEVER } from "./distances.ts"
import { END, type Grammar } from "./grammar.ts"
import type { NameSource } from "./names.ts"
import type { Vocabulary } from "./spelling.ts"
import { type Track, Tracks } from "./tracks.ts"
import { Walks } from "./walks.ts"

/** The tokens that may follow, but for the end of sequence. */
export interface Allowed {
  readonly tokens: Int32Array
  /** For each the least number of tokens behind it that complete the text, the end of sequence included. */
  readonly rest: Int32Array
  /** The largest of them; 0 where there is none. */
  readonly most: number
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
  /** What each state has been followed by: outputs write the same words again and again. */
  readonly #followed = new Map<State, Map<number, State>>()
  readonly #allowed = new Map<State, Allowed>()

  constructor(grammar: Grammar, source: NameSource, vocabulary: Vocabulary) {
    const complete = grammar.starts.includes(END)
    this.start = { first: true, places: [], complete }
    this.#begun = { first: false, places: [], complete }
    this.#vocabulary = vocabulary
    this.#tracks = new Tracks(grammar, source, new Walks(source.words ?? source, vocabulary.later.trie))
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
      if (track.over[at] === 1) this.#tracks.enter(trie, track.next, 0, visit)
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
    const most = rests.reduce((larger, rest) => Math.max(larger, rest), 0)
    const allowed = { tokens: Int32Array.from(tokens), rest: Int32Array.from(rests), most }
    this.#allowed.set(state, allowed)
    return allowed
  }

  /** The state behind a token that may follow; a token that writes nothing at any place changes nothing. */
  next(state: State, token: number): State {
    const followed = this.#followed.get(state)
    const known = followed?.get(token)
    if (known !== undefined) return known
    const found = this.#find(state, token)
    if (followed === undefined) this.#followed.set(state, new Map([[token, found]]))
    else followed.set(token, found)
    return found
  }

  #find(state: State, token: number): State {
    const { spellings, silent } = this.#spelled(state)
    const spelling = spellings[token]
    if (spelling === undefined) return state
    if (spelling === "") return silent.includes(token) ? this.#begun : state
    let places = this.#step(state.places, spelling.charCodeAt(0), state.places.length === 0)
    for (let unit = 1; unit < spelling.length; unit++) places = this.#step(places, spelling.charCodeAt(unit), false)
    const alive = places.filter(([track, at]) => this.#distances.from(track, at) < NEVER)
    alive.sort(([one, at], [other, behind]) => one.index - other.index || at - behind)
    let key = ""
    for (const [{ index }, at] of alive) key += `${index}:${at} `
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
  #step(places: State["places"], unit: number, atStart: boolean): (readonly [Track, number])[] {
    const found: (readonly [Track, number])[] = []
    /** Segments that begin here, each once however many places they follow on. */
    const begun: number[] = []
    const add = (track: Track, at: number): void => {
      // Only where a name goes on may it be the one that begins here, too.
      if (!moved(track, at - 1)) found.push([track, at])
    }
    const moved = (track: Track, at: number): boolean =>
      at > track.low && places.some((place) => place[0] === track && place[1] === at)
    const open = (next: readonly number[]): void => {
      for (const segment of next) {
        if (segment === END || begun.includes(segment)) continue
        begun.push(segment)
        this.#tracks.open(segment, unit, add)
      }
    }
    if (atStart) open(this.#tracks.starts)
    for (const [track, at] of places) {
      if (at < track.high && track.units.charCodeAt(at) === unit) found.push([track, at + 1])
      if (track.over[at] === 1) open(track.next)
    }
    return found
  }
}
