import { afterAll, assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { miniNames } from "../../bundled/making/tokenizer.ts"
import type { Model, Tensor } from "../../models/architectures/weights.ts"
import { checkpointFiles } from "../../models/checkpoints/checkpoint.ts"
import { safetensorsPieces, writeSafetensors } from "../../models/checkpoints/safetensors-writer.ts"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import type { TensorData } from "../../models/ir/program.ts"
import { batchOf, type EncodedExample } from "../../models/training/batches.ts"
import { logitsProgram } from "../../models/training/programs.ts"
import { readCheckpoint } from "../models/reading.ts"
import { configTextOf, examplesOf, modelOf, referenceOf, variants } from "./reference.ts"

// test/parity/transformers.sh installs what this needs and runs it.
const python = process.env["DAG_PYTHON"] ?? "python3"
const there = spawnSync(python, ["-c", "import torch, transformers, safetensors"]).status === 0
const reason = there ? "" : ` (skipped: ${python} has no transformers; DAG_PYTHON names one that has)`

const folder = mkdtempSync(join(tmpdir(), "redag-saved-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** The logits of examples one by one, without padding, as make.py reads them. */
const logitsOf = async ({ architecture, weights }: Model, examples: readonly EncodedExample[]): Promise<Tensor> => {
  const joined = architecture.kind === "decoder-only"
  const logits: number[] = []
  for (const { source, target } of examples) {
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
  return { shape: [data.length / architecture.vocabulary, architecture.vocabulary], data }
}

/** Writes the files, and beside them what make.py compares; gives what it prints, and fails where it does. */
const checked = async (
  name: string,
  files: ReadonlyMap<string, string | readonly Uint8Array[]>,
  model: Model,
  examples: readonly EncodedExample[],
): Promise<string> => {
  const saved = mkdtempSync(join(folder, `${name}-`))
  for (const [file, content] of files) {
    writeFileSync(join(saved, file), typeof content === "string" ? content : Buffer.concat(content))
  }
  const rows = { sources: examples.map(({ source }) => source), targets: examples.map(({ target }) => target) }
  writeFileSync(join(saved, "variant.json"), JSON.stringify(rows))
  const logits = new Map([["logits", await logitsOf(model, examples)]])
  writeFileSync(join(saved, "logits.safetensors"), writeSafetensors(logits))
  const check = spawnSync(python, [join(import.meta.dirname, "reference/make.py"), "check", saved])
  assert.strictEqual(check.status, 0, check.stderr.toString())
  console.log(`${name}: ${check.stdout.toString().trim()}`)
  return saved
}

describe.skipIf(!there)(`a folder that redag saves${reason}`, () => {
  it.each(variants)("%s: loads in transformers without a fault and gives the same logits", async (variant) => {
    const model = modelOf(variant)
    const files = new Map<string, string | readonly Uint8Array[]>([
      ["config.json", configTextOf(variant)],
      ["model.safetensors", safetensorsPieces(model.weights.tensors, { format: "pt" }).pieces],
    ])
    await checked(variant, files, model, examplesOf(referenceOf(variant)))
  })

  it.each(miniNames)("%s-mini: with its tokenizer too", async (mini) => {
    const text = "The relation between aspirin and bleeding exists."
    const read = (name: string): string => join(import.meta.dirname, "../../bundled/models", mini, name)
    const names = ["config.json", "tokenizer.json", "model.safetensors"]
    const checkpoint = readCheckpoint(new Map(names.map((name) => [name, read(name)])))
    const source = checkpoint.tokenizer.encode(text, Infinity).ids
    const target = checkpoint.tokenizer.encode(text, Infinity, { specials: false }).ids
    const saved = await checked(`${mini}-mini`, checkpointFiles(checkpoint), checkpoint, [{ source, target }])
    const script = "import sys, json, tokenizers; t = tokenizers.Tokenizer.from_file(sys.argv[1] + '/tokenizer.json'); "
      + "print(json.dumps(t.encode(sys.argv[2]).ids))"
    const ids = spawnSync(python, ["-c", script, saved, text])
    assert.deepStrictEqual(JSON.parse(ids.stdout.toString()), source)
  })
})
