import {
  batchesDiffer,
  doesNotFit,
  indicesNotInts,
  innerDiffer,
  inputsDiffer,
  logitsDiffer,
  needsAxis,
  needsColumns,
  needsFloats,
  needsInput,
  needsLabels,
  needsRows,
  needsTwoAxes,
  needsValues,
  negativePadding,
  noAxes,
  noAxis,
  noBroadcast,
  noBroadcastTo,
  noElements,
  notFilled,
  notOrder,
  notShape,
  shapesDiffer,
  tableNotFlat,
  weightAndBiasLength,
  weightLength,
} from "./messages.ts"
import type { DataType, OpKind, Ops } from "./node.ts"
import { broadcastShape, dimension, sameShape, type Shape, sizeOf } from "./shape.ts"

/** The static type of a value. */
export interface ValueType {
  readonly shape: Shape
  readonly dtype: DataType
}

type Fail = (reason: string) => never
type Rule<K extends OpKind> = (inputs: Ops[K]["inputs"], attributes: Ops[K]["attributes"], fail: Fail) => ValueType

const float = (shape: Shape): ValueType => ({ shape, dtype: "float32" })

const floats = (inputs: readonly ValueType[], fail: Fail): void => {
  if (inputs.some((input) => input.dtype !== "float32")) fail(needsFloats)
}

const same = (inputs: readonly [ValueType], _: object, fail: Fail): ValueType => {
  floats(inputs, fail)
  return float(inputs[0].shape)
}

const elementwise = (inputs: readonly [ValueType, ValueType], _: object, fail: Fail): ValueType => {
  floats(inputs, fail)
  return float(broadcastShape(inputs[0].shape, inputs[1].shape) ?? fail(noBroadcast))
}

const lastAxis = (inputs: readonly [ValueType], attributes: object, fail: Fail): ValueType => {
  if (inputs[0].shape.length === 0) fail(needsAxis)
  return same(inputs, attributes, fail)
}

const indexed = (table: ValueType, indices: ValueType, fail: Fail): void => {
  floats([table], fail)
  if (indices.dtype !== "int32") fail(indicesNotInts)
  if (table.shape.length !== 2) fail(tableNotFlat)
}

const rules: { readonly [K in OpKind]: Rule<K> } = {
  input: (_, { shape, dtype }, fail) => {
    if (!shape.every((dim) => Number.isInteger(dim) && dim > 0)) fail(notShape(shape))
    return { shape, dtype }
  },
  constant: (_, { data, shape }, fail) => {
    if (data.length !== sizeOf(shape)) fail(notFilled(data.length, shape))
    return { shape, dtype: data instanceof Float32Array ? "float32" : "int32" }
  },
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  exp: same,
  tanh: same,
  erf: same,
  relu: same,
  gelu: same,
  keepPositive: (inputs, _, fail) => {
    floats(inputs, fail)
    const [values, reference] = inputs
    if (!sameShape(values.shape, reference.shape)) fail(shapesDiffer)
    return float(values.shape)
  },
  matmul: (inputs, { transposeA, transposeB }, fail) => {
    floats(inputs, fail)
    const [{ shape: a }, { shape: b }] = inputs
    if (a.length < 2 || b.length < 2) fail(needsTwoAxes)
    const flat = b.length === 2 && !transposeA
    if (!flat && !sameShape(a.slice(0, -2), b.slice(0, -2))) fail(batchesDiffer)
    const [rows, inner] = transposeA ? [dimension(a, -1), dimension(a, -2)] : [dimension(a, -2), dimension(a, -1)]
    const [inner2, columns] = transposeB ? [dimension(b, -1), dimension(b, -2)] : [dimension(b, -2), dimension(b, -1)]
    if (inner !== inner2) fail(innerDiffer(inner, inner2))
    return float([...a.slice(0, -2), rows, columns])
  },
  reshape: ([x], { shape }, fail) => {
    if (sizeOf(x.shape) !== sizeOf(shape)) fail(doesNotFit(shape))
    return { shape, dtype: x.dtype }
  },
  transpose: ([x], { order }, fail) => {
    if (order.length !== x.shape.length || !x.shape.every((_, axis) => order.includes(axis))) {
      fail(notOrder(order))
    }
    return { shape: order.map((axis) => dimension(x.shape, axis)), dtype: x.dtype }
  },
  slice: ([x], { axis, start, length }, fail) => {
    const size = x.shape[axis] ?? fail(noAxis(axis))
    if (start < 0 || length < 1 || start + length > size) {
      fail(noElements(length, start, axis))
    }
    return { shape: x.shape.with(axis, length), dtype: x.dtype }
  },
  pad: (inputs, { axis, before, after }, fail) => {
    floats(inputs, fail)
    const [{ shape }] = inputs
    const size = shape[axis] ?? fail(noAxis(axis))
    if (before < 0 || after < 0) fail(negativePadding)
    return float(shape.with(axis, before + size + after))
  },
  concat: (inputs, { axis }, fail) => {
    const [first] = inputs
    if (first === undefined) return fail(needsInput)
    if (first.shape[axis] === undefined) fail(noAxis(axis))
    let size = 0
    for (const { shape, dtype } of inputs) {
      const fits = dtype === first.dtype && sameShape(shape.with(axis, 1), first.shape.with(axis, 1))
      if (!fits) fail(inputsDiffer(axis))
      size += dimension(shape, axis)
    }
    return { shape: first.shape.with(axis, size), dtype: first.dtype }
  },
  sum: (inputs, { axes }, fail) => {
    floats(inputs, fail)
    const { shape } = inputs[0]
    if (!axes.every((axis) => axis >= 0 && axis < shape.length)) fail(noAxes(axes))
    return float(shape.map((dim, axis) => axes.includes(axis) ? 1 : dim))
  },
  broadcast: ([x], { shape }, fail) => {
    const result = broadcastShape(x.shape, shape)
    if (result === undefined || !sameShape(result, shape)) fail(noBroadcastTo(shape))
    return { shape, dtype: x.dtype }
  },
  softmax: lastAxis,
  logSoftmax: lastAxis,
  rmsNorm: (inputs, _, fail) => {
    floats(inputs, fail)
    const [x, weight] = inputs
    if (!sameShape(weight.shape, x.shape.slice(-1))) fail(weightLength)
    return float(x.shape)
  },
  inverseRms: (inputs, attributes, fail) => float([...lastAxis(inputs, attributes, fail).shape.slice(0, -1), 1]),
  layerNorm: (inputs, _, fail) => {
    floats(inputs, fail)
    const [x, weight, bias] = inputs
    for (const vector of [weight, bias]) {
      if (!sameShape(vector.shape, x.shape.slice(-1))) fail(weightAndBiasLength)
    }
    return float(x.shape)
  },
  mean: (inputs, attributes, fail) => float([...lastAxis(inputs, attributes, fail).shape.slice(0, -1), 1]),
  inverseDeviation: (inputs, attributes, fail) => float([...lastAxis(inputs, attributes, fail).shape.slice(0, -1), 1]),
  gather: ([table, indices], _, fail) => {
    indexed(table, indices, fail)
    return float([...indices.shape, dimension(table.shape, 1)])
  },
  scatterAdd: ([base, indices, updates], _, fail) => {
    indexed(base, indices, fail)
    if (!sameShape(updates.shape, [...indices.shape, dimension(base.shape, 1)])) fail(needsRows)
    return float(base.shape)
  },
  crossEntropy: ([logits, logProbabilities, labels], _, fail) => {
    indexed(logits, labels, fail)
    if (!sameShape(logits.shape, logProbabilities.shape)) fail(logitsDiffer)
    if (!sameShape(labels.shape, logits.shape.slice(0, 1))) fail(needsLabels)
    return float(labels.shape)
  },
  addAt: ([base, columns, values], _, fail) => {
    indexed(base, columns, fail)
    if (!sameShape(columns.shape, base.shape.slice(0, 1))) fail(needsColumns)
    if (!sameShape(values.shape, columns.shape)) fail(needsValues)
    return float(base.shape)
  },
  argmax: (inputs, attributes, fail) => ({
    shape: lastAxis(inputs, attributes, fail).shape.slice(0, -1),
    dtype: "int32",
  }),
}

/** The shape and element type of an op's result; `fail` is called with the reason where the inputs do not fit. */
export const infer = <K extends OpKind>(
  kind: K,
  inputs: Ops[K]["inputs"],
  attributes: Ops[K]["attributes"],
  fail: Fail,
): ValueType => rules[kind](inputs, attributes, fail)
