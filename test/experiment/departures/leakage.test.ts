import { assert, describe, it } from "@effect/vitest"
import { paperPairs } from "../../../experiment/pairs.ts"
import { aggregate } from "../../../stages/aggregate/aggregate.ts"
import { aggregation, run, type Three } from "../../stages/aggregate/made.ts"

const times = (count: number, three: Three): ReadonlyArray<Three> => Array.from({ length: count }, () => three)

/** On nine documents In-BoXBART finds the one relation of each and BART-Base finds none: on CDR and on DCE. */
const runs = ["cdr", "dce"].flatMap((corpus) => [
  run({ model: "BART-Base", corpus }, times(9, [0, 1, 1])),
  run({ model: "In-BoXBART", corpus }, times(9, [1, 1, 1])),
])

/** Tells the corpora apart by what stands in a row of both. */
const underProtocol = (leaked: "apart" | "compared") => {
  const { results, comparisons } = aggregate(aggregation(runs, { pairs: paperPairs, leaked, resamples: 20_000 }))
  const [cdr, dce] = comparisons
  assert.isDefined(cdr)
  assert.isDefined(dce)
  assert.deepStrictEqual([cdr.corpus, dce.corpus, comparisons.length], ["cdr", "dce", 2])
  return { results, cdr, dce }
}

/** All nine documents swapped or none: 2 of 2^9 swaps are as extreme. */
const exact = 2 / 512

describe("departure 15: In-BoXBART's instructions were made from CDR, ChemProt and DDI", () => {
  it("the cells are flagged under both protocols", () => {
    for (const leaked of ["apart", "compared"] as const) {
      assert.deepStrictEqual(
        underProtocol(leaked).results.map(({ model, corpus, flags }) => [model, corpus, ...flags]),
        [
          ["BART-Base", "cdr"],
          ["BART-Base", "dce"],
          ["In-BoXBART", "cdr", "leakage"],
          ["In-BoXBART", "dce"],
        ],
      )
    }
  })

  it("under paper it is set apart on CDR: told, not tested, and no part of the correction of others", () => {
    const { cdr, dce } = underProtocol("apart")
    assert.deepStrictEqual([cdr.difference, cdr.p, cdr.adjusted], [100, null, null])
    assert.strictEqual(
      cdr.conclusion,
      "Finetuned on all of CDR (one run each), In-BoXBART less BART-Base is 100.0 points of F1 (95% interval 100.0 to 100.0), "
        + "which is not tested and says nothing of the models: "
        + "In-BoXBART had been finetuned on data made from CDR before.",
    )
    assert.closeTo(dce.p ?? 1, exact, 0.002)
    assert.strictEqual(dce.adjusted, dce.p)
    assert.match(
      dce.conclusion,
      /^Finetuned on all of DCE \(one run each\), In-BoXBART is better than BART-Base by 100\.0 points of F1 /u,
    )
    assert.notInclude(dce.conclusion, "before")
  })

  it("under authors it is compared on CDR as on DCE", () => {
    const { cdr, dce } = underProtocol("compared")
    for (const row of [cdr, dce]) {
      assert.closeTo(row.p ?? 1, exact, 0.002)
      // Two tests in figure 4.
      assert.closeTo(row.adjusted ?? 1, 2 * exact, 0.004)
    }
    assert.match(
      cdr.conclusion,
      /^Finetuned on all of CDR \(one run each\), In-BoXBART is better than BART-Base by 100\.0 points of F1 /u,
    )
    assert.match(cdr.conclusion, /, but In-BoXBART had been finetuned on data made from CDR before\.$/u)
    assert.notInclude(dce.conclusion, "before")
  })
})
