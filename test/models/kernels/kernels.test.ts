import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { compileKernels } from "../../../models/kernels/build.ts"
import { Random } from "../../../models/kernels/random.ts"

/** The generator of random.ts, four of them taking turns, as plain as can be: 32 bits give two masks of 16 bits. */
const plainDropout = (count: number, rate: number, seeds: Int32Array): Float32Array => {
  const generators = [0, 1, 2, 3].map((lane) => {
    let [a, b, c, counter] = [seeds[lane] ?? 0, seeds[4 + lane] ?? 0, seeds[8 + lane] ?? 0, 1]
    return (): number => {
      const bits = (a + b + counter) | 0
      counter = (counter + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (((c << 21) | (c >>> 11)) + bits) | 0
      return bits
    }
  })
  const kept = Math.fround(1 / (1 - rate))
  const drawn: number[] = []
  while (drawn.length < count) {
    const bits = generators.map((next) => next())
    for (const word of bits) drawn.push(word & 0xffff)
    for (const word of bits) drawn.push(word >>> 16)
  }
  return Float32Array.from(drawn.slice(0, count), (draw) => draw < Math.round(rate * 0x1_0000) ? 0 : kept)
}

describe("kernels", () => {
  it("are those that their source says", () => {
    const kept = readFileSync(new URL("../../../models/kernels/binary.ts", import.meta.url), "utf8")
    assert.strictEqual(kept, compileKernels())
  })

  it("draw the masks that the plain generator draws, over several blocks and odd lengths", () => {
    for (const [count, rate] of [[1, 0.5], [7, 0.1], [8192, 0.1], [20_003, 0.25]] as const) {
      const seeds = new Random(3, count)
      const expected = plainDropout(count, rate, Int32Array.from({ length: 12 }, () => seeds.bits()))
      const mask = new Float32Array(count)
      new Random(3, count).fillDropout(mask, rate)
      assert.deepStrictEqual(mask, expected, `${count} at ${rate}`)
    }
  })

  it("drop as often as they are told, independently along a mask and between masks", () => {
    const random = new Random(11)
    const [one, other] = [new Float32Array(1 << 18), new Float32Array(1 << 18)]
    random.fillDropout(one, 0.1)
    random.fillDropout(other, 0.1)
    const share = (wanted: (index: number) => boolean): number => {
      let count = 0
      for (let index = 0; index < one.length; index++) if (wanted(index)) count += 1
      return count / one.length
    }
    const dropped = (mask: Float32Array, index: number): boolean => mask[index % mask.length] === 0
    // Five standard deviations of a binomial share.
    assert.approximately(share((index) => dropped(one, index)), 0.1, 5 * Math.sqrt(0.09 / one.length))
    for (const distance of [1, 4, 8, 32]) {
      const both = share((index) => dropped(one, index) && dropped(one, index + distance))
      assert.approximately(both, 0.01, 5 * Math.sqrt(0.0099 / one.length), `distance ${distance}`)
    }
    const both = share((index) => dropped(one, index) && dropped(other, index))
    assert.approximately(both, 0.01, 5 * Math.sqrt(0.0099 / one.length))
  })
})
