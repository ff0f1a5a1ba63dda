import { assert, describe, it } from "@effect/vitest"
import type { DepartureName } from "../../../experiment/departures.ts"
import type { Counted } from "../../../stages/ceiling/ceiling.ts"
import { corporaMissing, published, skipReason } from "../support.ts"
import { ceilingOf, lossesIn, percent, protocol, type Published, publishedModel, taskOf } from "./support.ts"

/** The ceiling of DCE's test set, the smallest of the published ones, with a real tokenizer; the slow suite has them all. */
const ceilingOfDce = (model: Published, departs: ReadonlyArray<DepartureName> = []): Counted =>
  ceilingOf(
    taskOf("dce", model, publishedModel(model), [...published["dce test"]()]),
    protocol("dce", departs),
  )

describe.skipIf(corporaMissing !== undefined)(`ceilings of a published corpus${skipReason}`, () => {
  it("of what the paper says: BioGPT cannot write three of the names of DCE", () => {
    const row = ceilingOfDce("biogpt")
    // Lost to template, tokenizer, target length, source length.
    assert.deepStrictEqual([row.found, row.gold, percent(row.f1), lossesIn(row).slice(0, 4)], [206, 209, 98.6, [
      0,
      3,
      0,
      0,
    ]])
  })

  it("of a prompt that is kept: F1 16.3 on DCE", () => {
    const row = ceilingOfDce("gpt2", ["prompt-kept"])
    assert.deepStrictEqual([row.found, row.gold, percent(row.f1), row.lostToSurroundings], [34, 209, 16.3, 175])
  })
})
