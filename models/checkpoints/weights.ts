import type { Description } from "../architectures/architecture.ts"
import { allocateWeights, type ModelWeights, WeightsMismatch } from "../architectures/weights.ts"
import { sameShape } from "../ir/shape.ts"
import { openWeights } from "./files.ts"
import { noWeightType, otherShape } from "./messages.ts"
import { isFloat, type StoredTensor } from "./stored.ts"

/**
 * Reads the weights of a model from its files, given as paths by name. Throws `WeightsMismatch` or an error of the
 * weight files.
 */
export const readWeights = (files: ReadonlyMap<string, string>, description: Description): ModelWeights => {
  const stored = openWeights(files)
  try {
    return loadWeights(description, stored.tensors)
  } finally {
    stored.close()
  }
}

/** Checks names and shapes of the tensors among a model's files, where there are weights. Throws as `readWeights`. */
export const checkWeights = (files: ReadonlyMap<string, string>, description: Description): void => {
  if (![...files.keys()].some((name) => name.endsWith(".safetensors") || name.endsWith(".bin"))) return
  const stored = openWeights(files)
  try {
    matchTensors(description, stored.tensors)
  } finally {
    stored.close()
  }
}

/** Reads the tensors that a model needs straight into its memory. Throws `WeightsMismatch`. */
export const loadWeights = (description: Description, stored: ReadonlyMap<string, StoredTensor>): ModelWeights => {
  const named = matchTensors(description, stored)
  const weights = allocateWeights(description.parameters)
  for (const [name, { data }] of weights.tensors) named.get(name)?.read(data)
  return weights
}

/** The stored tensors by the model's names. Throws `WeightsMismatch` unless they are those that it needs. */
const matchTensors = (
  { parameters, prefix, redundant }: Description,
  stored: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, StoredTensor> => {
  // A checkpoint of the model without its head has names without the prefix; both forms at once would be two tensors.
  const bare = ![...stored.keys()].some((name) => parameters.has(name) && name.startsWith(prefix))
  const named = new Map<string, StoredTensor>()
  for (const [name, tensor] of stored) {
    const known = parameters.has(name) || redundant(name)
    named.set(known || !bare ? name : prefix + name, tensor)
  }
  const missing = [...parameters].flatMap(([name, { buffer }]) => named.has(name) || buffer === true ? [] : [name])
  const unexpected = [...named].flatMap(([name, tensor]) =>
    parameters.has(name) || redundant(name) ? [] : [tensor.name]
  )
  const misshapen = [...parameters].flatMap(([name, { shape }]) => {
    const found = named.get(name)
    if (found === undefined) return []
    if (!isFloat(found.dtype)) return [noWeightType(name, found.dtype)]
    return sameShape(found.shape, shape) ? [] : [otherShape(name, found.shape, shape)]
  })
  if (missing.length + unexpected.length + misshapen.length > 0) {
    throw new WeightsMismatch(missing, unexpected, misshapen)
  }
  return named
}
