import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { engineNotice } from "../../experiment/engine-notice.ts"

const absent = (detail: string) => ({ status: "absent", detail }) as const
const usable = (detail: string) => ({ status: "usable", detail }) as const

describe("what is said of the engine that this machine chooses", () => {
  it("concerns nodes that leave the choice to it", () => {
    assert.isTrue(engineNotice.concerns({ engine: "auto" }))
    assert.isFalse(engineNotice.concerns({ engine: "onnxruntime" }))
    assert.isFalse(engineNotice.concerns({ by: 1 }))
  })

  const nodes = [1024, 30_000, 2048].map((memory) => ({
    params: { engine: "auto" },
    resources: { memory },
    rowsOf: () => Effect.undefined,
  }))
  const said = (cuda: ReturnType<typeof absent | typeof usable>, tensorflow: typeof cuda) =>
    Effect.runSync(engineNotice.of({
      nodes,
      findings: new Map([["onnxruntime-cuda", cuda], ["tensorflow", tensorflow]]),
      replies: { find: () => Effect.undefined },
    }))

  it("names the engine that is taken, and why not those that would come before it", () => {
    const onCuda = said(usable("1.30.0 on a CUDA device"), absent(""))
    assert.deepStrictEqual(onCuda.lines, [
      "engine auto: onnxruntime-cuda, for 3 nodes (1.30.0 on a CUDA device)",
      "a node needs up to 31.5 GB on the GPU",
    ])
    assert.deepStrictEqual(onCuda.facts, {
      engine: "onnxruntime-cuda",
      device: "gpu",
      nodes: 3,
      not: [],
      gpuBytes: 30_000 * 2 ** 20,
    })
    assert.deepStrictEqual(said(absent("not added"), usable("4.22 on a CUDA device")).lines, [
      "engine auto: tensorflow, for 3 nodes",
      "not onnxruntime-cuda: not added",
      "a node needs up to 31.5 GB on the GPU",
    ])
  })

  it("asks where it ends on the CPU, and nowhere else", () => {
    const { lines, facts, asks } = said(
      absent("libcuda.so.1: cannot open"),
      usable("4.22 on the CPU, for it finds no GPU"),
    )
    assert.deepStrictEqual(lines, [
      "engine auto: onnxruntime on the CPU, for 3 nodes",
      "not onnxruntime-cuda: libcuda.so.1: cannot open",
      "not tensorflow: 4.22 on the CPU, for it finds no GPU",
      "the paper's models take days to weeks on a CPU; docs/gpu.md says how to use a GPU",
    ])
    assert.deepStrictEqual(facts, {
      engine: "onnxruntime",
      device: "cpu",
      nodes: 3,
      not: [
        { engine: "onnxruntime-cuda", why: "libcuda.so.1: cannot open" },
        { engine: "tensorflow", why: "4.22 on the CPU, for it finds no GPU" },
      ],
    })
    assert.include(asks?.help, "--yes")
    assert.isUndefined(said(usable("on a CUDA device"), absent("")).asks)
    assert.isUndefined(said(absent(""), usable("4.22 on a CUDA device")).asks)
  })
})
