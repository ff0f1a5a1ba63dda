import type { Tensor } from "@tensorflow/tfjs-core"
import type { NodeOf, OpKind, Ops } from "../../ir/node.ts"
import { dimension, sizeOf } from "../../ir/shape.ts"

/** The functions of tfjs, whatever backend is set. */
export type TensorFlow = typeof import("@tensorflow/tfjs-core")

/** An op that computes, unlike `input` and `constant`, which bring their values along. */
export type ComputedKind = Exclude<OpKind, "input" | "constant">

type TensorsOf<Inputs extends readonly unknown[]> = { readonly [I in keyof Inputs]: Tensor }
type Kernel<K extends OpKind> = (tf: TensorFlow, inputs: TensorsOf<Ops[K]["inputs"]>, node: NodeOf<K>) => Tensor

// Only functions of tfjs: its chained methods and its gradients are registered by packages that may be absent.
const kernels: { readonly [K in ComputedKind]: Kernel<K> } = {
  add: (tf, [a, b]) => tf.add(a, b),
  sub: (tf, [a, b]) => tf.sub(a, b),
  mul: (tf, [a, b]) => tf.mul(a, b),
  div: (tf, [a, b]) => tf.div(a, b),
  exp: (tf, [x]) => tf.exp(x),
  tanh: (tf, [x]) => tf.tanh(x),
  erf: (tf, [x]) => tf.erf(x),
  relu: (tf, [x]) => tf.relu(x),
  gelu: (tf, [x]) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  keepPositive: (tf, [values, reference]) => tf.mul(values, tf.cast(tf.greater(reference, 0), "float32")),
  matmul: (tf, [a, b], { attributes: { transposeA, transposeB, scale }, shape }) => {
    // One matrix for all batches: the rows of the batches are multiplied as one matrix.
    const flat = b.rank === 2 && a.rank > 2
    const rows = flat ? tf.reshape(a, [-1, dimension(a.shape, -1)]) : a
    const product = tf.matMul(rows, b, transposeA, transposeB)
    const scaled = scale === 1 ? product : tf.mul(product, scale)
    return flat ? tf.reshape(scaled, [...shape]) : scaled
  },
  reshape: (tf, [x], { shape }) => tf.reshape(x, [...shape]),
  transpose: (tf, [x], { attributes: { order } }) => tf.transpose(x, [...order]),
  slice: (tf, [x], { attributes: { axis, start, length }, inputs: [{ shape }] }) => {
    // An axis may be longer or shorter than the graph says: what goes to its end does so.
    const size = start + length === dimension(shape, axis) ? -1 : length
    return tf.slice(x, shape.map((_, at) => at === axis ? start : 0), shape.map((_, at) => at === axis ? size : -1))
  },
  pad: (tf, [x], { attributes: { axis, before, after } }) =>
    tf.pad(x, x.shape.map((_, at): [number, number] => at === axis ? [before, after] : [0, 0])),
  concat: (tf, inputs, { attributes: { axis } }) => tf.concat([...inputs], axis),
  sum: (tf, [x], { attributes: { axes } }) => tf.sum(x, [...axes], true),
  broadcast: (tf, [x], { shape }) => tf.broadcastTo(x, [...shape]),
  softmax: (tf, [x]) => tf.softmax(x),
  logSoftmax: (tf, [x]) => tf.logSoftmax(x),
  rmsNorm: (tf, [x, weight], { attributes: { epsilon } }) => tf.mul(tf.mul(x, inverseRms(tf, x, epsilon)), weight),
  inverseRms: (tf, [x], { attributes: { epsilon } }) => inverseRms(tf, x, epsilon),
  layerNorm: (tf, [x, weight, bias], { attributes: { epsilon } }) => {
    const centred = tf.sub(x, tf.mean(x, -1, true))
    return tf.add(tf.mul(tf.mul(centred, inverseRms(tf, centred, epsilon)), weight), bias)
  },
  mean: (tf, [x]) => tf.mean(x, -1, true),
  inverseDeviation: (tf, [x], { attributes: { epsilon } }) => inverseRms(tf, tf.sub(x, tf.mean(x, -1, true)), epsilon),
  gather: (tf, [table, indices]) => tf.gather(table, indices, 0),
  scatterAdd: (tf, [base, indices, updates], { shape }) => {
    const column = tf.reshape(indices, [-1, 1])
    const rows = tf.reshape(updates, [sizeOf(indices.shape), dimension(shape, 1)])
    return tf.add(base, scattered(tf, column, rows, base))
  },
  crossEntropy: (tf, [, logProbabilities, labels]) => tf.neg(tf.gatherND(logProbabilities, inEachRow(tf, labels))),
  addAt: (tf, [base, columns, values]) => tf.add(base, scattered(tf, inEachRow(tf, columns), values, base)),
  argmax: (tf, [x]) => tf.argMax(x, -1),
}

/** `1 / √(mean(x²) + epsilon)` along the last axis, which remains with dimension 1. */
const inverseRms = (tf: TensorFlow, x: Tensor, epsilon: number): Tensor =>
  tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))

/** The pairs of row and column of the elements that `columns` [rows] picks: int32 [rows,2]. */
const inEachRow = (tf: TensorFlow, columns: Tensor): Tensor =>
  tf.stack([tf.range(0, sizeOf(columns.shape), 1, "int32"), columns], 1)

/**
 * Zeros of the shape of `like` with `updates` added at `indices`. ScatterNd adds what falls on one place, on tfjs's own
 * backends and in TensorFlow alike; UnsortedSegmentSum makes one pass for each row of the table on the former, and
 * refuses to be deterministic on a GPU in the latter.
 */
const scattered = (tf: TensorFlow, indices: Tensor, updates: Tensor, like: Tensor): Tensor =>
  tf.scatterND(indices, updates, like.shape)

/** Computes the value of one node from those of its inputs; intermediate tensors are disposed of. */
export const compute = <K extends ComputedKind>(tf: TensorFlow, node: NodeOf<K>, inputs: readonly Tensor[]): Tensor =>
  tf.tidy(() => (kernels[node.kind] as Kernel<OpKind>)(tf, inputs, node as NodeOf<OpKind>))
