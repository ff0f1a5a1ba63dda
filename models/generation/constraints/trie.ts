/** The spellings of a vocabulary's tokens as a tree of units, in flat arrays. Node 0 is the root. */
export class TokenTrie {
  /** The units of the longest token. */
  readonly depth: number
  readonly #roots = new Int32Array(0x1_0000)
  // Of each node: its unit, the range of its children, which are sorted by unit, and that of its tokens.
  readonly #units: Uint16Array
  readonly #children: Int32Array
  readonly #tokens: Int32Array
  /** Tokens sorted by spelling. */
  readonly #order: Int32Array

  /** The spelling of each id; a token without one, or with an empty one, is never found. */
  constructor(spellings: readonly (string | undefined)[]) {
    const order = spellings.map((_, id) => id).filter((id) => (spellings[id] ?? "") !== "")
    const spelled = (at: number): string => spellings[order[at] ?? -1] ?? ""
    order.sort((a, b) => {
      const [first = "", second = ""] = [spellings[a], spellings[b]]
      return first < second ? -1 : first > second ? 1 : a - b
    })
    this.#order = Int32Array.from(order)
    this.depth = order.reduce((most, id) => Math.max(most, spellings[id]?.length ?? 0), 0)
    // Breadth first, so that the children of a node stand together: each node covers a range of the sorted tokens.
    const units = [0]
    const children: number[] = []
    const tokens: number[] = []
    const ranges: [from: number, to: number, depth: number][] = [[0, order.length, 0]]
    for (let node = 0; node < ranges.length; node++) {
      const [from, to, depth] = ranges[node] ?? [0, 0, 0]
      let at = from
      tokens.push(at)
      while (at < to && spelled(at).length === depth) at++
      tokens.push(at)
      children.push(ranges.length)
      while (at < to) {
        const unit = spelled(at).charCodeAt(depth)
        const begin = at
        while (at < to && spelled(at).charCodeAt(depth) === unit) at++
        units.push(unit)
        if (depth === 0) this.#roots[unit] = ranges.length
        ranges.push([begin, at, depth + 1])
      }
      children.push(ranges.length)
    }
    this.#units = Uint16Array.from(units)
    this.#children = Int32Array.from(children)
    this.#tokens = Int32Array.from(tokens)
  }

  /** The number of nodes. */
  get size(): number {
    return this.#units.length
  }

  /** The node behind a unit; 0 where no token goes on so. */
  child(node: number, unit: number): number {
    if (node === 0) return this.#roots[unit] ?? 0
    let low = this.#children[2 * node] ?? 0
    const end = this.#children[2 * node + 1] ?? 0
    let high = end
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#units[middle] ?? 0) < unit) low = middle + 1
      else high = middle
    }
    return low < end && this.#units[low] === unit ? low : 0
  }

  /** Whether no token goes on behind a node. */
  isLeaf(node: number): boolean {
    return this.#children[2 * node] === this.#children[2 * node + 1]
  }

  /** Whether a token ends at a node. */
  ends(node: number): boolean {
    return (this.#tokens[2 * node] ?? 0) < (this.#tokens[2 * node + 1] ?? 0)
  }

  /** The tokens that end at a node. */
  tokens(node: number): Int32Array {
    return this.#order.subarray(this.#tokens[2 * node] ?? 0, this.#tokens[2 * node + 1] ?? 0)
  }
}
