import type { Node } from "../ir/node.ts"
import { add, gelu, geluTanh, mul, relu, tanh } from "../ir/ops.ts"
import { UnsupportedConfig } from "./config.ts"
import { unknownActivation } from "./messages.ts"

/** A function of each element. */
type Activation = (x: Node) => Node

/** `x · σ(x)`, with σ(x) = (1 + tanh(x/2)) / 2. */
const silu: Activation = (x) => {
  const half = mul(x, 0.5)
  return mul(half, add(tanh(half), 1))
}

/** Hugging Face's names (`activations.py`), of which some mean the same function. */
const names = [
  "gelu",
  "gelu_python",
  "gelu_new",
  "gelu_fast",
  "gelu_pytorch_tanh",
  "gelu_python_tanh",
  "relu",
  "silu",
  "swish",
] as const

export type ActivationName = typeof names[number]

/** The activation that a field of config.json names. Throws `UnsupportedConfig`. */
export const activationNamed = (field: string, name: string): ActivationName => {
  const found = names.find((each) => each === name)
  if (found === undefined) throw new UnsupportedConfig(field, unknownActivation(name, names))
  return found
}

const functions: Readonly<Record<ActivationName, Activation>> = {
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_python_tanh: geluTanh,
  relu,
  silu,
  swish: silu,
}

/** Applies an activation to each element. */
export const activate = (name: ActivationName, x: Node): Node => functions[name](x)
