import { Heap } from "./heap.ts"

/** Two symbols that become one. */
export type Merge = readonly [left: string, right: string]

/** In what order equal pairs of a word are merged, where the merges were not learned in their order. */
export type MergeOrder = "one by one" | "all at once"

// A pair is left · PAIRS + right; an entry of the queue is rank · PLACES + place.
const PAIRS = 2 ** 26
const PLACES = 2 ** 26

/**
 * Byte-pair encoding: of the neighbouring symbols of a word, the pair that was learned first is merged, from left to
 * right, until no pair is left that was learned. A pair that is listed twice has its last place in the list. `all at
 * once` merges all equal pairs before it looks at new ones, as the Python tokenizers do; `one by one` looks after each
 * merge, as Hugging Face's tokenizers do. Time is n log n in the length of the word.
 */
export class Bpe {
  readonly #symbols: string[] = []
  readonly #numbers = new Map<string, number>()
  readonly #ranks = new Map<number, number>()
  /** The symbol that the merge of each rank makes. */
  readonly #made: Int32Array
  readonly #order: MergeOrder

  constructor(merges: readonly Merge[], order: MergeOrder) {
    this.#order = order
    this.#made = new Int32Array(merges.length)
    merges.forEach(([left, right], rank) => {
      this.#ranks.set(this.#number(left) * PAIRS + this.#number(right), rank)
      this.#made[rank] = this.#number(left + right)
    })
  }

  /** The symbols that the symbols of a word, in their order, are merged to. */
  merge(word: readonly string[]): readonly string[] {
    if (word.length < 2) return word
    const places = new Places(word.map((symbol) => this.#numbers.get(symbol) ?? -1))
    const queue = new Heap()
    for (let place = 0; place + 1 < word.length; place++) this.#offer(queue, places, place)
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      const rank = Math.floor(entry / PLACES)
      const batch = [entry % PLACES]
      if (this.#order === "all at once") {
        while (queue.least !== undefined && queue.least < (rank + 1) * PLACES) batch.push((queue.pop() ?? 0) % PLACES)
      }
      for (const place of batch) this.#mergeAt(queue, places, place, rank)
    }
    return places.left((symbol, place) => this.#symbols[symbol] ?? word[place] ?? "")
  }

  #mergeAt(queue: Heap, places: Places, place: number, rank: number): void {
    const made = this.#made[rank] ?? -1
    const now = this.#rankAt(places, place)
    // The pair that was offered may be gone.
    if (now === undefined || this.#made[now] !== made) return
    const before = places.mergeAt(place, made)
    if (before !== -1) this.#offer(queue, places, before)
    this.#offer(queue, places, place)
  }

  #offer(queue: Heap, places: Places, place: number): void {
    const rank = this.#rankAt(places, place)
    if (rank !== undefined) queue.push(rank * PLACES + place)
  }

  #rankAt(places: Places, place: number): number | undefined {
    const [left, right] = places.pairAt(place)
    return left === -1 || right === -1 ? undefined : this.#ranks.get(left * PAIRS + right)
  }

  #number(symbol: string): number {
    const known = this.#numbers.get(symbol)
    if (known !== undefined) return known
    const number = this.#symbols.push(symbol) - 1
    this.#numbers.set(symbol, number)
    return number
  }
}

const GONE = -2

/** The symbols of a word as a linked list in arrays; -1 is one that no merge has. */
class Places {
  readonly #symbols: Int32Array
  readonly #next: Int32Array
  readonly #previous: Int32Array

  constructor(symbols: readonly number[]) {
    this.#symbols = Int32Array.from(symbols)
    this.#next = Int32Array.from(symbols, (_, place) => place + 1 < symbols.length ? place + 1 : -1)
    this.#previous = Int32Array.from(symbols, (_, place) => place - 1)
  }

  /** The symbols at a place and after it; -1 where there is none. */
  pairAt(place: number): readonly [number, number] {
    const symbol = this.#symbols[place] ?? -1
    const next = this.#next[place] ?? -1
    return symbol === GONE || next === -1 ? [-1, -1] : [symbol, this.#symbols[next] ?? -1]
  }

  /** Puts one symbol in the place of itself and the next; the place before it, or -1. */
  mergeAt(place: number, symbol: number): number {
    const gone = this.#next[place] ?? -1
    const next = this.#next[gone] ?? -1
    this.#symbols[place] = symbol
    this.#symbols[gone] = GONE
    this.#next[place] = next
    if (next !== -1) this.#previous[next] = place
    return this.#previous[place] ?? -1
  }

  /** The symbols that are left, in order. */
  left(name: (symbol: number, place: number) => string): readonly string[] {
    const names: string[] = []
    for (let place = 0; place !== -1; place = this.#next[place] ?? -1) {
      names.push(name(this.#symbols[place] ?? -1, place))
    }
    return names
  }
}
