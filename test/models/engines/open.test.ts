import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { onTestFinished } from "vitest"
import { openCuda } from "../../../models/engines/cuda/open.ts"
import { EngineUnavailable } from "../../../models/engines/errors.ts"
import type { EngineName } from "../../../models/engines/names.ts"
import { openOnnx } from "../../../models/engines/onnx/open.ts"
import { loadTensorFlow } from "../../../models/engines/tensorflow/load.ts"
import { openTensorFlow, tensorFlowOnGpu } from "../../../models/engines/tensorflow/open.ts"
import { Graph } from "../../../models/ir/graph.ts"
import { matmul } from "../../../models/ir/ops.ts"
import type { Engine } from "../../../models/ir/program.ts"
import { differentiated, opCases } from "../ir/op-cases.ts"
import { disagreement, evaluate } from "../support.ts"

const { resolve } = createRequire(import.meta.url)

/** A module beside which `@tensorflow/tfjs-node-gpu` is the given program, or nothing that can be loaded. */
const beside = (program?: string): URL => {
  const folder = mkdtempSync(join(tmpdir(), "redag-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const home = join(folder, "node_modules/@tensorflow/tfjs-node-gpu")
  mkdirSync(home, { recursive: true })
  // An empty folder would be passed over for one of NODE_PATH.
  if (program === undefined) writeFileSync(join(home, "package.json"), `{ "exports": {} }`)
  else writeFileSync(join(home, "index.js"), program)
  return pathToFileURL(join(folder, "module.js"))
}

/** The package's part with tfjs's JavaScript kernels instead of TensorFlow's. */
const standIn = (setting: string): string => `
  const tf = require(${JSON.stringify(resolve("@tensorflow/tfjs-core"))})
  const { MathBackendCPU } = require(${JSON.stringify(resolve("@tensorflow/tfjs-backend-cpu"))})
  const { isArray, isNullOrUndefined } = require("util")
  if (!isArray([]) || !isNullOrUndefined(null)) throw new Error("an old function of util is missing")
  class Backend extends MathBackendCPU {
    isUsingGpuDevice = ${setting === "with a GPU"}
  }
  tf.enableProdMode()
  tf.copyRegisteredKernels("cpu", "tensorflow")
  if (tf.findBackendFactory("tensorflow") !== null) tf.removeBackend("tensorflow")
  tf.registerBackend("tensorflow", () => new Backend())
  tf.setBackend(${JSON.stringify(setting === "elsewhere" ? "cpu" : "tensorflow")})
  module.exports = tf
`

const failure = async (engine: Promise<Engine>): Promise<EngineUnavailable> => {
  const error: unknown = await engine.then(() => undefined, (reason: unknown) => reason)
  assert.instanceOf(error, EngineUnavailable)
  return error
}

const product = async (engine: Engine): Promise<unknown> => {
  const graph = new Graph()
  const outputs = { product: matmul(graph.input("a", [1, 2]), graph.input("b", [2, 1])) }
  const values = await evaluate(graph, outputs, { a: Float32Array.of(2, 3), b: Float32Array.of(5, 7) }, 1, engine)
  return values["product"]
}

const opened = (name: EngineName): Promise<Engine> =>
  name === "tensorflow" ? openTensorFlow() : name === "onnxruntime-cuda" ? openCuda() : openOnnx(name)

const names: readonly EngineName[] = ["onnxruntime", "onnxruntime-webgpu", "onnxruntime-cuda", "tensorflow"]

describe("an engine that is opened", () => {
  it("computes every op with each engine or says in one line why it cannot, and what to do", async () => {
    for (const name of names) {
      const engine = await opened(name).catch((error: unknown) => error)
      if (engine instanceof EngineUnavailable) {
        assert.notStrictEqual(name, "onnxruntime")
        assert.strictEqual(engine._tag, "EngineUnavailable")
        assert.strictEqual(engine.engine, name)
        assert.notMatch(engine.reason, /\n|^$/u)
        assert.match(engine.help, /or choose onnxruntime\.$/u)
        console.log(`${name} was not tested: ${engine.reason}`)
        continue
      }
      for (const [what, opCase] of Object.entries(opCases)) {
        const { graph, outputs, point } = differentiated(opCase)
        assert.isAtMost(await disagreement(engine as Engine, graph, outputs, point), 1e-5, `${name}: ${what}`)
      }
    }
  })

  it("is no TensorFlow on a GPU where the package cannot be loaded, and says so where it was asked for by name", async () => {
    const from = beside()
    const load = () => loadTensorFlow(from)
    assert.isUndefined(await tensorFlowOnGpu(load))
    assert.match((await failure(openTensorFlow(load))).message, /tfjs-node-gpu is not installed/u)
  })

  it("says why the package does not load", async () => {
    const from = beside("throw new Error('libtensorflow.so.2: cannot open\\n at line 1')")
    const error = await failure(openTensorFlow(() => loadTensorFlow(from)))
    assert.match(error.reason, /tfjs-node-gpu does not load: libtensorflow\.so\.2: cannot open$/u)
  })

  it("notices that tfjs computes elsewhere", async () => {
    const from = beside(standIn("elsewhere"))
    const error = await failure(openTensorFlow(() => loadTensorFlow(from)))
    assert.match(error.reason, /tfjs computes on its backend "cpu"/u)
  })

  it("is TensorFlow without being asked for only where it finds a GPU", async () => {
    for (const setting of ["without a GPU", "with a GPU"]) {
      const from = beside(standIn(setting))
      const load = () => loadTensorFlow(from)
      assert.strictEqual((await tensorFlowOnGpu(load)) !== undefined, setting === "with a GPU", setting)
      const engine = await openTensorFlow(load)
      assert.strictEqual(engine.name, "tensorflow")
      assert.deepStrictEqual(await product(engine), Float32Array.of(31))
    }
  })
})
