import { assert, describe, it } from "@effect/vitest"
import type { Comparison } from "../../../schemas/comparisons.ts"
import { aggregate, type Aggregation } from "../../../stages/aggregate/aggregate.ts"
import type { Pair } from "../../../stages/aggregate/comparisons.ts"
import { conclude, type Finding } from "../../../stages/aggregate/conclusions.ts"
import { aggregation, base, other, run, type Three } from "./made.ts"

const pair: Pair = { question: "domain", base: "A", other: "B" }

const compare = (
  runs: ReadonlyArray<ReturnType<typeof run>>,
  more: Partial<Aggregation> = {},
): ReadonlyArray<Comparison> => aggregate(aggregation(runs, { pairs: [pair], ...more })).comparisons

const times = (count: number, three: Three): ReadonlyArray<Three> => Array.from({ length: count }, () => three)

describe("comparisons", () => {
  it("count documents, and give the difference its interval and test", () => {
    // B is right on 12 of 20 and A on 2 of these; on 6 both are wrong; on 2 there is nothing, and A says something.
    const documents = [...times(2, [1, 1, 1]), ...times(10, [0, 1, 1]), ...times(6, [0, 1, 1]), ...times(2, [0, 1, 0])]
    const better = [...times(12, [1, 1, 1]), ...times(6, [0, 1, 1]), ...times(2, [0, 0, 0])]
    const [row] = compare([run({ model: "A" }, documents), run({ model: "B" }, better)])
    assert.isDefined(row)
    // A: 2 × 2 / (20 + 18); B: 2 × 12 / (18 + 18).
    assert.closeTo(row.baseF1, 100 * 4 / 38, 1e-9)
    assert.closeTo(row.otherF1, 100 * 24 / 36, 1e-9)
    assert.closeTo(row.difference, row.otherF1 - row.baseF1, 1e-9)
    assert.deepStrictEqual([row.better, row.worse, row.same, row.dominance], [12, 0, 8, 0.6])
    assert.deepStrictEqual([row.figure, row.question, row.base, row.other], [2, "domain", "A", "B"])
    assert.isTrue(row.low > 0 && row.low < row.difference && row.difference < row.high && row.high < 100)
    // As extreme only if the 10 documents that B alone got right stay together: 2 of 2^10, and a little less.
    assert.isBelow(row.p ?? 1, 0.01)
    assert.strictEqual(row.adjusted, row.p)
    assert.strictEqual(
      row.conclusion,
      `Finetuned on all of CDR (one run each), B is better than A by 56.1 points of F1 (95% interval ${
        row.low.toFixed(1)
      } to ${row.high.toFixed(1)}; ${
        (row.p ?? 1) < 0.001 ? "p < 0.001" : `p = ${Number((row.p ?? 1).toPrecision(2))}`
      } after Holm's correction).`,
    )
  })

  it("agree with scipy's paired bootstrap", () => {
    // intervals.test.ts: -0.05104 to 0.25863.
    const [row] = compare([run({ model: "A" }, base), run({ model: "B" }, other)], { resamples: 40_000 })
    assert.closeTo(row?.low ?? 0, -5.1, 0.5)
    assert.closeTo(row?.high ?? 0, 25.9, 0.5)
    assert.match(
      row?.conclusion ?? "",
      /^Finetuned on all of CDR \(one run each\), no difference is shown: B less A is 9\.8 points/u,
    )
  })

  it("turn with their models, and find nothing between equal ones", () => {
    const [row] = compare([run({ model: "A" }, base), run({ model: "B" }, other)])
    const [turned] = compare([run({ model: "A" }, other), run({ model: "B" }, base)])
    assert.isDefined(row)
    assert.isDefined(turned)
    assert.closeTo(turned.difference, -row.difference, 1e-12)
    assert.closeTo(turned.low, -row.high, 1e-12)
    assert.closeTo(turned.high, -row.low, 1e-12)
    assert.deepStrictEqual([turned.p, turned.better, turned.worse, turned.dominance + row.dominance], [
      row.p,
      row.worse,
      row.better,
      0,
    ])
    const [same] = compare([run({ model: "A" }, base), run({ model: "B" }, base)])
    assert.deepStrictEqual([same?.difference, same?.low, same?.high, same?.p, same?.better, same?.worse, same?.same], [
      0,
      0,
      0,
      1,
      0,
      0,
      30,
    ])
  })

  it("belong to the figure of their question and setting, and share its correction with no other", () => {
    const runs = ["A", "B"].flatMap((model) => [
      run({ model }, model === "A" ? base : other),
      run({ model, corpus: "dce" }, model === "A" ? times(9, [0, 1, 1]) : times(9, [1, 1, 1])),
      run({ model, setting: "16", seed: 0 }, model === "A" ? base : other),
      run({ model, protocol: "authors" }, model === "A" ? base : other),
      run({ model, protocol: "official", measure: "concept pairs" }, base),
    ])
    const rows = compare(runs, { pairs: [pair, { ...pair, question: "instructions" }] })
    assert.deepStrictEqual(rows.map(({ figure, corpus, protocol }) => [figure, corpus, protocol]), [
      [2, "cdr", "paper"],
      [2, "cdr", "authors"],
      [2, "dce", "paper"],
      [3, "cdr", "paper"],
      [4, "cdr", "paper"],
      [4, "cdr", "authors"],
      [4, "dce", "paper"],
      [5, "cdr", "paper"],
    ])
    const [cdr, authors, dce, few] = rows
    // Two tests in figure 2 of the paper's protocol: the smaller p counts twice.
    assert.isBelow(dce?.p ?? 1, cdr?.p ?? 0)
    assert.strictEqual(dce?.adjusted, 2 * (dce?.p ?? 0))
    assert.strictEqual(cdr?.adjusted, Math.max(cdr?.p ?? 0, dce?.adjusted ?? 0))
    assert.strictEqual(authors?.adjusted, authors?.p)
    assert.strictEqual(few?.adjusted, few?.p)
  })

  it("pair the seeds that both models have, and say so", () => {
    const of = (model: string, seed: number, documents: ReadonlyArray<Three>) =>
      run({ model, setting: "16", seed }, documents)
    const shared = [of("A", 0, base), of("A", 1, other), of("B", 0, other), of("B", 1, other)]
    const [row] = compare(shared)
    const [more] = compare([...shared, of("B", 7, times(30, [1, 1, 1]))])
    assert.include(row?.conclusion ?? "", "Finetuned on 16 shots of CDR (mean of 2 seeds), ")
    assert.include(more?.conclusion ?? "", "Finetuned on 16 shots of CDR (mean of 2 seeds, those that both have), ")
    assert.deepStrictEqual({ ...more, conclusion: "" }, { ...row, conclusion: "" })
    const [one] = compare([of("A", 0, base), of("A", 1, base), of("B", 1, base)])
    assert.include(one?.conclusion ?? "", "16 shots of CDR (seed 1, those that both have), ")
  })

  it("do not test models without a common seed", () => {
    const [row] = compare([
      run({ model: "A", setting: "16", seed: 0 }, times(9, [0, 1, 1])),
      run({ model: "B", setting: "16", seed: 1 }, times(9, [1, 1, 1])),
    ])
    assert.deepStrictEqual([row?.difference, row?.p, row?.adjusted], [100, null, null])
    assert.match(
      row?.conclusion ?? "",
      /B less A is 100\.0 points of F1 .*, which is not tested: .*no seed in common\.$/u,
    )
  })

  it("are made only where both models have runs", () => {
    assert.deepStrictEqual(compare([run({ model: "A" }, base), run({ model: "B", corpus: "dce" }, base)]), [])
  })
})

describe("conclusions", () => {
  const finding = (more: Partial<Finding>): Finding => ({
    corpus: "ChemProt",
    setting: "full",
    base: "A",
    other: "B",
    difference: -2.5,
    low: -4.04,
    high: -0.96,
    test: { _tag: "Tested", adjusted: 0.0123 },
    seeds: [null],
    moreSeeds: false,
    leaking: [],
    ...more,
  })

  it("name the better model and by how much, where test and interval agree", () => {
    assert.strictEqual(
      conclude(finding({})),
      "Finetuned on all of ChemProt (one run each), A is better than B by 2.5 points of F1 "
        + "(95% interval 1.0 to 4.0; p = 0.012 after Holm's correction).",
    )
  })

  it("name none where either is in doubt", () => {
    const doubtful =
      "Finetuned on all of ChemProt (one run each), no difference is shown: B less A is −2.5 points of F1 "
    assert.strictEqual(
      conclude(finding({ test: { _tag: "Tested", adjusted: 0.05 } })),
      `${doubtful}(95% interval −4.0 to −1.0; p = 0.05 after Holm's correction).`,
    )
    assert.strictEqual(
      conclude(finding({ high: 0 })),
      `${doubtful}(95% interval −4.0 to 0.0; p = 0.012 after Holm's correction).`,
    )
  })

  it("never round a difference to nothing", () => {
    assert.include(
      conclude(finding({ difference: 0.0234, low: 0.012, high: 0.04 })),
      "by 0.02 points of F1 (95% interval 0.01 to 0.04;",
    )
  })
})
