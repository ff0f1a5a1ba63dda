/** Ranges of code points, both ends included. */
type Ranges = ReadonlyArray<readonly [from: number, to: number]>

const FIRST_SURROGATE = 0xd800
const SURROGATES = 0x800
const LAST = 0x10ffff

/**
 * The class of RE2 that matches the code points which an expression of JavaScript for one character matches with its
 * flag u, such as `\p{Lu}` or `[^\s,]`: as JavaScript knows them, whatever edition of Unicode RE2 has.
 */
export const characterClass = (atom: string): string => {
  const known = classes.get(atom) ?? written(rangesOf(atom))
  classes.set(atom, known)
  return known
}

/** What is met in every template, so that no process looks for its code points. */
const classes = new Map([
  [".", String.raw`[^\n\r\x{2028}\x{2029}]`],
  ["[^]", String.raw`[\x{0}-\x{10ffff}]`],
  [String.raw`\d`, "[0-9]"],
  [String.raw`\w`, "[0-9A-Z_a-z]"],
])

/** The class of one code point. */
export const characterOf = (codePoint: number): string => `\\x{${codePoint.toString(16)}}`

const written = (ranges: Ranges): string =>
  ranges.length === 0
    ? String.raw`[^\x{0}-\x{10ffff}]`
    : `[${ranges.map(([from, to]) => `${characterOf(from)}-${characterOf(to)}`).join("")}]`

const rangesOf = (atom: string): Ranges => {
  const ranges: Array<[number, number]> = []
  const add = (from: number, to: number): void => {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] + 1 === from) last[1] = to
    else ranges.push([from, to])
  }
  const runs = new RegExp(`${atom}+`, "gu")
  for (const { 0: run, index } of belowSurrogates().matchAll(runs)) add(index, index + run.length - 1)
  const one = new RegExp(`^${atom}$`, "u")
  for (let each = FIRST_SURROGATE; each < FIRST_SURROGATE + SURROGATES; each++) {
    if (one.test(String.fromCharCode(each))) add(each, each)
  }
  const { text, first } = aboveSurrogates()
  for (const { 0: run, index } of text.matchAll(runs)) {
    add(first(index), first(index + run.length) - 1)
  }
  return ranges
}

const textOf = (from: number, to: number): string => {
  const parts: Array<string> = []
  for (let start = from; start <= to; start += 1 << 12) {
    const length = Math.min(1 << 12, to + 1 - start)
    parts.push(String.fromCodePoint(...Array.from({ length }, (_, index) => start + index)))
  }
  return parts.join("")
}

const once = <A>(make: () => A): () => A => {
  let made: A | undefined
  return () => (made ??= make())
}

const belowSurrogates = once(() => textOf(0, FIRST_SURROGATE - 1))

/** All code points above the surrogates, and the code point that stands at an index of the text. */
const aboveSurrogates = once(() => {
  const from = FIRST_SURROGATE + SURROGATES
  const plane = 0x10000
  const first = (index: number): number => index < plane - from ? from + index : plane + (index - (plane - from)) / 2
  return { text: textOf(from, LAST), first }
})
