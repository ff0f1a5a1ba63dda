import { assert, describe, it } from "@effect/vitest"
import { aggregate } from "../../../stages/aggregate/aggregate.ts"
import { aggregation, base, lists, other, run } from "./made.ts"

type Beyond = NonNullable<(typeof lists)["models"][number]["beyond"]>

/** The lists with rows beyond the grid. */
const withRows = (rows: Readonly<Record<string, Beyond>>): typeof lists => ({
  ...lists,
  models: [
    ...lists.models,
    ...Object.entries(rows).map(([name, beyond]) => ({ name, parameters: "", published: {}, leaks: [], beyond })),
  ],
})
const file: Beyond = { source: "predictions", against: "all" }

describe("rows beyond the grid", () => {
  it("are tested as a pair of models is, and say where they come from", () => {
    const { comparisons, systems, results } = aggregate(aggregation([
      run({ model: "T5-Small" }, base),
      run({ model: "T5-Base" }, other),
      run({ model: "mine" }, other),
    ], {
      lists: withRows({ mine: file }),
      pairs: [{ question: "domain", base: "T5-Small", other: "T5-Base" }],
    }))
    const [pair] = comparisons
    assert.deepStrictEqual(systems.map(({ system, model }) => [system, model]), [
      ["mine", "T5-Small"],
      ["mine", "T5-Base"],
    ])
    for (const name of ["p", "difference", "low", "high", "better", "worse", "same"] as const) {
      assert.strictEqual(systems[0]?.[name], pair?.[name], name)
    }
    // Two tests of systems share the chance of a false finding; the pair's figure has one.
    assert.strictEqual(systems[0]?.adjusted, Math.min(1, 2 * (systems[0]?.p ?? 0)))
    assert.strictEqual(pair?.adjusted, pair?.p)
    assert.strictEqual(systems[1]?.difference, 0)
    assert.match(
      systems[1]?.conclusion ?? "",
      /^On CDR, no difference is shown: mine less T5-Base finetuned on everything/u,
    )
    assert.deepStrictEqual(results.map(({ model, source }) => [model, source]), [
      ["T5-Small", "grid"],
      ["T5-Base", "grid"],
      ["mine", "predictions"],
    ])
  })

  it("have their scores alone where they are compared with nothing, and need no outcomes", () => {
    const rows = { perfect: { source: "predictions", against: "nothing" }, mine: file } as const
    const whole = aggregation([
      run({ model: "T5-Small" }, base),
      run({ model: "perfect" }, other),
      run({ model: "mine" }, other),
    ], { lists: withRows(rows) })
    const { results, systems, errors } = aggregate({
      ...whole,
      outcomes: whole.outcomes.filter(({ model }) => model !== "perfect"),
    })
    const [, perfect, mine] = results
    assert.deepStrictEqual([perfect?.model, perfect?.low, perfect?.high], ["perfect", null, null])
    assert.deepStrictEqual([perfect?.f1, perfect?.flags], [mine?.f1, mine?.flags])
    assert.isNotNull(mine?.low)
    assert.deepStrictEqual(systems.map(({ system }) => system), ["mine"])
    assert.isFalse(errors.some(({ model }) => model === "perfect"))
  })

  it("stand against the mean of a cell's seeds, in any setting, and lack no seed", () => {
    const { systems, results } = aggregate(aggregation([
      run({ model: "T5-Small", setting: "16", seed: 0 }, base),
      run({ model: "T5-Small", setting: "16", seed: 1 }, other),
      run({ model: "mine", setting: "64" }, other),
    ], { lists: withRows({ mine: file }) }))
    const [row] = systems
    const [cell] = results
    assert.deepStrictEqual([row?.modelSetting, row?.setting], ["16", "64"])
    assert.closeTo(row?.modelF1 ?? 0, cell?.f1 ?? 1, 1e-9)
    assert.isNotNull(row?.p)
    assert.match(row?.conclusion ?? "", /T5-Small finetuned on 16 examples \(mean of 2 runs\)/u)
    assert.deepStrictEqual(results.map(({ flags }) => flags), [["few seeds"], []])
  })

  it("are compared with some models alone where they say so, in their own setting and seeds", () => {
    const constrained: Beyond = { source: "constrained", against: { models: ["T5-Small"] } }
    const { systems } = aggregate(aggregation([
      run({ model: "T5-Small", setting: "16", seed: 0 }, base),
      run({ model: "T5-Small", setting: "16", seed: 1 }, other),
      run({ model: "T5-Small" }, base),
      run({ model: "T5-Base", setting: "16", seed: 0 }, base),
      run({ model: "t", setting: "16", seed: 1 }, other),
    ], { lists: withRows({ t: constrained }) }))
    assert.deepStrictEqual(
      systems.map(({ model, modelSetting, difference, p }) => [model, modelSetting, difference, p]),
      [["T5-Small", "16", 0, 1]],
    )
    // The table's F1 is of both seeds, so the conclusion says that its own is not.
    assert.include(
      systems[0]?.conclusion ?? "",
      "t less T5-Small finetuned on 16 examples (seed 1 alone: 1 of 2 runs) is 0.0 points of F1",
    )
  })

  it("say which seeds both have where either has more", () => {
    const constrained: Beyond = { source: "constrained", against: { models: ["T5-Small"] } }
    const runsOf = (model: string, ...seeds: ReadonlyArray<number>) =>
      seeds.map((seed) => run({ model, setting: "16", seed }, seed % 2 === 0 ? base : other))
    const conclusionOf = (...runs: ReadonlyArray<ReturnType<typeof run>>) =>
      aggregate(aggregation(runs, { lists: withRows({ t: constrained }) })).systems[0]?.conclusion
    assert.include(
      conclusionOf(...runsOf("T5-Small", 0, 1, 2), ...runsOf("t", 1, 2, 3, 4)),
      "t (seeds 1, 2: 2 of 4 runs) less T5-Small finetuned on 16 examples (seeds 1, 2: 2 of 3 runs) is",
    )
    assert.include(
      conclusionOf(...runsOf("T5-Small", 0, 1), ...runsOf("t", 0, 1)),
      "t (mean of 2 runs) less T5-Small finetuned on 16 examples (mean of 2 runs) is",
    )
  })

  it("are not tested against a model that knew the corpus before, unless leaks are compared", () => {
    const runs = [run({ model: "In-BoXBART" }, base), run({ model: "mine" }, other)]
    const of = (leaked: "apart" | "compared") =>
      aggregate(aggregation(runs, { lists: withRows({ mine: file }), leaked })).systems[0]
    assert.deepStrictEqual([of("apart")?.p, of("apart")?.adjusted], [null, null])
    assert.include(of("apart")?.conclusion ?? "", "In-BoXBART had been finetuned on data made from CDR before")
    assert.isNotNull(of("compared")?.p)
  })

  it("change no number of the grid", () => {
    const grid = [run({ model: "T5-Small" }, base), run({ model: "T5-Base" }, other)]
    const pairs = [{ question: "domain" as const, base: "T5-Small", other: "T5-Base" }]
    const alone = aggregate(aggregation(grid, { pairs }))
    const beside = aggregate(aggregation([...grid, run({ model: "mine" }, other)], {
      pairs,
      lists: withRows({ mine: file }),
    }))
    assert.deepStrictEqual(alone.systems, [])
    assert.deepStrictEqual(beside.results.filter(({ source }) => source === "grid"), alone.results)
    assert.deepStrictEqual(beside.comparisons, alone.comparisons)
  })
})
