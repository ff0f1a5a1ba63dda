import type { NameSource } from "./names.ts"
import type { TokenTrie } from "./trie.ts"

/** Tokens that reach over the end of a name: where they begin, where the name ends, and what was read of them there. */
export interface Crossings {
  readonly from: readonly number[]
  readonly ends: readonly number[]
  readonly nodes: readonly number[]
}

/** Where tokens lead to from each place of a source: read once, for names of all segments lie in the same text. */
export class Walks {
  readonly trie: TokenTrie
  /** The nodes behind a place are those from `first[place]` to `first[place + 1]`, one for each unit that is read. */
  readonly first: Int32Array
  readonly nodes: Int32Array
  /** The same of the places that tokens reach, in order. */
  readonly firstReached: Int32Array
  readonly reached: Int32Array
  readonly #ends: Uint8Array
  readonly #crossings = new Map<string, Crossings>()

  constructor({ units, ends }: Pick<NameSource, "units" | "ends">, trie: TokenTrie) {
    const nodes: number[] = []
    const reached: number[] = []
    const first = new Int32Array(units.length + 1)
    const firstReached = new Int32Array(units.length + 1)
    for (let from = 0; from < units.length; from++) {
      for (let [at, node] = [from, 0]; at < units.length;) {
        node = trie.child(node, units.charCodeAt(at++))
        if (node === 0) break
        nodes.push(node)
        if (trie.ends(node)) reached.push(at)
        if (trie.isLeaf(node)) break
      }
      first[from + 1] = nodes.length
      firstReached[from + 1] = reached.length
    }
    this.trie = trie
    this.first = first
    this.nodes = Int32Array.from(nodes)
    this.firstReached = firstReached
    this.reached = Int32Array.from(reached)
    this.#ends = ends
  }

  /** The tokens that go on with one of some units behind the end of a name, in the order of their beginnings. */
  crossings(units: readonly number[]): Crossings {
    const key = units.toSorted((a, b) => a - b).join(" ")
    const known = this.#crossings.get(key)
    if (known !== undefined) return known
    const found = { from: [] as number[], ends: [] as number[], nodes: [] as number[] }
    for (let from = 0; from + 1 < this.first.length; from++) {
      const start = this.first[from] ?? 0
      for (let index = start; index < (this.first[from + 1] ?? 0); index++) {
        const [node, end] = [this.nodes[index] ?? 0, from + 1 + index - start]
        if (this.#ends[end] !== 1 || this.trie.isLeaf(node)) continue
        if (!units.some((unit) => this.trie.child(node, unit) !== 0)) continue
        found.from.push(from)
        found.ends.push(end)
        found.nodes.push(node)
      }
    }
    this.#crossings.set(key, found)
    return found
  }
}
