import { assert, describe, it } from "@effect/vitest"
import { activate, activationNamed } from "../../../models/architectures/activations.ts"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { Graph } from "../../../models/ir/graph.ts"
import { evaluate, worstDifference } from "../support.ts"

const AT = [-3, -0.5, 0, 0.7, 2.5]

// By transformers 5.23's ACT2FN in float64.
const EXACT = [-0.004049694, -0.154268769, 0, 0.530625443, 2.484475837]
const TANH = [-0.003637392, -0.15428599, 0, 0.530570135, 2.484915734]
const SILU = [-0.14227762, -0.188770334, 0, 0.467731441, 2.31035455]
const EXPECTED = {
  gelu: EXACT,
  gelu_python: EXACT,
  gelu_new: TANH,
  gelu_fast: TANH,
  gelu_pytorch_tanh: TANH,
  gelu_python_tanh: TANH,
  relu: [0, 0, 0, 0.7, 2.5],
  silu: SILU,
  swish: SILU,
}

describe("activations", () => {
  for (const [name, expected] of Object.entries(EXPECTED)) {
    it(`${name} is Hugging Face's`, async () => {
      const graph = new Graph()
      const y = activate(activationNamed("activation_function", name), graph.input("x", [AT.length]))
      const result = await evaluate(graph, { y }, { x: Float32Array.from(AT) })
      assert.isBelow(worstDifference(result.y ?? [], expected), 1e-6)
    })
  }

  it("that are none of these are refused under the field's name", () => {
    for (const name of ["tanh", "constructor", ""]) {
      assert.throws(
        () => activationNamed("hidden_act", name),
        UnsupportedConfig,
        `config.json: hidden_act: is "${name}"`,
      )
    }
  })
})
