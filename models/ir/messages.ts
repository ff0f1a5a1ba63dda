/** Words about graphs that cannot be built or run. */

const dims = (shape: ReadonlyArray<number | string>): string => `[${shape.join(",")}]`

// Shapes of an op's inputs.
export const misshapen = (op: string, inputs: ReadonlyArray<string>, scope: string, reason: string): string =>
  `${op}(${inputs.join(", ")}) in ${scope === "" ? "the model" : scope}: ${reason}`
export const needsFloats = "needs float32 inputs"
export const noBroadcast = "the shapes do not broadcast"
export const needsAxis = "needs at least one axis"
export const indicesNotInts = "the indices must be int32"
export const tableNotFlat = "the table must have two axes"
export const notShape = (shape: ReadonlyArray<number>): string => `${dims(shape)} is not a shape`
export const notFilled = (values: number, shape: ReadonlyArray<number>): string =>
  `${values} values do not fill ${dims(shape)}`
export const shapesDiffer = "the shapes differ"
export const needsTwoAxes = "needs at least two axes"
export const batchesDiffer = "the batch dimensions differ"
export const innerDiffer = (a: number, b: number): string => `the inner dimensions ${a} and ${b} differ`
export const doesNotFit = (shape: ReadonlyArray<number>): string => `does not fit ${dims(shape)}`
export const notOrder = (order: ReadonlyArray<number>): string => `(${order.join(",")}) is not an order of the axes`
export const noAxis = (axis: number): string => `has no axis ${axis}`
export const noAxes = (axes: ReadonlyArray<number>): string => `has no axes ${axes.join(",")}`
export const noElements = (length: number, start: number, axis: number): string =>
  `has no ${length} elements from ${start} on axis ${axis}`
export const negativePadding = "the padding must not be negative"
export const needsInput = "needs at least one input"
export const inputsDiffer = (axis: number): string => `the inputs differ elsewhere than on axis ${axis}`
export const noBroadcastTo = (shape: ReadonlyArray<number>): string => `does not broadcast to ${dims(shape)}`
export const weightLength = "the weight must be as long as the last axis"
export const weightAndBiasLength = "weight and bias must be as long as the last axis"
export const needsRows = "needs one row for each index"
export const logitsDiffer = "logits and log probabilities differ in shape"
export const needsLabels = "needs one label for each row"
export const needsColumns = "needs one column for each row"
export const needsValues = "needs one value for each row"

// Gradients.
export const ofGradient = (of: string, reason: string): string => `gradient of ${of}: ${reason}`
export const onlyScalars = "only a scalar can be differentiated"
export const independent = "the loss does not depend on it"
export const noGradient = (op: string, scope: string): string => `${op} in ${scope} has no gradient`

// Arrays that are bound.
export const notBound = (
  name: string,
  dtype: string,
  shape: ReadonlyArray<number | string>,
  got: { readonly given: string; readonly length: number } | null,
): string =>
  `${name} needs ${dtype} ${dims(shape)} and got ${got === null ? "nothing" : `${got.length} values of ${got.given}`}`

// Options.
export const noInteger = (value: number, least: number): string => `is ${value}, not an integer of at least ${least}`
export const outOfRange = (value: number, least: number, most: number): string =>
  `is ${value}, not from ${least} to ${most}`

// Defects.
export const noContributions = "a gradient without contributions"
