import { assert, describe, it } from "@effect/vitest"
import { often } from "../../rig/often.ts"
import { checkScript, checkScripts } from "./check.ts"
import { WorldEngine } from "./engine.ts"
import { Harness } from "./harness.ts"
import { type Run, smallEdits } from "./script.ts"

describe("engine against a pure model", () => {
  it("does what the model does, on random graphs and sequences of edits", async () => {
    await checkScripts(often(25, 80))
  })

  it("looks at no more than what changed since all was up to date, and misses nothing", async () => {
    const { parts } = await checkScripts(often(2, 40), undefined, smallEdits)
    assert.isAbove(parts, often(0, 40))
  })

  it("plans again what a run at the same time found damaged, even where it is interrupted at once", async () => {
    const node = { stage: 0, add: 1, tag: 0, any: [], file: null }
    const whole: Run = { jobs: 2, after: null, keepGoing: true, param: null }
    const rest = { forced: [], frozen: [] }
    await checkScript({
      nodes: [{ ...node, from: [] }, { ...node, from: [0] }],
      steps: [
        { ...rest, edits: [], runs: [whole] },
        {
          ...rest,
          edits: [{ _tag: "FlipInput", which: 1 }],
          runs: [whole, { ...whole, after: 0 }, { ...whole, after: 0 }],
        },
      ],
    })
  })

  it("finds an engine that forgets that code has changed", async () => {
    class Forgetful extends WorldEngine {
      override get code() {
        return new WorldEngine({ ...this.world, versions: [0, 0, 0] }, this.folder).code
      }
    }
    const found = await checkScripts(1000, (world, folder) => new Forgetful(world, folder)).then(
      () => undefined,
      (error: unknown) => error,
    )
    assert.match(found instanceof Error ? String(found.cause) : "nothing", /^AssertionError\b/u)
  })

  it("runs equal work under several names once, whether one or many actions run at a time", async () => {
    const twin = { stage: 0, add: 1, tag: 0, from: [], any: [], file: null }
    for (const jobs of [1, 2, 8]) {
      const harness = new Harness()
      try {
        const world = { nodes: [twin, twin, twin], versions: [0, 0, 0], files: [], broken: new Set<number>() }
        const [observed] = await harness.run([{ world, jobs }])
        assert.lengthOf(observed?.executed ?? [], 1)
        assert.deepInclude(observed?.summary, { executed: 1, cached: 2, failed: 0 })
      } finally {
        harness.remove()
      }
    }
  })
})
