import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, totalmem } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import type { Config } from "../../../models/architectures/architecture.ts"
import { architectureOf } from "../../../models/architectures/t5.ts"
import { initialise } from "../../../models/architectures/weights.ts"
import { memoryProgram, stepProgram } from "../../../models/generation/programs.ts"
import { Graph } from "../../../models/ir/graph.ts"
import { peakBytes } from "../../../models/ir/memory.ts"
import type { Node } from "../../../models/ir/node.ts"
import { add, exp, reshape, sum } from "../../../models/ir/ops.ts"
import { availableMemory } from "../../../models/memory/available.ts"
import {
  generationBytes,
  MemoryShort,
  onnxruntimeTakes,
  requireMemory,
  trainingBytes,
} from "../../../models/memory/plan.ts"
import { trainedShapes, trainingProgram } from "../../../models/training/programs.ts"
import { slowly } from "../../rig/often.ts"

/** The architecture of a configuration without its model type. */
const t5 = (config: Config) => architectureOf({ model_type: "t5", ...config })

describe("the memory of a program", () => {
  const x = () => new Graph().input("x", [100])
  const of = (outputs: Readonly<Record<string, Node>>, graph: Node["graph"]) =>
    peakBytes({ graph, outputs: new Map(Object.entries(outputs)) })

  it("counts an intermediate value from where it is computed to its last use", () => {
    const input = x()
    // Only two of a chain live at once: what is read and what is written.
    let end: Node = input
    for (let link = 0; link < 10; link++) end = exp(end)
    assert.deepStrictEqual(of({ y: sum(end, [0]) }, input.graph), {
      inputs: 400,
      outputs: 4,
      constants: 0,
      activations: 800,
    })
    // The first link waits for the last.
    const first = exp(x())
    const last = exp(exp(exp(first)))
    assert.strictEqual(of({ y: sum(add(first, last), [0]) }, first.graph).activations, 1200)
  })

  it("counts what the caller binds apart, and constants once", () => {
    const input = x()
    const constant = input.graph.constant(new Float32Array(100), [100])
    const y = add(add(input, constant), constant)
    exp(exp(input))
    assert.deepStrictEqual(of({ y, same: y }, input.graph), {
      inputs: 400,
      outputs: 800,
      constants: 400,
      activations: 400,
    })
  })

  it("gives a reshape no place of its own, but for one that is handed out", () => {
    const input = x()
    const value = exp(input)
    const square = reshape(value, [10, 10])
    // The value lives on under its other shape.
    const y = sum(add(exp(exp(square)), square), [0, 1])
    assert.strictEqual(of({ y }, input.graph).activations, 1200)
    assert.strictEqual(of({ y: sum(exp(reshape(input, [10, 10])), [0, 1]) }, input.graph).activations, 400)
    assert.deepStrictEqual(of({ square }, input.graph), { inputs: 400, outputs: 400, constants: 0, activations: 400 })
  })

  slowly("is near what onnxruntime really takes, and not below it", async () => {
    // A small one is mostly the library, and what V8 has not collected yet differs by tens of megabytes.
    const sizes = [[["2", "256", "8000", "4", "256", "64"], 0.5], [
      ["2", "256", "8000", "1", "64", "32"],
      0.25,
    ]] as const
    for (const [size, least] of sizes) {
      const told = execFileSync(process.execPath, [join(import.meta.dirname, "measure.ts"), ...size], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      })
      const { took, planned } = JSON.parse(told) as { readonly took: number; readonly planned: number }
      console.log(`${size.join(" ")}: took ${(took / 1e6).toFixed(0)} MB, planned ${(planned / 1e6).toFixed(0)} MB`)
      assert.isBelow(took, planned)
      assert.isAbove(took, least * planned)
    }
  })
})

describe("a memory plan", () => {
  const architecture = t5({
    model_type: "t5",
    vocab_size: 500,
    d_model: 32,
    d_kv: 8,
    num_heads: 4,
    d_ff: 64,
    num_layers: 2,
    feed_forward_proj: "relu",
    tie_word_embeddings: true,
    pad_token_id: 0,
    eos_token_id: 1,
  })
  const parameters = [...trainedShapes(architecture).values()]
    .reduce((total, shape) => total + shape.reduce((product, dim) => product * dim, 1), 0)
  const training = (options: { readonly dropout: number; readonly accumulate: boolean }) =>
    trainingProgram(architecture, { batch: 2, source: 32, target: 16 }, options)

  it("of finetuning holds weights, gradients, two moments and what the graphs need", () => {
    const { program } = training({ dropout: 0, accumulate: false })
    const plan = trainingBytes(parameters, program)
    assert.strictEqual(plan.parts["weights"], 4 * parameters)
    assert.strictEqual(plan.parts["gradients"], 4 * parameters)
    assert.strictEqual(plan.parts["moments"], 8 * parameters)
    assert.strictEqual(plan.bytes, Object.values(plan.parts).reduce((total, part) => total + part, 0))
    const { activations, constants } = peakBytes(program)
    const graph = onnxruntimeTakes.activations * activations + constants + onnxruntimeTakes.session
    assert.strictEqual(plan.parts["activations"], graph)
    assert.strictEqual(trainingBytes(parameters, program, { sessions: 3 }).parts["activations"], 3 * graph)
  })

  it("of finetuning counts dropout masks, and no second set of gradients where they are accumulated", () => {
    // Ids, labels, their weights and the source mask.
    const batch = 4 * 2 * (32 + 32 + 16 + 16 + 16)
    const { program, masks } = training({ dropout: 0.1, accumulate: true })
    const drawn = [...masks.values()]
      .reduce((total, { shape }) => total + 4 * shape.reduce((product, dim) => product * dim, 1), 0)
    assert.isAbove(drawn, 0)
    assert.strictEqual(trainingBytes(parameters, program).parts["dropout masks"], batch + drawn)
    const { program: without } = training({ dropout: 0, accumulate: false })
    assert.strictEqual(trainingBytes(parameters, without).parts["dropout masks"], batch)
  })

  it("of generation holds weights, what the engine makes of those that a step needs, and the caches", () => {
    const { tensors } = initialise(architecture.parameters, 1)
    const unread = new Map([...tensors].map(([name, { shape }]) => [name, { shape, data: new Float32Array(0) }]))
    const plan = (batch: number, capacity: number) =>
      generationBytes(
        parameters,
        stepProgram(architecture, unread, { batch, beams: 1, source: 32, capacity }).program,
        memoryProgram(architecture, batch, 32),
      ).parts
    const parts = plan(2, 64)
    assert.strictEqual(parts["weights"], 4 * parameters)
    const decoder = [...tensors].filter(([name]) =>
      name.startsWith("shared") || /^decoder\..*(?<!EncDecAttention\.[kv])\.weight$/u.test(name)
    )
    const needed = decoder.reduce((total, [, { data }]) => total + data.byteLength, 0)
    assert.strictEqual(parts["packed weights"], onnxruntimeTakes.bound * needed)
    // Of 2 blocks for 2 rows, 4 heads of width 8, keys and values: 32 of the source, 64 new ones.
    const caches = 4 * 2 * 2 * 2 * 4 * 8 * (32 + 64)
    assert.isAtLeast(parts["keys and values"] ?? 0, caches)
    assert.isBelow(parts["keys and values"] ?? 0, caches * 1.1)
    assert.isAbove(plan(2, 128)["keys and values"] ?? 0, 1.3 * caches)
  })

  it("refuses what does not fit, with the parts that matter, and nothing else", () => {
    const need = {
      task: {
        kind: "training" as const,
        modelType: "t5",
        parameters: 737.7e6,
        batch: 4,
        beams: 1,
        source: 512,
        target: 128,
      },
      bytes: 14.04e9,
      parts: { weights: 2.95e9, gradients: 2.95e9, moments: 5.9e9, activations: 2.24e9, "dropout masks": 1e6 },
    }
    requireMemory(need, 14.04e9)
    let error: unknown
    try {
      requireMemory(need, 9e9)
    } catch (cause) {
      error = cause
    }
    assert.instanceOf(error, MemoryShort)
    assert.deepInclude(error, { _tag: "MemoryShort", needed: 14.04e9, available: 9e9 })
    assert.strictEqual(
      error.message,
      "t5 of 737.7M parameters, full finetuning, batch 4 × 512 + 128 tokens: needs about 14.0 GB (weights 3.0, gradients 3.0, moments 5.9, "
        + "activations 2.2), this machine has 9.0 free",
    )
  })
})

describe("available memory", () => {
  const system = (files: Readonly<Record<string, string>>): string => {
    const root = mkdtempSync(join(tmpdir(), "redag-memory-"))
    onTestFinished(() => rmSync(root, { recursive: true }))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
    return root
  }
  const machine = { "proc/meminfo": "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    8000 kB\n" }

  it("is what Linux calls available, where nothing limits the process", () => {
    assert.strictEqual(availableMemory(system(machine)), 8_192_000)
    const unlimited = { "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n" }
    assert.strictEqual(availableMemory(system({ ...machine, ...unlimited })), 8_192_000)
    const here = availableMemory()
    assert.isAbove(here, 0)
    assert.isAtMost(here, totalmem())
  })

  it("is what the narrowest control group leaves, file caches not counted as taken", () => {
    const job = "sys/fs/cgroup/slurm/job_7"
    const groups = {
      "proc/self/cgroup": "0::/slurm/job_7/step_0\n",
      [`${job}/memory.max`]: "5000000\n",
      [`${job}/memory.current`]: "4000000\n",
      [`${job}/memory.stat`]: "anon 1500000\nfile 2500000\ninactive_file 2000000\nactive_file 300000\nslab 1\n",
      [`${job}/step_0/memory.max`]: "max\n",
      [`${job}/step_0/memory.current`]: "4000000\n",
      "sys/fs/cgroup/slurm/memory.max": "7900000\n",
      "sys/fs/cgroup/slurm/memory.current": "4000000\n",
    }
    assert.strictEqual(availableMemory(system({ ...machine, ...groups })), 3_300_000)
    const full = { ...groups, [`${job}/memory.current`]: "5100000\n", [`${job}/memory.stat`]: "inactive_file 0\n" }
    assert.strictEqual(availableMemory(system({ ...machine, ...full })), 0)
  })

  it("knows version 1 of control groups, also where a container shows its own as the top", () => {
    const groups = {
      "proc/self/cgroup": "9:name=systemd:/docker/f00\n4:memory:/docker/f00\n3:cpuset,cpu:/\n0::/\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "6000000\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "5000000\n",
      "sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 1000000\ntotal_active_file 500000\n",
    }
    assert.strictEqual(availableMemory(system({ ...machine, ...groups })), 2_500_000)
    const none = { ...groups, "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n" }
    assert.strictEqual(availableMemory(system({ ...machine, ...none })), 8_192_000)
  })
})
