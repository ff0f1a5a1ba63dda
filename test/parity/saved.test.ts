import { afterAll, assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { batchOf } from "../../models/batches.ts"
import { writeSafetensors } from "../../models/checkpoints/safetensors-writer.ts"
import type { TensorData } from "../../models/ir/program.ts"
import { onnxEngine } from "../../models/onnx/engine.ts"
import { logitsProgram } from "../../models/programs.ts"
import { configTextOf, examplesOf, modelOf, referenceOf, variants } from "./reference.ts"

// test/parity/transformers.sh installs what this needs and runs it.
const python = process.env["DAG_PYTHON"] ?? "python3"
const there = spawnSync(python, ["-c", "import torch, transformers, safetensors"]).status === 0
const reason = there ? "" : ` (skipped: ${python} has no transformers; DAG_PYTHON names one that has)`

const folder = mkdtempSync(join(tmpdir(), "redag-saved-"))
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!there)(`a folder that redag saves${reason}`, () => {
  it.each(variants)("%s: loads in transformers without a fault and gives the same logits", async (variant) => {
    const { sources, targets } = referenceOf(variant)
    const { architecture, weights } = modelOf(variant)
    const joined = architecture.kind === "decoder-only"
    // Row after row without padding, as make.py reads them.
    const logits: number[] = []
    for (const { source, target } of examplesOf({ sources, targets })) {
      const length = source.length + target.length
      const shape = { batch: 1, source: joined ? length : source.length, target: joined ? length : target.length }
      const batch = batchOf(architecture, shape)
      batch.write([{ source, target }], 1)
      const inputs = new Map<string, TensorData>(batch.inputs)
      for (const [name, { data }] of weights.tensors) inputs.set(name, data)
      if (joined) {
        inputs.set("source ids", Int32Array.from([...source, ...target]))
        inputs.set("rows", Int32Array.from({ length }, (_, row) => row))
      }
      const session = await onnxEngine.compile(logitsProgram(architecture, shape), { threads: 1 })
      const row = new Float32Array(shape.target * architecture.vocabulary)
      await session.run(session.bind(inputs, new Map([["logits", row]])))
      await session.release()
      logits.push(...row)
    }
    const data = Float32Array.from(logits)
    const shape = [data.length / architecture.vocabulary, architecture.vocabulary]
    const saved = mkdtempSync(join(folder, `${variant}-`))
    writeFileSync(join(saved, "config.json"), configTextOf(variant))
    writeFileSync(join(saved, "model.safetensors"), writeSafetensors(weights.tensors, { format: "pt" }))
    writeFileSync(join(saved, "variant.json"), JSON.stringify({ sources, targets }))
    writeFileSync(join(saved, "logits.safetensors"), writeSafetensors(new Map([["logits", { shape, data }]])))
    const check = spawnSync(python, [join(import.meta.dirname, "reference/make.py"), "check", saved])
    console.log(`${variant}: ${check.stdout.toString().trim()}`)
    assert.strictEqual(check.status, 0, check.stderr.toString())
  })
})
