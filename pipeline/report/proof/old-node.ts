/**
 * Programs are made for the Node that redag pins, and whoever verifies a proof may have Node 20: it lacks `Map.groupBy` and
 * what iterators can do.
 */
export const completeOldNode = (): void => {
  define(Map, { groupBy })
  const arrays: object = [][Symbol.iterator]()
  // What all iterators of the language inherit.
  const iterators: unknown = Object.getPrototypeOf(Object.getPrototypeOf(arrays))
  if (typeof iterators === "object" && iterators !== null) define(iterators, helpers)
}

const define = (target: object, methods: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(methods)) {
    if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true })
  }
}

const groupBy = <A, K>(all: Iterable<A>, keyOf: (each: A, index: number) => K): Map<K, Array<A>> => {
  const groups = new Map<K, Array<A>>()
  let index = 0
  for (const each of all) {
    const key = keyOf(each, index++)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [each])
    else group.push(each)
  }
  return groups
}

type Of<A> = (each: unknown, index: number) => A

/** The methods of `Iterator.prototype` that a program may use; they stop where the language's do. */
const helpers = {
  *map(this: Iterable<unknown>, of: Of<unknown>) {
    let index = 0
    for (const each of this) yield of(each, index++)
  },
  *filter(this: Iterable<unknown>, of: Of<boolean>) {
    let index = 0
    for (const each of this) if (of(each, index++)) yield each
  },
  *flatMap(this: Iterable<unknown>, of: Of<Iterable<unknown>>) {
    let index = 0
    for (const each of this) yield* of(each, index++)
  },
  *take(this: Iterable<unknown>, most: number) {
    let index = 0
    if (most > 0) {
      for (const each of this) {
        yield each
        if (++index >= most) return
      }
    }
  },
  every(this: Iterable<unknown>, of: Of<boolean>): boolean {
    let index = 0
    for (const each of this) if (!of(each, index++)) return false
    return true
  },
  some(this: Iterable<unknown>, of: Of<boolean>): boolean {
    let index = 0
    for (const each of this) if (of(each, index++)) return true
    return false
  },
  find(this: Iterable<unknown>, of: Of<boolean>): unknown {
    let index = 0
    for (const each of this) if (of(each, index++)) return each
    return undefined
  },
  reduce(
    this: Iterable<unknown>,
    of: (before: unknown, each: unknown, index: number) => unknown,
    ...start: [unknown?]
  ): unknown {
    return start.length === 0 ? [...this].reduce(of) : [...this].reduce(of, start[0])
  },
  forEach(this: Iterable<unknown>, of: Of<void>): void {
    let index = 0
    for (const each of this) of(each, index++)
  },
  toArray(this: Iterable<unknown>): ReadonlyArray<unknown> {
    return [...this]
  },
}
