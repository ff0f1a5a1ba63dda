/** The names of all nodes of a graph as a set: making one of 100,000 takes longer than finding what it is to hold. */
export class AllNames implements ReadonlySet<string> {
  readonly #nodes: ReadonlyMap<string, unknown>
  #made: ReadonlySet<string> | undefined

  constructor(nodes: ReadonlyMap<string, unknown>) {
    this.#nodes = nodes
  }

  get size(): number {
    return this.#nodes.size
  }

  has(name: string): boolean {
    return this.#nodes.has(name)
  }

  keys(): SetIterator<string> {
    return this.#set.keys()
  }

  values(): SetIterator<string> {
    return this.#set.values()
  }

  entries(): SetIterator<[string, string]> {
    return this.#set.entries()
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.#set[Symbol.iterator]()
  }

  forEach(each: (name: string, again: string, all: ReadonlySet<string>) => void): void {
    for (const name of this.#nodes.keys()) each(name, name, this)
  }

  union<Other>(other: ReadonlySetLike<Other>): Set<string | Other> {
    return this.#set.union(other)
  }

  intersection<Other>(other: ReadonlySetLike<Other>): Set<string & Other> {
    return this.#set.intersection(other)
  }

  difference<Other>(other: ReadonlySetLike<Other>): Set<string> {
    return this.#set.difference(other)
  }

  symmetricDifference<Other>(other: ReadonlySetLike<Other>): Set<string | Other> {
    return this.#set.symmetricDifference(other)
  }

  isSubsetOf(other: ReadonlySetLike<unknown>): boolean {
    return this.#set.isSubsetOf(other)
  }

  isSupersetOf(other: ReadonlySetLike<unknown>): boolean {
    return this.#set.isSupersetOf(other)
  }

  isDisjointFrom(other: ReadonlySetLike<unknown>): boolean {
    return this.#set.isDisjointFrom(other)
  }

  get #set(): ReadonlySet<string> {
    return this.#made ??= new Set(this.#nodes.keys())
  }
}
