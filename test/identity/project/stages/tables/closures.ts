/** Functions that each remember how often they were called. */
export const counters = (count: number): ReadonlyArray<() => number> => {
  const made: Array<() => number> = []
  for (let index = 0; index < count; index++) {
    let calls = index
    made.push(() => {
      calls += count
      return calls + index
    })
  }
  return made
}

/** Names that hide each other. */
export const shadowed = (number: number): number => {
  const outer = number + 1
  const inner = ((number: number) => {
    const outer = number * 2
    {
      const outer = number * 3
      if (outer > 30) return outer
    }
    return outer
  })(outer)
  return inner + outer
}

/** Parts of a nested value. */
export const parts = ({ head: [first = 0, ...rest], tail: { length = rest.length, ...others } }: {
  readonly head: ReadonlyArray<number>
  readonly tail: { readonly length?: number; readonly [name: string]: number | undefined }
}): ReadonlyArray<number> => [first, length, ...rest, Object.keys(others).length]

/** The factorial, by a function that names itself. */
export const factorial = (number: number): number =>
  (function self(left: number): number {
    return left <= 1 ? 1 : left * self(left - 1)
  })(number)

/** What happens when something is thrown. */
export const caught = (number: number): string => {
  try {
    if (number > 5) throw new RangeError(`${number} is too large`)
    return "fine"
  } catch (error) {
    return error instanceof RangeError ? error.message : "other"
  } finally {
    seen.add(number)
  }
}

const seen = new Set<number>()
