import { assert, describe, it } from "@effect/vitest"
import type { Example } from "../../../schemas/examples.ts"
import type { ErrorKind, Mistake } from "../../../schemas/outcomes.ts"
import { aggregate } from "../../../stages/aggregate/aggregate.ts"
import { assertInputError } from "../support.ts"
import { aggregation, run, type Three } from "./made.ts"

const mistake = (kind: ErrorKind, text = ""): Mistake => ({ kind, said: null, wanted: null, text })

const documents = (count: number): ReadonlyArray<Three> => Array.from({ length: count }, () => [0, 1, 1])

/** The test examples of a corpus with documents "d0", "d1" and so on. */
const examples = (corpus: string, count: number): ReadonlyArray<Example> =>
  Array.from({ length: count }, (_, index) => ({
    document: `d${index}`,
    partition: "test",
    source: `${corpus} text ${index}`,
    target: "",
    answers: [],
  }))

/** A mistake of these kinds in each of so many documents. */
const everywhere = (count: number, ...kinds: ReadonlyArray<ErrorKind>) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`d${index}`, kinds.map((kind) => mistake(kind))]))

describe("error counts", () => {
  it("are means over seeds, of every kind", () => {
    const { errors } = aggregate(aggregation([
      run(
        { model: "m", setting: "16", seed: 0, mistakes: { d0: [mistake("missed"), mistake("malformed")] } },
        documents(2),
      ),
      run(
        { model: "m", setting: "16", seed: 1, mistakes: { d0: [mistake("missed")], d1: [mistake("missed")] } },
        documents(2),
      ),
      run({ model: "m", setting: "16", seed: 0, protocol: "official", measure: "concept pairs" }, documents(2)),
    ], { examples: [examples("CDR", 2)] }))
    assert.deepStrictEqual(errors[0], {
      model: "m",
      corpus: "cdr",
      setting: "16",
      protocol: "paper",
      kind: "missed",
      count: 1.5,
    })
    assert.deepStrictEqual(errors.map(({ kind, count }) => [kind, count]), [
      ["missed", 1.5],
      ["spurious", 0],
      ["wrong type", 0],
      ["wrong boundary", 0],
      ["wrong mention", 0],
      ["malformed", 0.5],
      ["truncated source", 0],
    ])
  })
})

describe("error cases", () => {
  it("are three of each kind for each model and corpus, from the largest setting, with the source", () => {
    const mistakes = everywhere(40, "missed", "spurious")
    const { cases } = aggregate(aggregation([
      run({ model: "a", setting: "16", seed: 0, mistakes }, documents(40)),
      run({ model: "a", mistakes }, documents(40)),
      run({ model: "b", setting: "64", seed: 1, mistakes }, documents(40)),
      run({ model: "b", setting: "64", seed: 0, mistakes }, documents(40)),
    ], { examples: [examples("CDR", 40)] }))
    assert.deepStrictEqual(cases.map(({ model, setting, seed, kind }) => [model, setting, seed, kind].join(" ")), [
      ...Array(3).fill("a full  missed"),
      ...Array(3).fill("a full  spurious"),
      ...Array(3).fill("b 64 0 missed"),
      ...Array(3).fill("b 64 0 spurious"),
    ])
    for (const { document, source } of cases) assert.strictEqual(source, `CDR text ${document.slice(1)}`)
  })

  it("are of other documents than the first, the same for all models, and of other ones by another seed", () => {
    const mistakes = everywhere(200, "missed")
    const chosen = (seed: number) =>
      aggregate(aggregation(["a", "b"].map((model) => run({ model, mistakes }, documents(200))), {
        examples: [examples("CDR", 200)],
        resamples: 10,
        seed,
      })).cases.map(({ document }) => document)
    const first = chosen(0)
    assert.deepStrictEqual(first.slice(0, 3), first.slice(3))
    assert.lengthOf(new Set(first), 3)
    assert.deepStrictEqual(chosen(0), first)
    // Each document is chosen as often as any: over seeds, the mean place is the middle.
    const places = Array.from({ length: 60 }, (_, seed) => chosen(seed).slice(0, 3).map((id) => Number(id.slice(1))))
      .flat()
    const middle = places.reduce((sum, place) => sum + place, 0) / places.length
    assert.closeTo(middle, 99.5, 4 * 57.7 / Math.sqrt(places.length))
  })

  it("take a second mistake of a document only where too few documents have one", () => {
    const texts = (mistakes: Readonly<Record<string, ReadonlyArray<Mistake>>>) =>
      aggregate(aggregation([run({ model: "a", mistakes }, documents(9))], { examples: [examples("CDR", 9)] })).cases
        .map(({ text }) => text)
    const malformed = (...texts: ReadonlyArray<string>) => texts.map((text) => mistake("malformed", text))
    assert.deepStrictEqual(texts({ d4: malformed("x", "y", "z", "w") }).length, 3)
    assert.deepStrictEqual(texts({ d4: malformed("x", "y"), d7: malformed("z") }).toSorted(), ["x", "y", "z"])
    assert.strictEqual(
      new Set(texts({ d1: malformed("a", "a"), d4: malformed("b", "b"), d7: malformed("c", "c") })).size,
      3,
    )
  })

  it("have the text of their own corpus where another has documents of the same name", () => {
    const mistakes = { d0: [mistake("missed")] }
    const { cases } = aggregate(aggregation([run({ model: "a", mistakes }, documents(5))], {
      examples: [examples("ChemProt", 3), examples("CDR", 5)],
    }))
    assert.deepStrictEqual(cases.map(({ source }) => source), ["CDR text 0"])
    assertInputError(
      () => aggregate(aggregation([run({ model: "a", mistakes }, documents(5))], { examples: [examples("DCE", 3)] })),
      { field: "examples", message: /no examples have all documents of a on cdr \(full\)/u },
    )
  })
})
