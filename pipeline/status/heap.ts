/** Things of which the one with the least number comes out first; of equal ones any. */
export class Heap<A> {
  readonly #items: Array<{ readonly at: number; readonly value: A }> = []

  get size(): number {
    return this.#items.length
  }

  /** The number of what comes out next; undefined where nothing is left. */
  get least(): number | undefined {
    return this.#items[0]?.at
  }

  push(at: number, value: A): void {
    const items = this.#items
    const item = { at, value }
    let place = items.length
    items.push(item)
    while (place > 0) {
      const above = (place - 1) >>> 1
      const parent = items[above]
      if (parent === undefined || parent.at <= at) break
      items[place] = parent
      place = above
    }
    items[place] = item
  }

  pop(): A | undefined {
    const items = this.#items
    const [first, last] = [items[0], items.pop()]
    if (first === undefined || last === undefined || items.length === 0) return first?.value
    let place = 0
    for (;;) {
      const [left, right] = [items[2 * place + 1], items[2 * place + 2]]
      if (left === undefined) break
      const isRight = right !== undefined && right.at < left.at
      const child = isRight ? right : left
      if (child.at >= last.at) break
      items[place] = child
      place = 2 * place + (isRight ? 2 : 1)
    }
    items[place] = last
    return first.value
  }
}
