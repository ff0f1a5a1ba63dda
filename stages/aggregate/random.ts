import { createHash } from "node:crypto"

type Words = readonly [number, number, number, number]

/** Random bits: xoshiro128** 1.1 of Blackman and Vigna, <https://prng.di.unimi.it/xoshiro128starstar.c>. */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** Goes on from a state, which must not be all zeros. */
  constructor([a, b, c, d]: Words) {
    this.#a = a | 0
    this.#b = b | 0
    this.#c = c | 0
    this.#d = d | 0
  }

  /** The sequence of a seed for one purpose; another purpose gets an unrelated one. */
  static of(seed: number, purpose: string): Random {
    const hash = createHash("sha256").update(`${seed}/${purpose}`).digest()
    return new Random([hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8), hash.readInt32LE(12)])
  }

  /** 32 random bits, as a number from 0. */
  bits(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result >>> 0
  }

  /** One of the numbers 0 … limit - 1, each as likely as any: Lemire's multiplication with rejection. */
  below(limit: number): number {
    for (;;) {
      // Exact, for limits are far below 2^21.
      const product = this.bits() * limit
      const high = Math.floor(product / 0x1_0000_0000)
      const low = product - high * 0x1_0000_0000
      if (low >= limit || low >= 0x1_0000_0000 % limit) return high
    }
  }

  /** Writes what as many calls of `below` give; the state stays in registers, which takes a fraction of the time. */
  fillBelow(numbers: Int32Array, limit: number): void {
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d]
    const least = 0x1_0000_0000 % limit
    for (let place = 0; place < numbers.length;) {
      const product = Math.imul(b, 5)
      const bits = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
      const shifted = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= shifted
      d = (d << 11) | (d >>> 21)
      if (Math.imul(bits, limit) >>> 0 >= least) numbers[place++] = bits * limit / 0x1_0000_0000
    }
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
  }
}
