import { assert, describe, it } from "@effect/vitest"
import { parseHTML } from "linkedom"
import { drawCurves } from "../../../experiment/results/curve-panel.ts"
import { cellCurves, straightened, thinned } from "../../../experiment/results/curves.ts"
import { curvesSection } from "../../../experiment/results/page/curves.ts"
import type { NodeCurves } from "../../../pipeline/report/curves.ts"
import { demoTables } from "./fixture.ts"
import { provenanceOf } from "./provenance.ts"
import { trainingCurves } from "./training-curves.ts"

const curvesFor = (nodes: Readonly<Record<string, NodeCurves | undefined>>) => ({
  curves: new Map(Object.entries(nodes).map(([node, curves]) => [node, () => Promise.resolve(curves)] as const)),
})

const running = { _tag: "Running", reached: { done: 100, total: 300, unit: "steps" } } as const

describe("the curves of trainings", () => {
  it("are by cell, in the order of the corpora, with a line for each seed; what has none is left out", async () => {
    const names = ["b/ddi/full", "org/a/cdr/16/seed1", "org/a/cdr/16/seed0", "b/cdr/full"].map((name) =>
      `finetune/${name}`
    )
    const cells = await cellCurves(curvesFor({
      ...Object.fromEntries(names.map((name) => [name, trainingCurves(name)])),
      "finetune/c/cdr/full": undefined,
      // As of another profile, whose finetunings are of no cell.
      "finetune/t5-mini": trainingCurves("finetune/t5-mini"),
    }))
    assert.deepStrictEqual(
      cells.map(({ model, corpus, setting, trainings }) => [model, corpus, setting, trainings.map(({ seed }) => seed)]),
      [["b", "cdr", "full", [null]], ["org/a", "cdr", "16", [1, 0]], ["b", "ddi", "full", [null]]],
    )
  })

  it("are drawn from few points: both ends, means between them, none on a straight line", () => {
    const points = Array.from({ length: 1000 }, (_, index) => ({ x: index + 1, y: index % 2 }))
    const few = thinned(points, 12)
    assert.lengthOf(few, 12)
    assert.deepStrictEqual([few[0], few.at(-1)], [{ x: 1, y: 0 }, { x: 1000, y: 1 }])
    for (const { y } of few.slice(1, -1)) assert.closeTo(y, 0.5, 0.01)
    const bent = points.map(({ x }) => ({ x, y: Math.min(x, 100) }))
    assert.deepStrictEqual(straightened(bent).map(({ x }) => x), [1, 100, 1000])
    assert.deepStrictEqual(straightened(few.slice(0, 2)), few.slice(0, 2))
  })

  it("have a line for each seed, the ends of each scale, and a ring around the best evaluation", async () => {
    const [cell] = await cellCurves(curvesFor({ "finetune/b/cdr/full": trainingCurves("finetune/b/cdr/full") }))
    const { body } = await drawCurves(cell ?? assert.fail("no cell"), ["training/loss", "evaluations/f1"])
    const { document } = parseHTML(`<html><body><svg>${body.text}</svg></body></html>`)
    const words = [...document.querySelectorAll("text")].map(({ textContent }) => textContent)
    assert.includeMembers(words, ["b, full", "loss", "validation F1", "52.0", "40.0", "step", "300"])
    assert.lengthOf(document.querySelectorAll("path[d*='L']"), 2 + 4, "two curves, four ticks")
    const rings = [...document.querySelectorAll("circle[r='4']")]
    const best = [...document.querySelectorAll("circle[r='2']")][2]
    assert.deepStrictEqual(rings.map((ring) => ring.getAttribute("cx")), [best?.getAttribute("cx") ?? null])
  })

  it("are drawn as far as they are where a training is not done, which is said, along all of its steps", async () => {
    const node = "finetune/t5-mini/cdr/full"
    const provenance = {
      ...provenanceOf(demoTables(), "demo"),
      ...curvesFor({ [node]: trainingCurves(node, 300, running) }),
    }
    const { document } = parseHTML(`<html><body>${(await curvesSection(provenance)).text}</body></html>`)
    assert.match(document.querySelector("p.old")?.textContent ?? "", /^1 training is not done/u)
    assert.strictEqual(document.querySelector("li")?.textContent, "t5-mini, CDR, full: running at 100 of 300 steps")
    const [drawing] = document.querySelectorAll(".curves svg")
    assert.include([...drawing?.querySelectorAll("text") ?? []].map(({ textContent }) => textContent), "300")
    assert.match(
      drawing?.getAttribute("aria-label") ?? "",
      /^t5-mini, full: loss between 0\.\d+ and 4\.?\d*; validation F1 from/u,
    )
    const folded = document.querySelector("details")
    assert.match(folded?.textContent ?? "", /learning rate.*gradient norm/su)
  })

  it("are said not to be there where no training has shown any", async () => {
    const provenance = { ...provenanceOf(demoTables()), ...curvesFor({}) }
    assert.include((await curvesSection(provenance)).text, "No training of this profile has shown its curves yet.")
  })
})
