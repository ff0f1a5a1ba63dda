import { pack, unpack } from "./packing.ts"
import type { Random } from "./random.ts"
import { type Block, blockRows, packedSums } from "./weighted-sums.ts"

/** Up to so many words of columns, adding up what is drawn takes less time than weighing everything. */
const fewWords = 4

/** Documents that are drawn at a time: they stay in the processor's cache while they are added up. */
const drawsAtOnce = 1024

/** Draws n of n documents, some at a time: the same ones whatever they are drawn for. */
const drawn = (random: Random, documents: number) => {
  const buffer = new Int32Array(Math.min(drawsAtOnce, documents))
  return (use: (places: Int32Array) => void): void => {
    for (let done = 0; done < documents; done += drawsAtOnce) {
      const places = buffer.subarray(0, documents - done)
      random.fillBelow(places, documents)
      use(places)
    }
  }
}

/** Writes how often each document is drawn; what is behind the documents counts once, always. */
const countDrawn = (random: Random, documents: number) => {
  const draw = drawn(random, documents)
  return (row: Float64Array): void => {
    row.fill(0)
    row[documents] = 1
    draw((places) => {
      for (let index = 0; index < places.length; index++) {
        const place = places[index] ?? 0
        row[place] = (row[place] ?? 0) + 1
      }
    })
  }
}

/** Adds what two words, which lie place by place, have at some places to the sums of both. */
const addDrawn = (pair: Float64Array, places: Int32Array, sums: Float64Array): void => {
  let [first, second] = [sums[0] ?? 0, sums[1] ?? 0]
  for (let draw = 0; draw < places.length; draw++) {
    const at = 2 * (places[draw] ?? 0)
    first += pair[at] ?? 0
    second += pair[at + 1] ?? 0
  }
  sums[0] = first
  sums[1] = second
}

/**
 * The sums of columns over resamples of documents, block by block: of n documents n are drawn, each as likely as any;
 * what is behind the documents counts once, always. The same columns or others, the same documents are drawn.
 */
export function* resampledSums(
  columns: ReadonlyArray<Float64Array>,
  resamples: number,
  random: Random,
): Generator<Block> {
  const length = columns[0]?.length ?? 0
  const documents = length - 1
  const packed = pack(columns, length)
  // Sums of fractions depend on their order, which is that of the documents.
  const whole = packed.places.flat().every(({ span }) => span > 0)
  if (!whole || packed.words.length > fewWords) {
    return yield* packedSums(packed, length, resamples, countDrawn(random, documents))
  }
  const { words } = packed
  const pairs = Array.from({ length: Math.ceil(words.length / 2) }, (_, index) => {
    const pair = new Float64Array(2 * length)
    words.slice(2 * index, 2 * index + 2).forEach((word, half) =>
      word.forEach((value, place) => {
        pair[2 * place + half] = value
      })
    )
    return pair
  })
  const draw = drawn(random, documents)
  const own = pairs.map(() => new Float64Array(2))
  const out = new Float64Array(2 * pairs.length * blockRows)
  const distinct = Array.from({ length: packed.distinct }, () => new Float64Array(blockRows))
  const sums = packed.column.map((column) => distinct[column] ?? new Float64Array())
  for (let start = 0; start < resamples; start += blockRows) {
    const rows = Math.min(blockRows, resamples - start)
    for (let row = 0; row < rows; row++) {
      pairs.forEach((pair, index) => own[index]?.set(pair.subarray(2 * documents)))
      draw((places) => pairs.forEach((pair, index) => addDrawn(pair, places, own[index] ?? new Float64Array())))
      own.forEach((of, index) =>
        of.forEach((value, half) => {
          out[(2 * index + half) * blockRows + row] = value
        })
      )
    }
    unpack(packed, out, blockRows, distinct)
    yield { start, rows, sums }
  }
}
