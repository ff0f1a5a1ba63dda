import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Graph } from "../../../../models/ir/graph.ts"
import type { Node, OpKind } from "../../../../models/ir/node.ts"
import * as op from "../../../../models/ir/ops.ts"
import { type Engine, EngineError, type TensorData } from "../../../../models/ir/program.ts"
import { sizeOf } from "../../../../models/ir/shape.ts"
import { Random } from "../../../../models/kernels/random.ts"
import { differentiated, hasGradient, ints, opCases } from "../../ir/op-cases.ts"
import { disagreement, evaluate } from "../../support.ts"
import { heldTensors, jsEngine } from "./support.ts"

// The values of the cases are of the order of 1.
const TOLERANCE = 2e-6

let engine: Engine
beforeAll(async () => {
  engine = await jsEngine()
})

describe("values and gradients against onnxruntime", () => {
  const computed = new Set<OpKind>()

  for (const [name, opCase] of Object.entries(opCases)) {
    it(name, async () => {
      const { graph, outputs, point } = differentiated(opCase)
      for (const { kind } of graph.nodes) computed.add(kind)
      assert.isAtMost(await disagreement(engine, graph, outputs, point), TOLERANCE)
    })
  }

  it("leaves out no op but argmax", () => {
    assert.deepStrictEqual(Object.keys(hasGradient).filter((kind) => !computed.has(kind as OpKind)), ["argmax"])
  })

  it("takes the first of equals as the largest", async () => {
    const graph = new Graph()
    const x = graph.input("x", [2, 2, 4])
    const values = Float32Array.of(1, 3, 3, 0, 0, 0, 0, 0, -1, -2, -1, -1, 9, 8, 7, 9)
    const { most } = await evaluate(graph, { most: op.argmax(x) }, { x: values }, 1, engine)
    assert.deepStrictEqual(most, Int32Array.of(1, 0, 0, 0))
  })

  it("moves int32 values", async () => {
    const graph = new Graph()
    const ids = graph.input("ids", [2, 3], "int32")
    const outputs = {
      ids,
      moved: op.transpose(op.slice(ids, 1, 1, 2), [1, 0]),
      twice: op.concat([ids, ids], 0),
      spread: op.broadcast(op.reshape(ids, [2, 1, 3]), [2, 2, 3]),
    }
    const inputs = { ids: Int32Array.of(1, 2, 3, 4, 5, 1 << 30) }
    assert.deepStrictEqual(
      await evaluate(graph, outputs, inputs, 1, engine),
      await evaluate(graph, outputs, inputs),
    )
  })

  it("adds many rows into few and few rows into many", async () => {
    for (const [table, rows] of [[3, 4000], [40_000, 6]] as const) {
      const graph = new Graph()
      const random = new Random(5, table)
      const indices = ints(graph, Array.from({ length: rows }, (_, row) => (row * 7919) % (table - 1)), [rows])
      const [base, updates] = [graph.input("base", [table, 4]), graph.input("updates", [rows, 4])]
      const draw = (node: Node): Float32Array =>
        Float32Array.from({ length: sizeOf(node.shape) }, () => random.normal())
      const inputs = { base: draw(base), updates: draw(updates) }
      const worst = await disagreement(engine, graph, { sum: op.scatterAdd(base, indices, updates) }, inputs)
      assert.isAtMost(worst, 1e-5)
    }
  })
})

describe("a session", () => {
  const graph = new Graph()
  const [x, weight] = [graph.input("x", [2, 3]), graph.input("weight", [3])]
  const table = graph.constant(Float32Array.from({ length: 32 }, (_, index) => index), [32, 1])
  const normal = op.rmsNorm(x, weight, 1e-6)
  const picked = op.gather(table, op.argmax(normal))
  const program = {
    graph,
    outputs: new Map([["normal", normal], ["picked", picked], ["same", normal], ["x", x], ["table", table]]),
    bound: new Map([["weight", Float32Array.of(1, 2, 3)]]),
  }
  const arrays = (): ReadonlyMap<string, Float32Array> =>
    new Map([...program.outputs].map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]))

  it("holds its constants and bound inputs, no tensor of a run, and nothing when released", async () => {
    const before = heldTensors()
    const session = await engine.compile(program, { threads: 1 })
    const binding = session.bind(new Map([["x", Float32Array.of(1, 2, 3, 3, 2, 1)]]), arrays())
    await session.run(binding)
    const held = heldTensors()
    for (let run = 0; run < 5; run++) await session.run(binding)
    assert.strictEqual(heldTensors(), held)
    assert.isAtMost(held - before, 3)
    await session.release()
    assert.strictEqual(heldTensors(), before)
    const error = await session.run(binding).then(() => undefined, (reason: unknown) => reason)
    assert.instanceOf(error, EngineError)
    assert.match(error.message, /the session was released/u)
  })

  it("reads the inputs at every run and writes into the arrays bound as outputs, even the same ones", async () => {
    const own = new Graph()
    const total = own.input("total", [2])
    const outputs = new Map([["sum", op.add(total, own.input("step", [2]))], ["old", op.mul(total, 1)]])
    const session = await engine.compile({ graph: own, outputs }, { threads: 1 })
    const [sum, step, old] = [Float32Array.of(10, 20), Float32Array.of(1, 2), new Float32Array(2)]
    const binding = session.bind(new Map([["total", sum], ["step", step]]), new Map([["sum", sum], ["old", old]]))
    await session.run(binding)
    step.set([100, 200])
    await session.run(binding)
    await session.release()
    assert.deepStrictEqual([...sum, ...old], [111, 222, 11, 22])
  })

  it("names a missing or misshapen array, and refuses the binding of another session", async () => {
    const session = await engine.compile(program, { threads: 1 })
    const other = await engine.compile(program, { threads: 1 })
    const inputs = new Map([["x", new Float32Array(6)]])
    assert.throws(
      () => session.bind(new Map([["x", new Float32Array(5)]]), arrays()),
      EngineError,
      "tensorflow on JavaScript: x needs float32 [2,3] and got 5 values of float32",
    )
    assert.throws(() => session.bind(inputs, new Map()), EngineError, /normal needs float32 \[2,3\] and got nothing/u)
    const error = await session.run(other.bind(inputs, arrays())).then(() => undefined, (reason: unknown) => reason)
    assert.instanceOf(error, EngineError)
    await session.release()
    await other.release()
  })

  it("names the node and its place when an op fails, and leaves no tensor behind", async () => {
    const own = new Graph()
    const labels = own.input("labels", [1], "int32")
    const loss = own.scope("head", () => op.crossEntropy(op.mul(own.input("logits", [1, 3]), 2), labels))
    const before = heldTensors()
    const session = await engine.compile({ graph: own, outputs: new Map([["loss", loss]]) }, { threads: 1 })
    const inputs = new Map<string, TensorData>([["logits", new Float32Array(3)], ["labels", Int32Array.of(7)]])
    const binding = session.bind(inputs, new Map([["loss", new Float32Array(1)]]))
    const error = await session.run(binding).then(() => undefined, (reason: unknown) => reason)
    assert.instanceOf(error, EngineError)
    assert.match(error.message, /^tensorflow on JavaScript: crossEntropy \[1\] in head: /u)
    await session.release()
    assert.strictEqual(heldTensors(), before)
  })
})
