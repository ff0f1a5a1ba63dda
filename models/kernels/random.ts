import { fillDropout } from "./kernels.ts"

// The 32-bit finaliser of MurmurHash3: https://github.com/aappleby/smhasher (public domain).
const mix = (value: number): number => {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) | 0
}

/**
 * A seeded random sequence: sfc32 of Chris Doty-Humphrey's PractRand, <https://pracrand.sourceforge.net>.
 * The same keys give the same sequence everywhere; other keys give an unrelated one, so that `new Random(seed, step)`
 * needs no state carried from step to step.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(...keys: readonly number[]) {
    let state = 0x9e3779b9
    const absorb = (word: number): number => state = mix(Math.imul(state, 31) + word)
    // A key may exceed 32 bits: both halves count.
    for (const key of keys) {
      absorb(key | 0)
      absorb(Math.floor(key / 0x1_0000_0000))
    }
    this.#a = absorb(1)
    this.#b = absorb(2)
    this.#c = absorb(3)
    for (let round = 0; round < 12; round++) this.bits()
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    return (this.bits() >>> 0) / 0x1_0000_0000
  }

  /** A standard normal number: Marsaglia's polar method, the second of each pair dropped. */
  normal(): number {
    for (;;) {
      const [u, v] = [2 * this.uniform() - 1, 2 * this.uniform() - 1]
      const s = u * u + v * v
      if (s > 0 && s < 1) return u * Math.sqrt(-2 * Math.log(s) / s)
    }
  }

  /** The numbers 0 … count - 1 in random order: Fisher and Yates. */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, index) => index)
    for (let last = count - 1; last > 0; last--) {
      const other = Math.floor(this.uniform() * (last + 1))
      const moved = order[last] ?? 0
      order[last] = order[other] ?? 0
      order[other] = moved
    }
    return order
  }

  /**
   * Fills a dropout mask: 0 with probability `rate` (to within 1/65536), else `1 / (1 - rate)`, so that the expected
   * value is 1. Another twelve words of this sequence begin each mask.
   */
  fillDropout(mask: Float32Array, rate: number): void {
    const seeds = Int32Array.from({ length: 12 }, () => this.bits())
    fillDropout(mask, Math.round(rate * 0x1_0000), 1 / (1 - rate), seeds)
  }
}
