import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { RunDetail, Slice } from "../../../schemas/details.ts"
import type { Document } from "../../../schemas/documents.ts"
import type { Answer, Example } from "../../../schemas/examples.ts"
import type { Extraction, PredictedRelation } from "../../../schemas/relations.ts"
import type { Shot } from "../../../schemas/shots.ts"
import { meanDetails } from "../../../stages/aggregate/details.ts"
import type { Lists } from "../../../stages/aggregate/lists.ts"
import { detailsOf, type LearnedRun } from "../../../stages/score/details.ts"
import { score } from "../../../stages/score/score.ts"
import { nameFinder } from "../../../stages/shared/measures/standing.ts"
import { detailer, measurer } from "../../../stages/shared/measures/strict.ts"
import type { Matching } from "../../../stages/shared/params/protocol.ts"
import { assertInputError } from "../support.ts"

const ordered: Matching = { arguments: "ordered", variants: "one", unknown: "wrong" }
const gold = (label: string, ...names: ReadonlyArray<string>): Answer => ({
  label,
  arguments: names.map((each) => each.split("/")),
})
const said = (label: string, ...strings: ReadonlyArray<string>): PredictedRelation => ({ label, arguments: strings })
const example = (document: string, ...answers: ReadonlyArray<Answer>): Example => ({
  document,
  partition: "test",
  source: "",
  target: "",
  answers,
})
const learnable = (...all: ReadonlyArray<Example>): ReadonlyArray<Example> =>
  all.map((each) => ({ ...each, partition: "train" }))
const shot = (document: string, use: Shot["use"] = "train"): Shot => ({
  document,
  use,
  source: "",
  target: "",
  answers: [],
})
const document = (id: string, text: string): Document => ({
  corpus: "c",
  portion: "test",
  id,
  text,
  mentions: [],
  relations: [],
})
const extraction = (document: string, relations: ReadonlyArray<PredictedRelation>, malformed: ReadonlyArray<string>) =>
  ({ document, relations, malformed, finished: true, sourceTruncated: false }) satisfies Extraction

/** Learned from: aspirin–rash and heparin–fever; not from lithium–tremor, which only validated. */
const run: LearnedRun = {
  cell: { model: "m", corpus: "c", setting: "16", seed: 0 },
  protocol: "paper",
  partition: "test",
  documents: [document("d", "Aspirin gave a rash; heparin, fever."), document("e", "Lithium: tremor. 5-HT+")],
  examples: [
    example("d", gold("CID", "ASA/aspirin", "rash"), gold("CID", "aspirin", "fever")),
    example("e", gold("CID", "Lithium", "tremor"), gold("CID", "5-HT", "rash")),
  ],
  relations: [
    // Right and seen together; wrong, seen, and not together.
    extraction("d", [said("CID", "ASA", "rash"), said("CID", "heparin", "rash")], ["and so on", "rash"]),
    // Right and not seen; wrong, one argument seen, of which the other stands nowhere.
    extraction("e", [said("CID", "Lithium", "tremor"), said("CID", "aspirin", "coma")], []),
  ],
  shots: [shot("t1"), shot("t2"), shot("t3", "validation")],
  learnable: learnable(
    example("t1", gold("CID", "Aspirin", "rash")),
    example("t2", gold("CID", "heparin", "Fever")),
    example("t3", gold("CID", "lithium", "tremor")),
    example("t4", gold("CID", "5-HT", "tremor")),
  ),
}

/** "right of predicted, found of gold" by slice. */
const slices = (of: LearnedRun, matching = ordered): Partial<Record<Slice, string>> =>
  Object.fromEntries(
    detailsOf(of, detailer(matching)).slices.map(({ slice, correct, predicted, found, gold }) =>
      [slice, `${correct} of ${predicted}, ${found} of ${gold}`] as const
    ),
  )

describe("what a score does not show", () => {
  it("are relations by whether their arguments, and these together, were learned from", () => {
    assert.deepStrictEqual(slices(run), {
      // ASA is aspirin, in whatever case; aspirin–fever is missed.
      "all arguments seen": "1 of 2, 1 of 2",
      // 5-HT–rash is missed; aspirin–coma is wrong.
      "some arguments seen": "0 of 1, 0 of 1",
      // What only validates is not learned from.
      "no argument seen": "1 of 1, 1 of 1",
      "seen together": "1 of 1, 1 of 1",
      "not seen together": "1 of 3, 1 of 3",
    })
  })

  it("follow the shots: more of the same examples see more", () => {
    const more = { ...run, shots: [...run.shots, shot("t3"), shot("t4")] }
    assert.deepStrictEqual(slices(more), {
      "all arguments seen": "2 of 3, 2 of 4",
      "some arguments seen": "0 of 1, 0 of 0",
      "no argument seen": "0 of 0, 0 of 0",
      "seen together": "2 of 2, 2 of 2",
      "not seen together": "0 of 2, 0 of 2",
    })
    assert.strictEqual(detailsOf(more, detailer(ordered)).learned, 4)
  })

  it("mind the order of arguments where the measure does", () => {
    const turned = { ...run, learnable: learnable(example("t1", gold("CID", "rash", "aspirin")), example("t2")) }
    assert.strictEqual(slices(turned)["seen together"], "0 of 0, 0 of 0")
    assert.strictEqual(slices(turned, { ...ordered, arguments: "set" })["seen together"], "1 of 1, 1 of 1")
  })

  it("add up to the scores, however relations are counted", () => {
    for (const order of ["ordered", "set"] as const) {
      for (const variants of ["one", "each"] as const) {
        const matching = { ...ordered, arguments: order, variants }
        const both = { ...run.relations[0], relations: [said("CID", "ASA", "rash"), said("CID", "aspirin", "rash")] }
        const relations = [{ ...extraction("d", [], []), ...both }, ...run.relations.slice(1)]
        const { scores: [micro] } = score({ ...run, relations, evaluations: [] }, measurer(matching))
        const { slices } = detailsOf({ ...run, relations }, detailer(matching))
        for (const name of ["correct", "predicted", "found", "gold"] as const) {
          const sums = [slices.slice(0, 3), slices.slice(3)].map((own) =>
            own.reduce((sum, each) => sum + each[name], 0)
          )
          assert.deepStrictEqual(sums, [micro?.[name], micro?.[name]], `${order}, ${variants}: ${name}`)
        }
      }
    }
  })

  it("are names that stand nowhere in the text, and pieces that are no clause", () => {
    const { absent, absentGold, malformed, malformedDocuments } = detailsOf(run, detailer(ordered))
    // ASA; aspirin and coma. "rash" is predicted twice in one document, and is one name there.
    assert.deepStrictEqual(absent, { count: 3, of: 7 })
    // ASA in one document, rash in the other.
    assert.deepStrictEqual(absentGold, { count: 2, of: 8 })
    assert.deepStrictEqual(malformed, { count: 2, of: 6 })
    assert.deepStrictEqual(malformedDocuments, { count: 1, of: 2 })
  })

  it("refuses shots of other examples", () => {
    assertInputError(() => detailsOf({ ...run, shots: [shot("x")] }, detailer(ordered)), {
      field: "learnable",
      message: /the model learned from document x, which is not among the examples to learn from/u,
    })
  })
})

describe("the means of what scores do not show", () => {
  it("are over the runs that have a slice: a ratio of nothing is none, and how many have it is said", () => {
    const own = detailsOf(run, detailer(ordered))
    const more = detailsOf({ ...run, shots: [...run.shots, shot("t3"), shot("t4")] }, detailer(ordered))
    const rows = [own, more].map((details, seed): RunDetail => ({ ...details, ...run.cell, seed, protocol: "paper" }))
    const lists: Lists = { models: [], corpora: [], settings: ["16"], protocols: ["paper"] }
    const sliceOf = (slice: Slice) => meanDetails(rows, lists)[0]?.slices.find((each) => each.slice === slice)
    // One run has one, which is right; the other has none.
    const { runs, precision, recall, f1, gold } = sliceOf("no argument seen") ?? assert.fail("has no slices")
    assert.deepStrictEqual({ runs, precision, recall, f1, gold }, {
      runs: 1,
      precision: 100,
      recall: 100,
      f1: 100,
      gold: 0.5,
    })
    // Both have wrong ones; only one has gold ones.
    const some = sliceOf("some arguments seen")
    assert.deepStrictEqual([some?.runs, some?.f1], [2, 0])
    assert.deepStrictEqual([sliceOf("seen together")?.runs, sliceOf("seen together")?.f1], [2, 100])
  })
})

describe("a name", () => {
  const stands = nameFinder("5-HT, cisplatin and α-tocopherol (+)")
  it("stands in a text by its words, in whatever case and whatever is between them", () => {
    for (const name of ["5-HT", "5 ht", "Cisplatin", "α tocopherol", "tocopherol", "(+)"]) {
      assert.isTrue(stands(name), name)
    }
  })
  it("does not stand there as a part of a word, in another order, or as nothing", () => {
    for (const name of ["platin", "HT 5", "5-HT α", "", " ", "−"]) assert.isFalse(stands(name), name)
  })
  it("stands there by its words, whatever characters there are: any stretch of a text, and any other name", () => {
    const characters = [...Array.from("abA1-. éσΣİß_\n\u0301\u00a0"), "\u{1d400}", "\u{1f600}"]
    const texts = fc.string({ unit: fc.constantFrom(...characters), maxLength: 9 })
    const wordsOf = (text: string) => ` ${(text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(" ")} `
    fc.assert(
      fc.property(texts, texts, fc.nat(8), fc.nat(9), (text, other, from, to) => {
        for (const name of [text.slice(from, to), other.slice(0, 2), other]) {
          const words = wordsOf(name)
          const slowly = words.trim() === "" ? name.trim() !== "" && text.includes(name) : wordsOf(text).includes(words)
          assert.strictEqual(nameFinder(text)(name), slowly, JSON.stringify([text, name]))
        }
      }),
      { numRuns: 2000 },
    )
  })
})
