/**
 * The part of numpy's random numbers that the paper's few-shot selections depend on: `default_rng(seed).permutation(n)`.
 *
 * Written from numpy's published algorithms: SeedSequence (hashing a seed into a state), PCG64 (the 128-bit PCG with
 * XSL-RR output), and Generator.shuffle (Fisher-Yates from the end, bounded integers by masked rejection).
 */

const poolSize = 4
const multiply = Math.imul

/** Hashes words one after another, with a multiplier that changes at each word. */
const hasher = (initial: number, factor: number): (word: number) => number => {
  let constant = initial
  return (word) => {
    const mixed = word ^ constant
    constant = multiply(constant, factor)
    const product = multiply(mixed, constant)
    return (product ^ (product >>> 16)) >>> 0
  }
}

const mix = (x: number, y: number): number => {
  const difference = (multiply(0xca01f9dd, x) - multiply(0x4973f715, y)) | 0
  return (difference ^ (difference >>> 16)) >>> 0
}

/** SeedSequence(seed).generate_state(4, uint64). */
const seedState = (seed: number): readonly [bigint, bigint, bigint, bigint] => {
  // The seed's 32-bit words, the lowest first; a JavaScript integer has at most two.
  const entropy = [seed >>> 0, Math.floor(seed / 2 ** 32), 0, 0]
  const hash = hasher(0x43b0d7e5, 0x931e8875)
  const pool = entropy.map(hash)
  for (let source = 0; source < poolSize; source++) {
    for (let target = 0; target < poolSize; target++) {
      if (source !== target) pool[target] = mix(pool[target] ?? 0, hash(pool[source] ?? 0))
    }
  }
  const output = hasher(0x8b51f9dd, 0x58f38ded)
  const words = Array.from({ length: 8 }, (_, index) => BigInt(output(pool[index % poolSize] ?? 0)))
  const pair = (index: number): bigint => (words[index] ?? 0n) | ((words[index + 1] ?? 0n) << 32n)
  return [pair(0), pair(2), pair(4), pair(6)]
}

const mask64 = (1n << 64n) - 1n
const mask128 = (1n << 128n) - 1n
const multiplier = (2549297995355413924n << 64n) | 4865540595714422341n

/** PCG64(seed), giving 32 bits at a time: the low half of each 64-bit number, then its high half. */
const pcg64 = (seed: number): () => number => {
  const [stateHigh, stateLow, sequenceHigh, sequenceLow] = seedState(seed)
  const increment = ((((sequenceHigh << 64n) | sequenceLow) << 1n) | 1n) & mask128
  const step = (state: bigint): bigint => (state * multiplier + increment) & mask128
  let state = step((increment + ((stateHigh << 64n) | stateLow)) & mask128)
  let high: number | undefined
  return () => {
    if (high !== undefined) {
      const half = high
      high = undefined
      return half
    }
    state = step(state)
    const folded = (state >> 64n) ^ (state & mask64)
    const rotation = state >> 122n
    const value = ((folded >> rotation) | (folded << ((64n - rotation) & 63n))) & mask64
    high = Number(value >> 32n)
    return Number(value & 0xffffffffn)
  }
}

/** numpy's `default_rng(seed).permutation(n)`. */
export const permutation = (seed: number, n: number): ReadonlyArray<number> => {
  const next = pcg64(seed)
  const order = Array.from({ length: n }, (_, index) => index)
  for (let last = n - 1; last > 0; last--) {
    const mask = 2 ** (32 - Math.clz32(last)) - 1
    let chosen = (next() & mask) >>> 0
    while (chosen > last) chosen = (next() & mask) >>> 0
    const moved = order[last] ?? 0
    order[last] = order[chosen] ?? 0
    order[chosen] = moved
  }
  return order
}
