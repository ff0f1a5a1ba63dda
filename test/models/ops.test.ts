import { assert, describe, it } from "@effect/vitest"
import { gradients } from "../../models/ir/autodiff.ts"
import { GradientError, ShapeError } from "../../models/ir/errors.ts"
import { Graph, type Node, type OpKind, type Shape } from "../../models/ir/graph.ts"
import * as op from "../../models/ir/ops.ts"
import type { TensorData } from "../../models/ir/program.ts"
import { sizeOf } from "../../models/ir/shape.ts"
import { Random } from "../../models/random.ts"
import { evaluate, worstDifference } from "./support.ts"

interface Case {
  readonly kinds: readonly OpKind[]
  /** Shapes of the float32 inputs that are differentiated. */
  readonly inputs: readonly Shape[]
  readonly build: (inputs: readonly Node[], graph: Graph) => Node
}

// The compiler wants an entry for every op.
const hasGradient: Readonly<Record<OpKind, boolean>> = {
  input: true,
  constant: true,
  add: true,
  sub: true,
  mul: true,
  div: true,
  exp: true,
  tanh: true,
  relu: true,
  keepPositive: true,
  matmul: true,
  reshape: true,
  transpose: true,
  sum: true,
  broadcast: true,
  softmax: true,
  logSoftmax: true,
  rmsNorm: true,
  inverseRms: true,
  gather: true,
  scatterAdd: true,
  crossEntropy: true,
  addAt: false,
  argmax: false,
}

const ints = (graph: Graph, values: readonly number[], shape: Shape): Node =>
  graph.constant(Int32Array.from(values), shape)

const unary = (f: (x: Node) => Node) => ([x]: readonly Node[]): Node => f(x as Node)
const binary = (f: (a: Node, b: Node) => Node) => ([a, b]: readonly Node[]): Node => f(a as Node, b as Node)

const cases: Readonly<Record<string, Case>> = {
  "add, broadcast both ways": { kinds: ["add", "input"], inputs: [[2, 1, 3], [4, 1]], build: binary(op.add) },
  sub: { kinds: ["sub"], inputs: [[2, 3], [3]], build: binary(op.sub) },
  "mul of a value with itself": { kinds: ["mul"], inputs: [[2, 3]], build: unary((x) => op.mul(x, x)) },
  "mul, broadcast": { kinds: ["mul"], inputs: [[2, 3], [2, 1]], build: binary(op.mul) },
  "mul by a constant": { kinds: ["mul", "constant"], inputs: [[2, 3]], build: unary((x) => op.mul(x, -1.5)) },
  div: { kinds: ["div"], inputs: [[2, 3], [3]], build: binary((a, b) => op.div(a, op.add(op.mul(b, b), 1))) },
  exp: { kinds: ["exp"], inputs: [[5]], build: unary(op.exp) },
  tanh: { kinds: ["tanh"], inputs: [[5]], build: unary(op.tanh) },
  relu: { kinds: ["relu"], inputs: [[3, 4]], build: unary(op.relu) },
  keepPositive: {
    kinds: ["keepPositive"],
    inputs: [[2, 2]],
    build: ([x], graph) => op.keepPositive(x as Node, graph.constant(Float32Array.of(1, -1, 0, 2), [2, 2])),
  },
  "gelu (composed)": { kinds: [], inputs: [[6]], build: unary(op.geluTanh) },
  "matmul by one matrix": { kinds: ["matmul"], inputs: [[2, 3, 4], [4, 5]], build: binary(op.matmul) },
  "matmul by one matrix, transposed, scaled": {
    kinds: ["matmul"],
    inputs: [[2, 3, 4], [5, 4]],
    build: binary((a, b) => op.matmul(a, b, { transposeB: true, scale: 0.5 })),
  },
  ...Object.fromEntries([false, true].flatMap((transposeA) =>
    [false, true].map((transposeB): [string, Case] => [
      `matmul in batches${transposeA ? ", a transposed" : ""}${transposeB ? ", b transposed" : ""}`,
      {
        kinds: ["matmul"],
        inputs: [transposeA ? [2, 4, 3] : [2, 3, 4], transposeB ? [2, 5, 4] : [2, 4, 5]],
        build: binary((a, b) => op.matmul(a, b, { transposeA, transposeB, scale: 1.5 })),
      },
    ])
  )),
  reshape: { kinds: ["reshape"], inputs: [[2, 6]], build: unary((x) => op.reshape(x, [3, 4])) },
  transpose: { kinds: ["transpose"], inputs: [[2, 3, 4]], build: unary((x) => op.transpose(x, [2, 0, 1])) },
  sum: { kinds: ["sum"], inputs: [[2, 3, 4]], build: unary((x) => op.sum(x, [0, 2])) },
  broadcast: { kinds: ["broadcast"], inputs: [[3, 1]], build: unary((x) => op.broadcast(x, [2, 3, 4])) },
  softmax: { kinds: ["softmax"], inputs: [[3, 4]], build: unary(op.softmax) },
  logSoftmax: { kinds: ["logSoftmax"], inputs: [[3, 4]], build: unary(op.logSoftmax) },
  rmsNorm: { kinds: ["rmsNorm"], inputs: [[2, 3, 4], [4]], build: binary((x, w) => op.rmsNorm(x, w, 1e-2)) },
  inverseRms: { kinds: ["inverseRms"], inputs: [[3, 4]], build: unary((x) => op.inverseRms(x, 1e-2)) },
  "gather, rows repeated": {
    kinds: ["gather"],
    inputs: [[4, 3]],
    build: ([table], graph) => op.gather(table as Node, ints(graph, [2, 0, 2, 2, 3, 0], [2, 3])),
  },
  "gather twice from one table that a product reads too": {
    kinds: ["gather"],
    inputs: [[4, 3]],
    build: ([table], graph) => {
      const both = op.add(
        op.gather(table as Node, ints(graph, [2, 0], [2])),
        op.gather(table as Node, ints(graph, [2, 1], [2])),
      )
      return op.matmul(both, table as Node, { transposeB: true })
    },
  },
  scatterAdd: {
    kinds: ["scatterAdd"],
    inputs: [[4, 3], [2, 2, 3]],
    build: ([base, updates], graph) => op.scatterAdd(base as Node, ints(graph, [1, 3, 1, 0], [2, 2]), updates as Node),
  },
  crossEntropy: {
    kinds: ["crossEntropy"],
    inputs: [[3, 5]],
    build: ([logits], graph) => op.crossEntropy(logits as Node, ints(graph, [4, 0, 0], [3])),
  },
}

/** A scalar that weighs every element of a result differently. */
const weigh = (y: Node, random: Random): Node => {
  const weights = y.graph.constant(Float32Array.from({ length: sizeOf(y.shape) }, () => random.normal()), y.shape)
  return op.reshape(op.sum(op.mul(y, weights), y.shape.map((_, axis) => axis)), [])
}

// In float32 a central difference of width 2h is wrong by about h² for the curvature and ε/h for rounding.
const H = 1e-2
const TOLERANCE = 4e-3

const check = async ({ inputs, build }: Case): Promise<number> => {
  const graph = new Graph()
  const random = new Random(7, inputs.length)
  const nodes = inputs.map((shape, index) => graph.input(`x${index}`, shape))
  const loss = weigh(build(nodes, graph), random)
  // Values stay away from 0, where relu has no derivative.
  const point = inputs.map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () => {
      const value = random.normal()
      return value + Math.sign(value) * 0.1
    })
  )
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
  for (const [name, testCase] of Object.entries(cases)) {
    it(name, async () => {
      const worst = await check(testCase)
      assert.isAtMost(worst, TOLERANCE)
    })
  }

  it("leaves out no op but those without a derivative", () => {
    const tested = new Set(Object.values(cases).flatMap(({ kinds }) => kinds))
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
