import type { Node } from "./node.ts"
import { broadcastAxes, sameShape, type Shape } from "./shape.ts"

const lift = (like: Node, value: Node | number): Node => typeof value === "number" ? like.graph.scalar(value) : value

/** `a + b`, broadcasting. */
export const add = (a: Node, b: Node | number): Node => a.graph.node("add", [a, lift(a, b)], {})

/** `a - b`, broadcasting. */
export const sub = (a: Node, b: Node | number): Node => a.graph.node("sub", [a, lift(a, b)], {})

/** `a · b` element by element, broadcasting. */
export const mul = (a: Node, b: Node | number): Node => a.graph.node("mul", [a, lift(a, b)], {})

/** `a / b` element by element, broadcasting. */
export const div = (a: Node, b: Node | number): Node => a.graph.node("div", [a, lift(a, b)], {})

/** `eˣ`. */
export const exp = (x: Node): Node => x.graph.node("exp", [x], {})

/** The hyperbolic tangent. */
export const tanh = (x: Node): Node => x.graph.node("tanh", [x], {})

/** The error function `2/√π ∫₀ˣ e^{-t²} dt`. */
export const erf = (x: Node): Node => x.graph.node("erf", [x], {})

/** `max(x, 0)`. */
export const relu = (x: Node): Node => x.graph.node("relu", [x], {})

/** `values` where `reference` (of the same shape) is above zero, else 0. */
export const keepPositive = (values: Node, reference: Node): Node =>
  values.graph.node("keepPositive", [values, reference], {})

/** Options of `matmul`: `transposeA` and `transposeB` swap the last two axes first, `scale` multiplies the product. */
export interface MatmulOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  readonly scale?: number
}

/** `scale · a b`: `[…, m, k] × […, k, n]` with equal leading axes, or `[…, m, k] × [k, n]`, gives `[…, m, n]`. */
export const matmul = (a: Node, b: Node, options: MatmulOptions = {}): Node => {
  const { transposeA = false, transposeB = false, scale = 1 } = options
  return a.graph.node("matmul", [a, b], { transposeA, transposeB, scale })
}

/** The same elements in row-major order under another shape. */
export const reshape = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : x.graph.node("reshape", [x], { shape })

/** Axes in another order: axis `i` of the result is axis `order[i]` of `x`. */
export const transpose = (x: Node, order: readonly number[]): Node => x.graph.node("transpose", [x], { order })

/** The `length` elements of an axis from `start` on. */
export const slice = (x: Node, axis: number, start: number, length: number): Node =>
  start === 0 && length === x.shape[axis] ? x : x.graph.node("slice", [x], { axis, start, length })

/** `x` between `before` and `after` zeros along an axis: the adjoint of `slice`. */
export const pad = (x: Node, axis: number, before: number, after: number): Node =>
  x.graph.node("pad", [x], { axis, before, after })

/** One behind the other along an axis; the other axes are equal. */
export const concat = (parts: readonly [Node, ...Node[]], axis: number): Node =>
  parts.length === 1 ? parts[0] : parts[0].graph.node("concat", parts, { axis })

/** The sum along `axes`, which remain with dimension 1. */
export const sum = (x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? x : x.graph.node("sum", [x], { axes })

/** `x` repeated along its axes of dimension 1 (and new leading axes) until it has `shape`. */
export const broadcast = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : x.graph.node("broadcast", [x], { shape })

/** The adjoint of `broadcast`: `x` summed until it has `shape`. */
export const sumTo = (x: Node, shape: Shape): Node => reshape(sum(x, broadcastAxes(shape, x.shape)), shape)

/** `e^{xᵢ} / Σⱼ e^{xⱼ}` along the last axis. */
export const softmax = (x: Node): Node => x.graph.node("softmax", [x], {})

/** `xᵢ - ln Σⱼ e^{xⱼ}` along the last axis. */
export const logSoftmax = (x: Node): Node => x.graph.node("logSoftmax", [x], {})

/** `weight · x / √(mean(x²) + epsilon)` along the last axis: Zhang and Sennrich 2019, <https://arxiv.org/abs/1910.07467>. */
export const rmsNorm = (x: Node, weight: Node, epsilon: number): Node =>
  x.graph.node("rmsNorm", [x, weight], { epsilon })

/** `1 / √(mean(x²) + epsilon)` along the last axis, which remains with dimension 1. */
export const inverseRms = (x: Node, epsilon: number): Node => x.graph.node("inverseRms", [x], { epsilon })

/**
 * `weight · (x - mean(x)) / √(var(x) + epsilon) + bias` along the last axis: Ba, Kiros and Hinton 2016,
 * <https://arxiv.org/abs/1607.06450>.
 */
export const layerNorm = (x: Node, weight: Node, bias: Node, epsilon: number): Node =>
  x.graph.node("layerNorm", [x, weight, bias], { epsilon })

/** The mean along the last axis, which remains with dimension 1. */
export const mean = (x: Node): Node => x.graph.node("mean", [x], {})

/** `1 / √(var(x) + epsilon)` along the last axis, which remains with dimension 1; the variance divides by the count. */
export const inverseDeviation = (x: Node, epsilon: number): Node => x.graph.node("inverseDeviation", [x], { epsilon })

/** Rows of `table` `[rows, width]` by int32 `indices` `[…]`: `[…, width]`. */
export const gather = (table: Node, indices: Node): Node => table.graph.node("gather", [table, indices], {})

/** `base` `[rows, width]` with each row of `updates` `[…, width]` added to the row that `indices` `[…]` names. */
export const scatterAdd = (base: Node, indices: Node, updates: Node): Node =>
  base.graph.node("scatterAdd", [base, indices, updates], {})

/** `-ln softmax(logits)` at each row's label: `[rows, classes]` and int32 `[rows]` give `[rows]`. */
export const crossEntropy = (logits: Node, labels: Node): Node =>
  logits.graph.node("crossEntropy", [logits, logSoftmax(logits), labels], {})

/** `base` `[rows, columns]` with `values[i]` added at row `i`, column `columns[i]`. */
export const addAt = (base: Node, columns: Node, values: Node): Node =>
  base.graph.node("addAt", [base, columns, values], {})

/** The int32 position of the largest element along the last axis (the first of equals), which goes. */
export const argmax = (x: Node): Node => x.graph.node("argmax", [x], {})

/** `x · Φ(x)` with Φ of the standard normal distribution: Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>. */
export const gelu = (x: Node): Node => x.graph.node("gelu", [x], {})

/** The tanh approximation of GELU, `gelu_new` in Hugging Face: Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>. */
export const geluTanh = (x: Node): Node => {
  const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))
  return mul(mul(x, 0.5), add(tanh(inner), 1))
}
