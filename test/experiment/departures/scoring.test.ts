import { assert, describe, it } from "@effect/vitest"
import { type DepartureName, departureNames } from "../../../experiment/departures.ts"
import { protocolOf } from "../../../experiment/protocol.ts"
import type { Evaluation } from "../../../schemas/evaluations.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import { type Counted, score, type Scores } from "../../../stages/score/score.ts"
import { measurerOf } from "../../stages/support.ts"
import { corpusOf } from "../corpus.ts"

const paper: ReadonlySet<DepartureName> = new Set()
const authors: ReadonlySet<DepartureName> = new Set(departureNames)
const gold = (label: string, ...strings: ReadonlyArray<string>): Answer => ({
  label,
  arguments: strings.map((names) => names.split("/")),
})
const said = (label: string, ...strings: ReadonlyArray<string>): PredictedRelation => ({ label, arguments: strings })

interface Situation {
  readonly corpus: string
  readonly answers: ReadonlyArray<Answer>
  readonly relations: ReadonlyArray<PredictedRelation>
  /** Validations of the training, which a run hands on where counters are pooled. */
  readonly evaluations?: ReadonlyArray<Evaluation>
}

/** One document scored where the code departs from the paper in these ways. */
const scored = (situation: Situation, departures: ReadonlySet<DepartureName>): Scores => {
  const { corpus, answers, relations, evaluations = [] } = situation
  const { matching, counters } = protocolOf(corpusOf(corpus), departures)
  return score({
    cell: { model: "m", corpus, setting: "full", seed: null },
    partition: "test",
    protocol: departures.size === 0 ? "paper" : "authors",
    documents: [{ corpus, portion: "test", id: "d", text: "", mentions: [], relations: [] }],
    examples: [{ document: "d", partition: "test", source: "", target: "", answers }],
    relations: [{ document: "d", relations, malformed: [], finished: true, sourceTruncated: false }],
    evaluations: counters === "pooled" ? evaluations : [],
  }, measurerOf({ by: "strict", matching }))
}
const row = ({ scores }: Scores, label = "micro"): Counted => {
  const found = scores.find((each) => each.label === label)
  if (found === undefined) throw new Error(`no row ${label}`)
  return found
}
const counts = (scores: Scores, label = "micro"): string => {
  const { correct, predicted, found, gold: all } = row(scores, label)
  return `${correct} of ${predicted} right, ${found} of ${all} found`
}

describe("pooled-counters", () => {
  const names = Array.from({ length: 10 }, (_, index) => `drug ${index}`)
  /** A validation that got nothing right of ten, then a test set without a mistake. */
  const situation: Situation = {
    corpus: "chemprot",
    answers: names.map((name) => gold("CPR:3", name, "protein")),
    relations: names.map((name) => said("CPR:3", name, "protein")),
    evaluations: [{
      epoch: 10,
      step: 100,
      precision: 0,
      recall: 0,
      f1: 0,
      correct: 0,
      predicted: 10,
      gold: 10,
      unfinished: 0,
      chosen: true,
    }],
  }

  it("0 of 10 in validation, then 10 of 10, is an F1 of 1 as the paper says and of 0.5 as the code counts", () => {
    assert.strictEqual(row(scored(situation, paper)).f1, 1)
    const pooled = scored(situation, new Set(["pooled-counters"] as const))
    assert.strictEqual(counts(pooled), "10 of 20 right, 10 of 20 found")
    assert.strictEqual(row(pooled).f1, 0.5)
    assert.strictEqual(row(scored(situation, authors)).f1, 0.5)
  })

  it("is seen in the score over all labels; those of labels and of documents are of the test set", () => {
    const pooled = scored(situation, authors)
    assert.strictEqual(counts(pooled, "CPR:3"), "10 of 10 right, 10 of 10 found")
    assert.strictEqual(row(pooled, "macro").f1, 1)
    assert.deepStrictEqual(pooled.outcomes.map(({ correct, gold: all }) => [correct, all]), [[10, 10]])
  })

  it("is not in CDR, whose counters the code resets", () => {
    assert.strictEqual(row(scored({ ...situation, corpus: "cdr" }, authors)).f1, 1)
  })
})

describe("variants-counted", () => {
  const situation: Situation = {
    corpus: "cdr",
    answers: [gold("CID", "aspirin/ASA", "rash/exanthema"), gold("CID", "heparin", "fever")],
    relations: [said("CID", "aspirin", "rash"), said("CID", "ASA", "rash"), said("CID", "ASA", "exanthema")],
  }

  it("three names of one of two relations are one right as the paper says, and three as the code counts", () => {
    assert.strictEqual(counts(scored(situation, paper)), "1 of 3 right, 1 of 2 found")
    for (const departures of [new Set(["variants-counted"] as const), authors]) {
      const each = scored(situation, departures)
      assert.strictEqual(counts(each), "3 of 3 right, 3 of 2 found")
      // Precision 1 and recall 1.5.
      assert.closeTo(row(each).f1, 1.2, 1e-12)
      assert.deepStrictEqual(each.outcomes[0]?.mistakes.map(({ kind }) => kind), ["missed"])
    }
  })
})

describe("ordered-duplicates", () => {
  // Two pairs of mentions that read alike; rendering keeps both where the code does.
  const one = gold("effect", "aspirin", "warfarin")
  const relations = [said("effect", "aspirin", "warfarin")]

  it("of a relation that is annotated twice, saying it once finds all as the paper says and half as the code counts", () => {
    assert.strictEqual(
      counts(scored({ corpus: "ddi", answers: [one], relations }, paper)),
      "1 of 1 right, 1 of 1 found",
    )
    for (const departures of [new Set(["ordered-duplicates"] as const), authors]) {
      const twice = scored({ corpus: "ddi", answers: [one, one], relations }, departures)
      assert.strictEqual(counts(twice), "1 of 1 right, 1 of 2 found")
    }
  })

  it("the other order of two drugs is right as the paper says, and wrong as the code counts", () => {
    const turned = { corpus: "ddi", answers: [one], relations: [said("effect", "warfarin", "aspirin")] } as const
    assert.strictEqual(counts(scored(turned, paper)), "1 of 1 right, 1 of 1 found")
    assert.strictEqual(counts(scored(turned, authors)), "0 of 1 right, 0 of 1 found")
  })
})

describe("unknown-ignored", () => {
  const situation: Situation = {
    corpus: "chemprot",
    answers: [gold("CPR:4", "aspirin", "COX-1")],
    relations: [said("CPR:4", "aspirin", "COX-1"), said("?inhibition", "aspirin", "COX-2")],
  }

  it("a prediction whose predicate is unknown is wrong as the paper says, and none as the code counts", () => {
    assert.strictEqual(counts(scored(situation, paper)), "1 of 2 right, 1 of 1 found")
    for (const departures of [new Set(["unknown-ignored"] as const), authors]) {
      const ignored = scored(situation, departures)
      assert.strictEqual(counts(ignored), "1 of 1 right, 1 of 1 found")
      assert.deepStrictEqual(ignored.outcomes[0]?.mistakes, [])
    }
  })
})
