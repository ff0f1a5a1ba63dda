/** Finds the pieces that a text has at a place, shortest first; a tree over UTF-16 units in flat arrays. */
export class PieceTrie {
  readonly #roots = new Int32Array(0x1_0000)
  // Of each node: its unit, its piece or -1, and the range of its children, which are sorted by unit.
  readonly #units: Uint16Array
  readonly #pieces: Int32Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array

  /** Of equal pieces the last counts; empty ones are never found. */
  constructor(pieces: readonly string[]) {
    const order = pieces.map((_, index) => index).filter((index) => pieces[index] !== "")
    const text = (position: number): string => pieces[order[position] ?? -1] ?? ""
    order.sort((a, b) => {
      const [first = "", second = ""] = [pieces[a], pieces[b]]
      return first < second ? -1 : first > second ? 1 : a - b
    })
    const most = pieces.reduce((total, piece) => total + piece.length, 1)
    this.#units = new Uint16Array(most)
    this.#pieces = new Int32Array(most).fill(-1)
    this.#starts = new Int32Array(most)
    this.#ends = new Int32Array(most)
    // Breadth first, so that the children of a node stand together: each node covers a range of the sorted pieces.
    const ranges: [from: number, to: number, depth: number][] = [[0, order.length, 0]]
    for (let node = 0; node < ranges.length; node++) {
      const [from, to, depth] = ranges[node] ?? [0, 0, 0]
      this.#starts[node] = ranges.length
      for (let at = from; at < to;) {
        if (text(at).length === depth) {
          this.#pieces[node] = order[at++] ?? -1
          continue
        }
        const unit = text(at).charCodeAt(depth)
        const begin = at
        while (at < to && text(at).charCodeAt(depth) === unit) at++
        this.#units[ranges.length] = unit
        if (depth === 0) this.#roots[unit] = ranges.length
        ranges.push([begin, at, depth + 1])
      }
      this.#ends[node] = ranges.length
    }
  }

  /** Calls `found` with each piece that `text` has at `start`, and where it ends. */
  search(text: string, start: number, found: (piece: number, end: number) => void): void {
    let node = this.#roots[text.charCodeAt(start)] ?? 0
    for (let at = start + 1; node !== 0; at++) {
      const piece = this.#pieces[node] ?? -1
      if (piece !== -1) found(piece, at)
      if (at >= text.length) return
      node = this.#child(node, text.charCodeAt(at))
    }
  }

  #child(node: number, unit: number): number {
    let [low, high] = [this.#starts[node] ?? 0, this.#ends[node] ?? 0]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#units[middle] ?? 0) < unit) low = middle + 1
      else high = middle
    }
    return low < (this.#ends[node] ?? 0) && this.#units[low] === unit ? low : 0
  }
}
