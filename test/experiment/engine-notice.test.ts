import { assert, describe, it } from "@effect/vitest"
import { engineNotice } from "../../experiment/engine-notice.ts"

const absent = (detail: string) => ({ status: "absent", detail }) as const
const usable = (detail: string) => ({ status: "usable", detail }) as const

describe("what is said of the engine that this machine chooses", () => {
  it("concerns nodes that leave the choice to it", () => {
    assert.isTrue(engineNotice.concerns({ engine: "auto" }))
    assert.isFalse(engineNotice.concerns({ engine: "onnxruntime" }))
    assert.isFalse(engineNotice.concerns({ by: 1 }))
  })

  it("names the engine that is taken, and why not those that would come before it", () => {
    const said = (cuda: ReturnType<typeof absent | typeof usable>, tensorflow: typeof cuda) =>
      engineNotice.text(3, new Map([["onnxruntime-cuda", cuda], ["tensorflow", tensorflow]]))
    assert.match(said(usable("1.30.0 on a CUDA device"), absent("")), /^engine auto: onnxruntime-cuda, for 3 nodes/u)
    const onCpu = said(absent("libcuda.so.1: cannot open"), usable("4.22 on the CPU, for it finds no GPU"))
    assert.match(onCpu, /^engine auto: onnxruntime on the CPU, for 3 nodes\n/u)
    assert.include(onCpu, "not onnxruntime-cuda: libcuda.so.1: cannot open")
    assert.include(onCpu, "not tensorflow: 4.22 on the CPU")
    assert.include(onCpu, "docs/gpu.md")
    const tensorflow = said(absent("not added"), usable("4.22 on a CUDA device"))
    assert.match(tensorflow, /^engine auto: tensorflow, for 3 nodes\n {2}not onnxruntime-cuda: not added$/u)
  })
})
