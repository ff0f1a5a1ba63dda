// AssemblyScript: ../build.ts compiles it to WebAssembly. Arrays are blocks of the module's own memory, given by
// address; counts are multiples of 4, those of dropout of 8.

/**
 * AdamW in float32: `rest` is 1 - `beta` of each moment, `scale` multiplies the gradients, `keep` is what weight decay
 * leaves of a weight, `rate` the learning rate over the correction of the first moment, `inverse` one over the root of
 * the second's.
 */
export function adamW(
  weights: usize,
  gradients: usize,
  first: usize,
  second: usize,
  count: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  keep: f32,
  rate: f32,
  inverse: f32,
  scale: f32,
): void {
  const decay1 = f32x4.splat(beta1)
  const decay2 = f32x4.splat(beta2)
  const added1 = f32x4.splat(rest1)
  const added2 = f32x4.splat(rest2)
  const above = f32x4.splat(epsilon)
  const kept = f32x4.splat(keep)
  const step = f32x4.splat(rate)
  const correction = f32x4.splat(inverse)
  const factor = f32x4.splat(scale)
  for (let end = <usize> count << 2, at: usize = 0; at < end; at += 16) {
    const g = f32x4.mul(v128.load(gradients + at), factor)
    const m = f32x4.add(f32x4.mul(v128.load(first + at), decay1), f32x4.mul(g, added1))
    const v = f32x4.add(f32x4.mul(v128.load(second + at), decay2), f32x4.mul(f32x4.mul(g, g), added2))
    v128.store(first + at, m)
    v128.store(second + at, v)
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(v), correction), above)
    const update = f32x4.div(f32x4.mul(m, step), root)
    v128.store(weights + at, f32x4.sub(f32x4.mul(v128.load(weights + at), kept), update))
  }
}

/** The sum of the squares in float64, in four partial sums. */
export function sumOfSquares(values: usize, count: i32): f64 {
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let end = <usize> count << 2, at: usize = 0; at < end; at += 16) {
    const x = v128.load(values + at)
    const a = f64x2.promote_low_f32x4(x)
    const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0))
    low = f64x2.add(low, f64x2.mul(a, a))
    high = f64x2.add(high, f64x2.mul(b, b))
  }
  const both = f64x2.add(low, high)
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)
}

/**
 * A dropout mask of `count` values: 0 where one of the draws of 16 bits is below `threshold`, else the
 * float32 with the bits `kept`. `state` is that of four generators sfc32 side by side: a, b, c and the counter, four
 * words each.
 */
export function dropout(mask: usize, count: i32, threshold: i32, kept: i32, state: usize): void {
  let a = v128.load(state)
  let b = v128.load(state, 16)
  let c = v128.load(state, 32)
  let counter = v128.load(state, 48)
  const one = i32x4.splat(1)
  const low = i32x4.splat(0xffff)
  const least = i32x4.splat(threshold)
  const value = i32x4.splat(kept)
  for (let end = <usize> count << 2, at: usize = 0; at < end; at += 32) {
    const bits = i32x4.add(i32x4.add(a, b), counter)
    counter = i32x4.add(counter, one)
    a = v128.xor(b, i32x4.shr_u(b, 9))
    b = i32x4.add(c, i32x4.shl(c, 3))
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), bits)
    v128.store(mask + at, v128.and(i32x4.ge_s(v128.and(bits, low), least), value))
    v128.store(mask + at, v128.and(i32x4.ge_s(i32x4.shr_u(bits, 16), least), value), 16)
  }
  v128.store(state, a)
  v128.store(state, b, 16)
  v128.store(state, c, 32)
  v128.store(state, counter, 48)
}
