import type { Description } from "../architectures/architecture.ts"
import {
  allocateWeights,
  CopiesDiffer,
  type ModelWeights,
  WeightsMismatch,
  WeightsNotFinite,
} from "../architectures/weights.ts"
import { sameShape, type Shape, sizeOf } from "../ir/shape.ts"
import { openWeights } from "./files.ts"
import { noWeightType, orNamed, otherShape, valuesNotFinite } from "./messages.ts"
import { isFloat, PIECE, type StoredTensor } from "./stored.ts"
import { differences, notFinite } from "./values.ts"

/**
 * Reads the weights of a model from its files, given as paths by name. Throws `WeightsMismatch`, `CopiesDiffer`,
 * `WeightsNotFinite` or an error of the weight files.
 */
export const readWeights = (files: ReadonlyMap<string, string>, description: Description): ModelWeights => {
  const stored = openWeights(files)
  try {
    return loadWeights(description, stored.tensors)
  } finally {
    stored.close()
  }
}

/** How many values of a model are read. */
export interface CheckProgress {
  readonly done: number
  readonly total: number
}

/**
 * Checks the tensors among a model's files, where there are weights: names, shapes and values, which are read piece by
 * piece. Yields after each tensor. Throws as `readWeights`.
 */
export function* checkWeights(
  files: ReadonlyMap<string, string>,
  description: Description,
): Generator<CheckProgress, void> {
  if (![...files.keys()].some((name) => name.endsWith(".safetensors") || name.endsWith(".bin"))) return
  const stored = openWeights(files)
  try {
    const matched = matchTensors(description, stored.tensors)
    requireEqual(matched, (name) => matched.named.get(name)?.pieces() ?? [])
    const total = [...matched.named.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    const found: string[] = []
    let done = 0
    for (const [name, tensor] of matched.named) {
      found.push(...notFiniteIn(name, tensor.shape, tensor.pieces()))
      done += sizeOf(tensor.shape)
      yield { done, total }
    }
    if (found.length > 0) throw new WeightsNotFinite(found)
  } finally {
    stored.close()
  }
}

/** Reads the tensors that a model needs straight into its memory. Throws as `readWeights`. */
export const loadWeights = (description: Description, stored: ReadonlyMap<string, StoredTensor>): ModelWeights => {
  const matched = matchTensors(description, stored)
  const weights = allocateWeights(description.parameters)
  for (const [name, { data }] of weights.tensors) matched.named.get(name)?.read(data)
  const pieces = (name: string): Iterable<Float32Array> =>
    piecesOf(weights.tensors.get(name)?.data ?? new Float32Array(0))
  requireEqual(matched, pieces)
  const found = [...weights.tensors].flatMap(([name, { shape }]) => notFiniteIn(name, shape, pieces(name)))
  if (found.length > 0) throw new WeightsNotFinite(found)
  return weights
}

function* piecesOf(data: Float32Array): Generator<Float32Array, void> {
  for (let start = 0; start < data.length; start += PIECE) yield data.subarray(start, start + PIECE)
}

/** The stored tensors of a model. */
interface Matched {
  /** By the model's names. */
  readonly named: ReadonlyMap<string, StoredTensor>
  /** Further tensors that must equal one of the model's. */
  readonly copies: readonly Copy[]
}

interface Copy {
  /** The model's name of the tensor. */
  readonly parameter: string
  readonly tensor: StoredTensor
}

/** Finds a model's tensors among stored ones. Throws `WeightsMismatch` unless they are those that it needs. */
const matchTensors = (description: Description, stored: ReadonlyMap<string, StoredTensor>): Matched => {
  const { parameters, prefix, redundant, copies } = description
  const parameterOf = new Map([...copies].flatMap(([name, others]) => others.map((other) => [other, name] as const)))
  // A checkpoint of the model without its head has names without the prefix; both forms at once would be two tensors.
  const bare = ![...stored.keys()].some((name) => parameters.has(name) && name.startsWith(prefix))
  const present = new Map<string, StoredTensor>()
  for (const [name, tensor] of stored) {
    const known = parameters.has(name) || parameterOf.has(name) || redundant(name)
    present.set(known || !bare ? name : prefix + name, tensor)
  }
  const named = new Map<string, StoredTensor>()
  const copied: Copy[] = []
  const missing: string[] = []
  for (const [name, { buffer }] of parameters) {
    const others = copies.get(name) ?? []
    const [found, ...more] = [name, ...others].flatMap((each) => present.get(each) ?? [])
    if (found !== undefined) named.set(name, found)
    else if (buffer !== true) missing.push(orNamed(name, others))
    copied.push(...more.map((tensor) => ({ parameter: name, tensor })))
  }
  const unexpected = [...present].flatMap(([name, tensor]) =>
    parameters.has(name) || parameterOf.has(name) || redundant(name) ? [] : [tensor.name]
  )
  const misshapen = [...[...named].map(([parameter, tensor]) => ({ parameter, tensor })), ...copied]
    .flatMap(({ parameter, tensor }) => {
      const shape = parameters.get(parameter)?.shape ?? []
      // A tensor that stands for another is called as it is stored.
      const name = present.get(parameter) === tensor ? parameter : tensor.name
      if (!isFloat(tensor.dtype)) return [noWeightType(name, tensor.dtype)]
      return sameShape(tensor.shape, shape) ? [] : [otherShape(name, tensor.shape, shape)]
    })
  if (missing.length + unexpected.length + misshapen.length > 0) {
    throw new WeightsMismatch(missing, unexpected, misshapen)
  }
  return { named, copies: copied }
}

/** Throws `CopiesDiffer` unless every copy has the values of its parameter, which `pieces` gives. */
const requireEqual = ({ named, copies }: Matched, pieces: (parameter: string) => Iterable<Float32Array>): void => {
  for (const { parameter, tensor } of copies) {
    const count = differences(pieces(parameter), tensor.pieces())
    if (count > 0) throw new CopiesDiffer(named.get(parameter)?.name ?? parameter, tensor.name, count)
  }
}

/** A tensor's values that are not finite, in words; nothing where all are. */
const notFiniteIn = (name: string, shape: Shape, pieces: Iterable<Float32Array>): readonly string[] => {
  const values = notFinite(pieces, shape)
  return values === undefined ? [] : [valuesNotFinite(name, values.count, values.value, values.at)]
}
