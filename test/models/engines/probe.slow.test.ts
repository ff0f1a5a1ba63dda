import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { onTestFinished } from "vitest"
import type { EngineName } from "../../../models/engines/names.ts"
import type { EngineFinding } from "../../../models/engines/probe.ts"

const { resolve: find } = createRequire(import.meta.url)

/** Where the real package is installed, it is found before a stand-in. */
const installed = ((): boolean => {
  try {
    return find("@tensorflow/tfjs-node-gpu") !== ""
  } catch {
    return false
  }
})()
const why = installed ? " [skipped: the real TensorFlow is installed here]" : ""

/** What a probe finds in a process of its own, with packages of a folder beside the installed ones. */
const probe = (name: EngineName, packages = ""): EngineFinding => {
  const module = JSON.stringify(resolve(import.meta.dirname, "../../../models/engines/probe.ts"))
  const program = `const { probeEngine } = await import(${module});`
    + `process.stdout.write(JSON.stringify(await probeEngine(${JSON.stringify(name)})) + "\\n")`
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, NODE_PATH: packages },
    stdio: ["ignore", "pipe", "ignore"],
  })
  return JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "") as EngineFinding
}

/** A folder of packages in which `@tensorflow/tfjs-node-gpu` is the given program. */
const tensorflow = (program: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "redag-probe-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const home = join(folder, "@tensorflow/tfjs-node-gpu")
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, "package.json"), JSON.stringify({ version: "9.8.7", main: "index.js" }))
  writeFileSync(join(home, "index.js"), program)
  return folder
}

/** tfjs's JavaScript kernels in the place of TensorFlow's; a product may be spoilt where it is large. */
const standIn = (spoilt: boolean): string => `
  const tf = require(${JSON.stringify(find("@tensorflow/tfjs-core"))})
  const { MathBackendCPU } = require(${JSON.stringify(find("@tensorflow/tfjs-backend-cpu"))})
  tf.copyRegisteredKernels("cpu", "tensorflow")
  tf.registerBackend("tensorflow", () => new MathBackendCPU())
  tf.setBackend("tensorflow")
  const { kernelFunc } = tf.getKernel("BatchMatMul", "tensorflow")
  tf.unregisterKernel("BatchMatMul", "tensorflow")
  tf.registerKernel({ kernelName: "BatchMatMul", backendName: "tensorflow", kernelFunc: (given) => {
    const product = kernelFunc(given)
    if (${spoilt}) given.backend.data.get(product.dataId).values[100] += 1
    return product
  } })
  module.exports = tf
`

describe("the probe of an engine", () => {
  it("finds onnxruntime usable, by a product that it measured", () => {
    const { version } = JSON.parse(readFileSync(find("onnxruntime-node/package.json"), "utf8")) as { version: string }
    const { status, detail } = probe("onnxruntime")
    assert.strictEqual(status, "usable", detail)
    assert.match(detail, /^\S+ on the CPU; a product of 512×512×512 was right, at [\d.]+ GFLOP\/s$/u)
    assert.isTrue(detail.startsWith(`${version} `))
  })

  it("says of an engine for a GPU why it is not usable and what it needs, in one line each", () => {
    for (const name of ["onnxruntime-webgpu", "onnxruntime-cuda"] as const) {
      const { status, detail, help } = probe(name)
      if (status === "usable") {
        console.log(`the lack of ${name} was not tested: ${detail}`)
        continue
      }
      assert.strictEqual(status, "absent")
      assert.match(detail, /^[^\n]+$/u)
      assert.match(help ?? "", /^It needs a [^\n]+$/u)
    }
  })

  it.skipIf(installed)(`tells a TensorFlow that fails from one that is not there${why}`, () => {
    assert.deepInclude(probe("tensorflow"), { status: "absent" })
    const { status, detail, help } = probe("tensorflow", tensorflow("throw new Error('libcudart.so.11: cannot open')"))
    assert.strictEqual(status, "broken")
    assert.include(detail, "libcudart.so.11: cannot open")
    assert.isDefined(help)
  })

  it.skipIf(installed)(`believes no engine whose numbers are wrong${why}`, () => {
    const right = probe("tensorflow", tensorflow(standIn(false)))
    assert.deepStrictEqual(right.status, "usable", right.detail)
    assert.match(right.detail, /^9\.8\.7 on the CPU, for it finds no GPU; a product of 512×512×512 was right/u)
    const wrong = probe("tensorflow", tensorflow(standIn(true)))
    assert.deepStrictEqual(wrong, { status: "broken", detail: "1 of 262144 elements of a product are wrong" })
  })
})
