import { assert, describe, it } from "@effect/vitest"
import { gradients } from "../../../models/ir/autodiff.ts"
import { GradientError, ShapeError } from "../../../models/ir/errors.ts"
import { Graph } from "../../../models/ir/graph.ts"
import type { Node, OpKind } from "../../../models/ir/node.ts"
import * as op from "../../../models/ir/ops.ts"
import type { TensorData } from "../../../models/ir/program.ts"
import { Random } from "../../../models/kernels/random.ts"
import { evaluate, worstDifference } from "../support.ts"
import { hasGradient, ints, type OpCase, opCases, pointOf, weigh } from "./op-cases.ts"

// In float32 a central difference of width 2h is wrong by about h² for the curvature and ε/h for rounding.
const H = 1e-2
const TOLERANCE = 4e-3

const check = async ({ inputs, build }: OpCase): Promise<number> => {
  const graph = new Graph()
  const random = new Random(7, inputs.length)
  const nodes = inputs.map((shape, index) => graph.input(`x${index}`, shape))
  const loss = weigh(build(nodes, graph), random)
  const point = pointOf(inputs, random)
  const outputs = Object.fromEntries(gradients(loss, nodes).map((node, index) => [`dx${index}`, node]))
  const named = (values: readonly Float32Array[]): Record<string, TensorData> =>
    Object.fromEntries(values.map((value, index) => [`x${index}`, value]))
  const analytic = await evaluate(graph, outputs, named(point))

  // Every shifted point is one more copy of the graph, so that one session evaluates them all.
  const shifted = new Graph()
  const losses: Record<string, Node> = {}
  const values: Record<string, TensorData> = {}
  point.forEach((data, input) =>
    data.forEach((_, element) => {
      for (const sign of [-1, 1]) {
        const key = `${input} ${element} ${sign}`
        const copies = inputs.map((shape, index) => shifted.input(`${key} x${index}`, shape))
        losses[key] = weighAgain(build(copies, shifted), inputs.length)
        point.forEach((original, index) => {
          const moved = original.slice()
          if (index === input) moved[element] = (moved[element] ?? 0) + sign * H
          values[`${key} x${index}`] = moved
        })
      }
    })
  )
  const results = await evaluate(shifted, losses, values)
  return Math.max(...point.map((data, input) => {
    const numeric = Array.from(data, (_, element) => {
      const at = (sign: number): number => results[`${input} ${element} ${sign}`]?.[0] ?? Number.NaN
      return (at(1) - at(-1)) / (2 * H)
    })
    const scale = Math.max(1, ...numeric.map(Math.abs))
    return worstDifference(analytic[`dx${input}`] ?? [], numeric) / scale
  }))
}

/** `weigh` with the weights that `check` drew first. */
const weighAgain = (y: Node, inputs: number): Node => weigh(y, new Random(7, inputs))

describe("gradient rules against finite differences", () => {
  for (const [name, testCase] of Object.entries(opCases)) {
    it(name, async () => {
      const worst = await check(testCase)
      assert.isAtMost(worst, TOLERANCE)
    })
  }

  it("leaves out no op but those without a derivative", () => {
    const tested = new Set(Object.values(opCases).flatMap(({ kinds }) => kinds))
    const graph = new Graph()
    const x = graph.input("x", [2, 3])
    const addAt = op.addAt(x, ints(graph, [0, 1], [2]), op.reshape(op.sum(x, [1]), [2]))
    for (const [kind, hasDerivative] of Object.entries(hasGradient)) {
      assert.strictEqual(tested.has(kind as OpKind), hasDerivative, kind)
    }
    assert.throws(() => gradients(op.reshape(op.sum(addAt, [0, 1]), []), [x]), GradientError, /addAt/u)
  })
})

describe("values", () => {
  it("computes what has no gradient", async () => {
    const graph = new Graph()
    const x = graph.input("x", [2, 3])
    const added = op.addAt(x, ints(graph, [2, 0], [2]), graph.constant(Float32Array.of(10, 20), [2]))
    const results = await evaluate(graph, { most: op.argmax(x), added }, { x: Float32Array.of(1, 3, 3, 9, 8, 7) })
    assert.deepStrictEqual(results, { most: Int32Array.of(1, 0), added: Float32Array.of(1, 3, 13, 29, 8, 7) })
  })

  it("adds equal rows in order on two threads", async () => {
    // onnxruntime's ScatterND loses updates here, which is why scatterAdd does not use it.
    const graph = new Graph()
    const rows = 20_000
    const indices = ints(graph, Array.from({ length: rows }, (_, row) => (row * 7919) % 13), [rows])
    const sum = op.scatterAdd(graph.input("base", [13, 64]), indices, graph.input("updates", [rows, 64]))
    const { sum: result } = await evaluate(
      graph,
      { sum },
      { base: new Float32Array(13 * 64), updates: new Float32Array(rows * 64).fill(1) },
      2,
    )
    const expected = Array.from(
      { length: 13 },
      (_, row) => Array.from({ length: rows }, (_, i) => (i * 7919) % 13).filter((r) => r === row).length,
    )
    assert.deepStrictEqual(Array.from({ length: 13 }, (_, row) => result?.[row * 64]), expected)
  })
})

describe("errors", () => {
  it("name the op, the inputs with their shapes, and the place in the model", () => {
    const graph = new Graph()
    const build = (): Node =>
      graph.scope(
        "encoder",
        () => graph.scope("block.0", () => op.matmul(graph.input("x", [2, 3]), graph.input("q.weight", [4, 5]))),
      )
    try {
      build()
      assert.fail("no error")
    } catch (error) {
      assert.instanceOf(error, ShapeError)
      assert.strictEqual(error._tag, "ShapeError")
      assert.strictEqual(
        error.message,
        "matmul(x [2,3], q.weight [4,5]) in encoder.block.0: the inner dimensions 3 and 4 differ",
      )
    }
  })

  it("refuse a parameter that the loss does not depend on", () => {
    const graph = new Graph()
    const [x, unused] = [graph.input("x", [1]), graph.input("unused", [1])]
    assert.throws(() => gradients(op.reshape(x, []), [x, unused]), GradientError, /unused/u)
  })

  it("name a missing or misshapen binding", async () => {
    const graph = new Graph()
    const outputs = { y: op.exp(graph.input("x", [3])) }
    const message = await evaluate(graph, outputs, { x: new Float32Array(2) }).then(
      () => "",
      (error: Error) => error.message,
    )
    assert.strictEqual(message, "onnxruntime: x needs float32 [3] and got 2 values of float32")
  })
})
