import { assert, describe, it } from "@effect/vitest"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { emit } from "../../../../models/engines/onnx/emit.ts"
import { encodeModel } from "../../../../models/engines/onnx/protobuf.ts"
import { differentiated, opCases } from "../../ir/op-cases.ts"
import { evaluate, worstDifference } from "../../support.ts"

describe("an ONNX model for a provider whose norms give no inverse root mean square", () => {
  it.each(["rmsNorm", "inverseRms"])("computes it: %s", async (name) => {
    const opCase = opCases[name]
    assert(opCase !== undefined)
    const { graph, outputs, point } = differentiated(opCase)
    const program = { graph, outputs: new Map(Object.entries(outputs)) }
    const { model, inputs } = emit(program, { normGivesInverseRms: false })
    for (const { type, outputs: results } of model.nodes) {
      if (type === "SimplifiedLayerNormalization") assert.lengthOf(results, 1)
    }

    const session = await InferenceSession.create(encodeModel(model))
    const feeds = inputs.map((port) => [port.name, new Tensor("float32", point[port.name] ?? [], [...port.shape])])
    const results = await session.run(Object.fromEntries(feeds))
    await session.release()
    const expected = await evaluate(graph, outputs, point)
    for (const [output, values] of Object.entries(expected)) {
      const { data } = results[`output:${output}`] ?? {}
      assert.isAtMost(worstDifference(data as Float32Array, values), 1e-5)
    }
  })
})
