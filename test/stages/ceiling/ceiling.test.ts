import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { GREEDY } from "../../../models/generation/decoding.ts"
import type { Document } from "../../../schemas/documents.ts"
import { lossesOf } from "../../../stages/ceiling/ceiling.ts"
import type { Described } from "../../../stages/ceiling/channel.ts"
import type { CeilingProtocol } from "../../../stages/ceiling/protocol.ts"
import { architectureOf } from "../../models/reading.ts"
import { tinyT5, wordTokenizer } from "../../models/support.ts"
import { plain } from "../rendering.ts"
import { ceilingOf, lossesIn, taskOf } from "./support.ts"

const words = ["a", "b", "c", "d", "e", "hits", "as", "good", "bad", ";", ".", "none", "in:", "out:", "x", "y"]
const tokenizer = wordTokenizer(words)
const sizes = { vocab_size: tokenizer.size, eos_token_id: 1, pad_token_id: 0 }
const encoder: Described = {
  architecture: architectureOf({ ...sizes, ...tinyT5 }),
  tokenizer,
  generation: GREEDY,
}
const decoder: Described = {
  ...encoder,
  architecture: architectureOf({ ...sizes, model_type: "gpt2", n_embd: 8, n_layer: 1, n_head: 2, n_positions: 64 }),
}

/** A document whose relations are pairs of concepts, each named by one string or several, and told by one word each. */
const documentOf = (
  text: string,
  relations: ReadonlyArray<readonly [head: ReadonlyArray<string>, tail: ReadonlyArray<string>, label?: string]>,
): Document => {
  const concepts = new Map<string, ReadonlyArray<string>>()
  const conceptOf = (names: ReadonlyArray<string>): string => {
    concepts.set(names.join("|"), names)
    return names.join("|")
  }
  const gold = relations.map(([head, tail, label = "R"]) => ({
    label,
    level: "concept" as const,
    arguments: [conceptOf(head), conceptOf(tail)],
  }))
  const mentions = [...concepts].flatMap(([concept, names]) =>
    names.map((name, index) => {
      const start = Math.max(0, text.indexOf(name))
      const spans = [{ start, end: start + name.length }]
      return { id: `${concept} ${index}`, type: "t", text: name, spans, concepts: [concept], parts: [] }
    })
  )
  return { corpus: "c", portion: "test", id: "1", text, mentions, relations: gold }
}

const rules: CeilingProtocol = {
  template: {
    source: "in: {text} out: ",
    clause: "{head} hits {tail} as {label}",
    labels: { R: "good", S: "bad" },
    separator: " ; ",
    end: " .",
    none: "none .",
  },
  extraction: { slots: { head: ".*", tail: ".*", label: ".*" } },
  reading: { search: "all words", blanks: "dropped" },
  rendering: plain,
  endOfSequence: true,
  decoding: {},
  prompt: "dropped",
  sharedTokens: null,
  measure: { by: "strict", matching: { arguments: "ordered", variants: "one", unknown: "wrong" } },
}

const two = documentOf("a b c d", [[["a"], ["b"]], [["c"], ["d"]]])

/** What is found of how many predictions, and what each step loses. */
const told = (
  described: Described,
  document: Document,
  changes: Partial<CeilingProtocol> = {},
  limits: Parameters<typeof taskOf>[4] = {},
) => {
  const row = ceilingOf(taskOf("c", "m", described, [document], limits), { ...rules, ...changes })
  return { counts: [row.correct, row.predicted, row.found, row.gold], lost: lossesIn(row) }
}

describe("a generator that makes no mistake", () => {
  it("is found to make none where nothing is in its way", () => {
    for (const model of [encoder, decoder]) {
      assert.deepStrictEqual(told(model, two), { counts: [2, 2, 2, 2], lost: [0, 0, 0, 0, 0, 0] })
    }
  })

  it("loses relations to the template whose words stand in a name", () => {
    // "a hits x hits b" is read as "a hits x" and "b".
    const document = documentOf("a x hits b", [[["a"], ["x hits b"]], [["a"], ["x"]]])
    assert.deepStrictEqual(told(encoder, document), { counts: [1, 2, 1, 2], lost: [1, 0, 0, 0, 0, 0] })
  })

  it("loses relations to a tokenizer that has no token for a name", () => {
    // "a hits as good" is no relation.
    const document = documentOf("a β c d", [[["a"], ["β"]], [["c"], ["d"]]])
    assert.deepStrictEqual(told(encoder, document), { counts: [1, 1, 1, 2], lost: [0, 1, 0, 0, 0, 0] })
  })

  it("loses relations to the target's limit, in which the end takes a place", () => {
    // "a hits b as good ; c hits d as good ." is 12 tokens, of which the "." may be missing.
    assert.deepStrictEqual(told(encoder, two, {}, { maxTargetTokens: 12 }).lost, [0, 0, 0, 0, 0, 0])
    // It ends in "c hits d as", which is no relation.
    assert.deepStrictEqual(told(encoder, two, {}, { maxTargetTokens: 11 }), {
      counts: [1, 1, 1, 2],
      lost: [0, 0, 1, 0, 0, 0],
    })
    assert.deepStrictEqual(told(decoder, two, {}, { maxTargetTokens: 11 }).lost, [0, 0, 1, 0, 0, 0])
    assert.deepStrictEqual(told(decoder, two, { endOfSequence: false }, { maxTargetTokens: 11 }).lost, [
      0,
      0,
      0,
      0,
      0,
      0,
    ])
  })

  it("does not know of a relation whose argument is named only where the source is cut off", () => {
    // Of "in: a b c d out:" and the end, five tokens leave "in: a b c".
    assert.deepStrictEqual(told(encoder, two, {}, { maxSourceTokens: 5 }), {
      counts: [1, 1, 1, 2],
      lost: [0, 0, 0, 1, 0, 0],
    })
    // One of its names is enough, and the words of the template are none.
    const named = documentOf("a b c d", [[["a"], ["d", "b"]], [["in:"], ["b"]]])
    assert.deepStrictEqual(told(encoder, named, {}, { maxSourceTokens: 4 }), {
      counts: [1, 1, 1, 2],
      lost: [0, 0, 0, 1, 0, 0],
    })
    // A name in two pieces, "b d", which stands nowhere as a whole.
    const pieces = documentOf("a b c d e", [[["a"], ["b d"]]])
    assert.deepStrictEqual(told(encoder, pieces, {}, { maxSourceTokens: 6 }).lost, [0, 0, 0, 0, 0, 0])
    assert.deepStrictEqual(told(encoder, pieces, {}, { maxSourceTokens: 5 }).lost, [0, 0, 0, 1, 0, 0])
  })

  it("leaves out what decoding forbids, unless the protocol allows it", () => {
    const model: Described = { ...encoder, generation: { ...GREEDY, noRepeatNgramSize: 2 } }
    const three = documentOf("a b c d e", [[["a"], ["b"]], [["c"], ["d"], "S"], [["a"], ["e"], "S"]])
    // "as good" and "as bad" may stand once each, "a hits" too: the third clause has both "a hits" and "as bad" again.
    assert.deepStrictEqual(told(model, three), { counts: [2, 2, 2, 3], lost: [0, 0, 0, 0, 1, 0] })
    assert.deepStrictEqual(told(model, three, { decoding: { noRepeatNgramSize: 0 } }).lost, [0, 0, 0, 0, 0, 0])
    // A decoder-only model's prompt counts: "a b" stands there, "b a" does not.
    const before = documentOf("x hits y", [[["x"], ["y"]]])
    const joined: Described = { ...decoder, generation: { ...GREEDY, noRepeatNgramSize: 2 } }
    assert.deepStrictEqual(told(joined, before), { counts: [0, 0, 0, 1], lost: [0, 0, 0, 0, 1, 0] })
    assert.deepStrictEqual(told(model, before).lost, [0, 0, 0, 0, 0, 0])
  })

  it("loses the first relation to a prompt that is kept, and the last to words that run on, without an encoder", () => {
    // "in: a b c d out: a" hits "b".
    assert.deepStrictEqual(told(decoder, two, { prompt: "kept" }), {
      counts: [1, 2, 1, 2],
      lost: [0, 0, 0, 0, 0, 1],
    })
    // "good . It goes on" is no label.
    assert.deepStrictEqual(told(decoder, two, { endOfSequence: false }), {
      counts: [1, 2, 1, 2],
      lost: [0, 0, 0, 0, 0, 1],
    })
    const ignored = { by: "strict", matching: { arguments: "ordered", variants: "one", unknown: "ignored" } } as const
    assert.deepStrictEqual(told(decoder, two, { endOfSequence: false, measure: ignored }).counts, [1, 1, 1, 2])
    const neither = told(encoder, two, { prompt: "kept", endOfSequence: false })
    assert.deepStrictEqual(neither.counts, [2, 2, 2, 2])
  })

  it("writes every name of a relation where each counts, the first names first", () => {
    const each = { by: "strict", matching: { arguments: "ordered", variants: "each", unknown: "wrong" } } as const
    const document = documentOf("a b x c d", [[["a", "x"], ["b", "y"]], [["c"], ["d"]]])
    // a b, a y, x b, x y and c d: five right for two.
    assert.deepStrictEqual(told(encoder, document, { measure: each }), {
      counts: [5, 5, 5, 2],
      lost: [0, 0, 0, 0, 0, 0],
    })
    // Room for two clauses is room for both relations.
    assert.deepStrictEqual(told(encoder, document, { measure: each }, { maxTargetTokens: 12 }), {
      counts: [2, 2, 2, 2],
      lost: [0, 0, 0, 0, 0, 0],
    })
  })
})

describe("the steps that lose relations", () => {
  it("lose each once, where it is last seen", () => {
    assert.deepStrictEqual(lossesOf(10, [9, 9, 7, 8, 8, 5]), [1, 0, 1, 0, 0, 3])
    assert.deepStrictEqual(lossesOf(2, [2, 3, 2]), [0, 0, 0])
  })

  it("lose, all together, what is not found", () => {
    const found = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
    fc.assert(fc.property(fc.integer({ min: 0, max: 20 }), found, (gold, counts) => {
      const losses = lossesOf(gold, counts)
      assert.isTrue(losses.every((loss) => loss >= 0))
      assert.strictEqual(losses.reduce((sum, loss) => sum + loss, 0), gold - Math.min(gold, counts.at(-1) ?? 0))
    }))
  })
})
