import { pack, type Packed, unpack } from "./packing.ts"

/** Rows of weights that are drawn and used at a time; with the columns they stay in the processor's cache. */
export const blockRows = 64

/** The sums of all columns for some rows of weights: `sums[column][row]`, valid until the next block is asked for. */
export interface Block {
  /** The first row of the block, and how many there are. */
  readonly start: number
  readonly rows: number
  readonly sums: ReadonlyArray<Float64Array>
}

/**
 * `out[word * rows + row]`: each word's numbers weighed and summed; `words` and `weights` lie one after another.
 *
 * Four rows and two words at a time, for the eight sums stay in registers; `rows` is a multiple of four and the number
 * of words of two.
 */
const multiply = (
  weights: Float64Array,
  words: Float64Array,
  rows: number,
  length: number,
  out: Float64Array,
): void => {
  const count = words.length / length
  for (let row = 0; row < rows; row += 4) {
    const r0 = row * length
    const r1 = r0 + length
    const r2 = r1 + length
    const r3 = r2 + length
    for (let word = 0; word < count; word += 2) {
      const w0 = word * length
      const w1 = w0 + length
      let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0]
      for (let place = 0; place < length; place++) {
        const a = words[w0 + place] ?? 0
        const b = words[w1 + place] ?? 0
        const m0 = weights[r0 + place] ?? 0
        const m1 = weights[r1 + place] ?? 0
        const m2 = weights[r2 + place] ?? 0
        const m3 = weights[r3 + place] ?? 0
        a0 += a * m0
        a1 += a * m1
        a2 += a * m2
        a3 += a * m3
        b0 += b * m0
        b1 += b * m1
        b2 += b * m2
        b3 += b * m3
      }
      const o = word * rows + row
      out[o] = a0
      out[o + 1] = a1
      out[o + 2] = a2
      out[o + 3] = a3
      out[o + rows] = b0
      out[o + rows + 1] = b1
      out[o + rows + 2] = b2
      out[o + rows + 3] = b3
    }
  }
}

/**
 * The sums of columns under many rows of random weights, block by block.
 *
 * `draw` writes one row of weights, whole numbers that are not negative and in sum no more than the columns are long;
 * it finds the row as it was left by another draw. Sums of whole numbers are exact.
 */
export function* weightedSums(
  columns: ReadonlyArray<Float64Array>,
  total: number,
  draw: (row: Float64Array) => void,
): Generator<Block> {
  const length = columns[0]?.length ?? 0
  yield* packedSums(pack(columns, length), length, total, draw)
}

/** The same of columns of a length that are packed. */
export function* packedSums(
  packed: Packed,
  length: number,
  total: number,
  draw: (row: Float64Array) => void,
): Generator<Block> {
  const words = new Float64Array((packed.words.length + 1 & ~1) * length)
  packed.words.forEach((word, index) => words.set(word, index * length))
  const weights = new Float64Array(blockRows * length)
  const each = Array.from({ length: blockRows }, (_, row) => weights.subarray(row * length, (row + 1) * length))
  const out = new Float64Array((packed.words.length + 1) * blockRows)
  const distinct = Array.from({ length: packed.distinct }, () => new Float64Array(blockRows))
  const sums = packed.column.map((column) => distinct[column] ?? new Float64Array())
  for (let start = 0; start < total; start += blockRows) {
    const rows = Math.min(blockRows, total - start)
    for (const row of each.slice(0, rows)) draw(row)
    multiply(weights, words, blockRows, length, out)
    unpack(packed, out, blockRows, distinct)
    yield { start, rows, sums }
  }
}
