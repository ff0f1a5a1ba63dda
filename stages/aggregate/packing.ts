/**
 * Several columns of small whole numbers in one of doubles, so that one multiplication weighs them all.
 *
 * A double holds whole numbers below 2^53 exactly. Columns stand in it like digits, each with bits enough for its
 * largest possible sum of either sign, so sums of packed columns are exact and in any order the same. A column with
 * fractions stands by itself.
 */

/** A column in a word, and how many values its sums may have there; 0 for fractions. */
interface Place {
  readonly column: number
  readonly span: number
}

/** Columns in words: the distinct ones, for equal columns are packed once. */
export interface Packed {
  /** Each as long as a column. */
  readonly words: ReadonlyArray<Float64Array>
  /** The columns of each word, the lowest bits first. */
  readonly places: ReadonlyArray<ReadonlyArray<Place>>
  /** For each column that was given, which of the distinct ones it is. */
  readonly column: ReadonlyArray<number>
  readonly distinct: number
}

const wordBits = 52

/** Bits for any weighted sum of a column, the weights being whole, not negative, and `most` in sum at most. */
const bitsOf = (column: Float64Array, most: number): number => {
  let largest = 0
  for (const value of column) {
    if (!Number.isSafeInteger(value)) return Number.POSITIVE_INFINITY
    largest = Math.max(largest, Math.abs(value))
  }
  return largest === 0 ? 0 : Math.ceil(Math.log2(2 * largest * most + 2))
}

/** Packs columns of one length for weights whose sum is `most` at most. */
export const pack = (given: ReadonlyArray<Float64Array>, most: number): Packed => {
  const known = new Map<string, number>()
  const distinct: Array<Float64Array> = []
  const column = given.map((values) => {
    const key = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("latin1")
    const before = known.get(key)
    if (before !== undefined) return before
    known.set(key, distinct.length)
    return distinct.push(values) - 1
  })
  const words: Array<Float64Array> = []
  const places: Array<Array<Place>> = []
  const free: Array<number> = []
  distinct.forEach((values, index) => {
    const bits = bitsOf(values, most)
    const whole = bits <= wordBits
    const room = whole ? free.findIndex((left) => left >= bits) : -1
    const word = room === -1 ? words.push(new Float64Array(values.length)) - 1 : room
    const scale = 2 ** (wordBits - (free[word] ?? wordBits))
    free[word] = whole ? (free[word] ?? wordBits) - bits : 0
    const packed = words[word] ?? new Float64Array()
    for (let place = 0; place < values.length; place++) {
      packed[place] = (packed[place] ?? 0) + (values[place] ?? 0) * scale
    }
    places[word] = [...(places[word] ?? []), { column: index, span: whole ? 2 ** bits : 0 }]
  })
  return { words, places, column, distinct: distinct.length }
}

/** Takes the sums of columns out of sums of words: `sums[column][row]` out of `packed[word * rows + row]`. */
export const unpack = (
  { places }: Packed,
  packed: Float64Array,
  rows: number,
  sums: ReadonlyArray<Float64Array>,
): void => {
  places.forEach((inside, word) => {
    const outs = inside.map(({ column }) => sums[column] ?? new Float64Array())
    for (let row = 0; row < rows; row++) {
      let value = packed[word * rows + row] ?? 0
      for (let index = 0; index < inside.length; index++) {
        const span = inside[index]?.span ?? 0
        const out = outs[index]
        if (out === undefined) continue
        // The lowest digit, of either sign.
        const digit = span === 0 ? value : value - span * Math.round(value / span)
        out[row] = digit
        value = (value - digit) / (span || 1)
      }
    }
  })
}
