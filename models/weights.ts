import type { Shape } from "./ir/graph.ts"
import { sameShape } from "./ir/shape.ts"

/** A float32 array with its dimensions, row-major. */
export interface Tensor {
  readonly shape: Shape
  readonly data: Float32Array
}

/** A model's parameters by their Hugging Face names. */
export type Weights = ReadonlyMap<string, Tensor>

/** Weights that are not those of the model's configuration. */
export class WeightsMismatch extends Error {
  readonly _tag = "WeightsMismatch"
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
  /** Names with both shapes, as in `shared.weight: [10,4], not [12,4]`. */
  readonly misshapen: readonly string[]

  constructor(missing: readonly string[], unexpected: readonly string[], misshapen: readonly string[]) {
    const list = (title: string, names: readonly string[]): readonly string[] =>
      names.length === 0
        ? []
        : [`${title}: ${names.slice(0, 5).join("; ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`]
    super(
      `the weights do not fit the configuration: ${
        [...list("missing", missing), ...list("unexpected", unexpected), ...list("of another shape", misshapen)].join(
          ", ",
        )
      }`,
    )
    this.missing = missing
    this.unexpected = unexpected
    this.misshapen = misshapen
  }
}

/** The parameters that a model needs, in its order; `ignored` names may be there too. Throws `WeightsMismatch`. */
export const selectWeights = (
  weights: Weights,
  shapes: ReadonlyMap<string, Shape>,
  ignored: (name: string) => boolean,
): Weights => {
  const missing = [...shapes.keys()].filter((name) => !weights.has(name))
  const unexpected = [...weights.keys()].filter((name) => !shapes.has(name) && !ignored(name))
  const selected = new Map<string, Tensor>()
  const misshapen: string[] = []
  for (const [name, shape] of shapes) {
    const tensor = weights.get(name)
    if (tensor === undefined) continue
    if (!sameShape(tensor.shape, shape)) {
      misshapen.push(`${name}: [${tensor.shape.join(",")}], not [${shape.join(",")}]`)
    }
    selected.set(name, tensor)
  }
  if (missing.length + unexpected.length + misshapen.length > 0) {
    throw new WeightsMismatch(missing, unexpected, misshapen)
  }
  return selected
}

/** Views of one flat array, one for each parameter in the order of `shapes`. */
export const viewsOf = (flat: Float32Array, shapes: ReadonlyMap<string, Shape>): Map<string, Tensor> => {
  const views = new Map<string, Tensor>()
  let start = 0
  for (const [name, shape] of shapes) {
    const size = shape.reduce((product, dim) => product * dim, 1)
    views.set(name, { shape, data: flat.subarray(start, start + size) })
    start += size
  }
  return views
}
