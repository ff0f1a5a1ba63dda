/**
 * Some of a list of names, in the order of the list, whatever the order in which they come and go.
 *
 * There may be many: a name comes, goes and is found in a handful of steps, however many there are.
 */
export class Ordered implements Iterable<string> {
  readonly #names: ReadonlyArray<string>
  readonly #places: ReadonlyMap<string, number>
  /** A bit for each place; on each level above, a bit for each word below that is not empty. */
  readonly #levels: ReadonlyArray<Uint32Array>
  #size = 0

  constructor(names: Iterable<string>) {
    this.#names = [...names]
    this.#places = new Map(this.#names.map((name, place) => [name, place]))
    const levels = [new Uint32Array(wordsFor(this.#names.length))]
    for (let words = levels[0]?.length ?? 1; words > 1; words = wordsFor(words)) {
      levels.push(new Uint32Array(wordsFor(words)))
    }
    this.#levels = levels
  }

  /** How many of the names there are. */
  get size(): number {
    return this.#size
  }

  /** Puts a name of the list in. */
  add(name: string): void {
    let place = this.#places.get(name)
    if (place === undefined) throw new Error(`${name} is not in the list`)
    if (this.#has(place)) return
    this.#size++
    for (const words of this.#levels) {
      words[place >>> 5] = (words[place >>> 5] ?? 0) | (1 << (place & 31))
      place >>>= 5
    }
  }

  /** Takes a name out, if it is in. */
  delete(name: string): void {
    let place = this.#places.get(name)
    if (place === undefined || !this.#has(place)) return
    this.#size--
    for (const words of this.#levels) {
      const word = (words[place >>> 5] ?? 0) & ~(1 << (place & 31))
      words[place >>> 5] = word
      if (word !== 0) return
      place >>>= 5
    }
  }

  /** The names that are in when their turn comes. */
  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (let place = this.#from(0); place !== undefined; place = this.#from(place + 1)) {
      const name = this.#names[place]
      if (name !== undefined) yield name
    }
  }

  #has(place: number): boolean {
    return (((this.#levels[0]?.[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1
  }

  /** The first place from this one on whose name is in. */
  #from(start: number): number | undefined {
    let place = start
    for (const [level, words] of this.#levels.entries()) {
      const index = place >>> 5
      const rest = (words[index] ?? 0) & (-1 << (place & 31))
      if (rest !== 0) {
        let found = index * 32 + lowest(rest)
        for (const below of this.#levels.slice(0, level).toReversed()) found = found * 32 + lowest(below[found] ?? 0)
        return found
      }
      place = index + 1
    }
    return undefined
  }
}

const wordsFor = (bits: number): number => Math.max(1, Math.ceil(bits / 32))

/** The place of the lowest bit of a word that is not empty. */
const lowest = (word: number): number => 31 - Math.clz32(word & -word)
