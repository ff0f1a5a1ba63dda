import type { Node } from "../ir/node.ts"
import { add, gelu, geluTanh, mul, relu, tanh } from "../ir/ops.ts"
import { UnsupportedConfig } from "./config.ts"

/** A function of each element. */
export type Activation = (x: Node) => Node

/** `x · σ(x)`, with σ(x) = (1 + tanh(x/2)) / 2. */
const silu: Activation = (x) => {
  const half = mul(x, 0.5)
  return mul(half, add(tanh(half), 1))
}

/** By Hugging Face's names (`activations.py`), of which some mean the same function. */
const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
  ["gelu", gelu],
  ["gelu_python", gelu],
  ["gelu_new", geluTanh],
  ["gelu_fast", geluTanh],
  ["gelu_pytorch_tanh", geluTanh],
  ["gelu_python_tanh", geluTanh],
  ["relu", relu],
  ["silu", silu],
  ["swish", silu],
])

/** The activation that a field of config.json names. Throws `UnsupportedConfig`. */
export const activationOf = (field: string, name: string): Activation => {
  const activation = ACTIVATIONS.get(name)
  if (activation !== undefined) return activation
  const names = [...ACTIVATIONS.keys()].join(", ")
  throw new UnsupportedConfig(field, `is ${JSON.stringify(name)}; redag has ${names}`)
}
