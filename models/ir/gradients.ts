import { GradientError } from "./errors.ts"
import { noGradient } from "./messages.ts"
import { describe, type Node, type NodeOf, type OpKind } from "./node.ts"
import {
  add,
  addAt,
  broadcast,
  div,
  erf,
  exp,
  gather,
  inverseDeviation,
  inverseRms,
  keepPositive,
  matmul,
  mean,
  mul,
  pad,
  reshape,
  scatterAdd,
  slice,
  sub,
  sum,
  sumTo,
  transpose,
} from "./ops.ts"
import { dimension, sizeOf } from "./shape.ts"

/** The gradients of a node's inputs given the gradient `dy` of its value; undefined where an input has none. */
type Rule<K extends OpKind> = (node: NodeOf<K>, dy: Node) => readonly (Node | undefined)[]

const value = (node: NodeOf<OpKind>): Node => node as Node

const column = (x: Node): Node => reshape(x, [...x.shape, 1])

const lastAxis = (x: Node): readonly [number] => [x.shape.length - 1]

const rules: { readonly [K in OpKind]: Rule<K> | undefined } = {
  input: () => [],
  constant: () => [],
  add: ({ inputs: [a, b] }, dy) => [sumTo(dy, a.shape), sumTo(dy, b.shape)],
  sub: ({ inputs: [a, b] }, dy) => [sumTo(dy, a.shape), sumTo(mul(dy, -1), b.shape)],
  mul: ({ inputs: [a, b] }, dy) => [sumTo(mul(dy, b), a.shape), sumTo(mul(dy, a), b.shape)],
  div: (node, dy) => {
    const [a, b] = node.inputs
    const da = div(dy, b)
    return [sumTo(da, a.shape), sumTo(mul(mul(da, value(node)), -1), b.shape)]
  },
  exp: (node, dy) => [mul(dy, value(node))],
  tanh: (node, dy) => [sub(dy, mul(mul(dy, value(node)), value(node)))],
  erf: ({ inputs: [x] }, dy) => [mul(dy, mul(exp(mul(mul(x, x), -1)), 2 / Math.sqrt(Math.PI)))],
  relu: (node, dy) => [keepPositive(dy, value(node))],
  // x · Φ(x) has the derivative Φ(x) + x · φ(x).
  gelu: ({ inputs: [x] }, dy) => {
    const cumulative = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5)
    const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
    return [mul(dy, add(cumulative, mul(x, density)))]
  },
  keepPositive: ({ inputs: [, reference] }, dy) => [keepPositive(dy, reference), undefined],
  matmul: ({ inputs: [a, b], attributes: { transposeA, transposeB, scale } }, dy) => {
    const da = transposeA
      ? matmul(b, dy, { transposeA: transposeB, transposeB: true, scale })
      : matmul(dy, b, { transposeB: !transposeB, scale })
    // A matrix shared by every leading index of `a` sums over them, which one product over all rows does.
    const rows = (x: Node): Node =>
      b.shape.length === 2 && !transposeA
        ? reshape(x, [sizeOf(x.shape) / dimension(x.shape, -1), dimension(x.shape, -1)])
        : x
    const db = transposeB
      ? matmul(rows(dy), rows(a), { transposeA: true, transposeB: transposeA, scale })
      : matmul(rows(a), rows(dy), { transposeA: !transposeA, scale })
    return [da, db]
  },
  reshape: ({ inputs: [x] }, dy) => [reshape(dy, x.shape)],
  transpose: ({ attributes: { order } }, dy) => [transpose(dy, order.map((_, axis) => order.indexOf(axis)))],
  slice: ({ inputs: [x], attributes: { axis, start, length } }, dy) => [
    pad(dy, axis, start, dimension(x.shape, axis) - start - length),
  ],
  pad: ({ inputs: [x], attributes: { axis, before } }, dy) => [slice(dy, axis, before, dimension(x.shape, axis))],
  concat: ({ inputs, attributes: { axis } }, dy) => {
    let start = 0
    return inputs.map(({ shape }) => {
      const length = dimension(shape, axis)
      start += length
      return slice(dy, axis, start - length, length)
    })
  },
  sum: ({ inputs: [x] }, dy) => [broadcast(dy, x.shape)],
  broadcast: ({ inputs: [x] }, dy) => [sumTo(dy, x.shape)],
  softmax: (node, dy) => {
    const y = value(node)
    return [mul(y, sub(dy, sum(mul(y, dy), lastAxis(y))))]
  },
  logSoftmax: (node, dy) => [sub(dy, mul(exp(value(node)), sum(dy, lastAxis(dy))))],
  // With r = inverseRms(x), n = x·r and t = dy·n: dx = r·(dy·w - n·mean(t·w)), dw = Σ t; mean(t·w) is a product with w.
  rmsNorm: ({ inputs: [x, weight], attributes: { epsilon } }, dy) => {
    const inverse = inverseRms(x, epsilon)
    const normal = mul(x, inverse)
    const t = mul(dy, normal)
    const mean = matmul(t, column(weight), { scale: 1 / sizeOf(weight.shape) })
    return [mul(inverse, sub(mul(dy, weight), mul(normal, mean))), sumTo(t, weight.shape)]
  },
  inverseRms: (node, dy) => {
    const [x] = node.inputs
    const r = value(node)
    return [mul(x, mul(mul(mul(r, r), mul(r, dy)), -1 / dimension(x.shape, -1)))]
  },
  // With n = (x - mean)·r and g = dy·w: dx = r·(g - mean(g) - n·mean(g·n)), dw = Σ dy·n, db = Σ dy.
  layerNorm: ({ inputs: [x, weight, bias], attributes: { epsilon } }, dy) => {
    const inverse = inverseDeviation(x, epsilon)
    const normal = mul(sub(x, mean(x)), inverse)
    const weighted = mul(dy, weight)
    const t = mul(dy, normal)
    const along = matmul(t, column(weight), { scale: 1 / sizeOf(weight.shape) })
    const dx = mul(inverse, sub(sub(weighted, mean(weighted)), mul(normal, along)))
    return [dx, sumTo(t, weight.shape), sumTo(dy, bias.shape)]
  },
  mean: ({ inputs: [x] }, dy) => [broadcast(mul(dy, 1 / dimension(x.shape, -1)), x.shape)],
  // r = (var + epsilon)^-½ has the derivative -r³ · (x - mean) / count.
  inverseDeviation: (node, dy) => {
    const [x] = node.inputs
    const r = value(node)
    return [mul(sub(x, mean(x)), mul(mul(mul(r, r), mul(r, dy)), -1 / dimension(x.shape, -1)))]
  },
  gather: ({ graph, inputs: [table, indices] }, dy) => [
    scatterAdd(broadcast(graph.scalar(0), table.shape), indices, dy),
    undefined,
  ],
  scatterAdd: ({ inputs: [, indices] }, dy) => [dy, undefined, gather(dy, indices)],
  // The derivative is softmax(logits) - onehot(label), so the log probabilities carry no gradient of their own.
  crossEntropy: ({ inputs: [, logProbabilities, labels] }, dy) => [
    addAt(mul(exp(logProbabilities), column(dy)), labels, mul(dy, -1)),
    undefined,
    undefined,
  ],
  // addAt appears in gradients only, and argmax is a step function.
  addAt: undefined,
  argmax: undefined,
}

/** The gradients of each input of a node, as nodes, given the gradient `dy` of its value. Throws `GradientError`. */
export const gradientRule = (node: Node, dy: Node): readonly (Node | undefined)[] => {
  const rule = rules[node.kind] as Rule<OpKind> | undefined
  if (rule === undefined) throw new GradientError(describe(node), noGradient(node.kind, node.scope))
  return rule(node, dy)
}
