/** What is done when nothing else is said. */
const fallback = "double"
const offset = 4

const double = (number: number): number => number * 2
function shifted(number: number, by = offset): number {
  return number + by
}

/** Operations by name. */
export const operations: Readonly<Record<string, (number: number) => number>> = {
  double,
  shifted: (number) => shifted(number),
  squared(number) {
    return number * number
  },
  "as it is": (number) => number,
}

/** Settings, some of which are worked out when they are read. */
export const settings = {
  scale: 2,
  get scaled(): number {
    return this.scale * offset
  },
  ["computed" + String(offset)]: 1,
}

/** Finds an operation. */
export const operationOf = (name = fallback) => operations[name] ?? operations[fallback] ?? double
