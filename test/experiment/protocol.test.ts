import { assert, describe, it } from "@effect/vitest"
import { departureNames } from "../../experiment/departures.ts"
import { protocolOf } from "../../experiment/protocol.ts"
import type { Rendering } from "../../stages/shared/params/protocol.ts"
import { plain } from "../stages/rendering.ts"
import { corpusOf } from "./corpus.ts"

const corpora: ReadonlyArray<string> = ["cdr", "dce", "chemprot", "ddi"]
const renderings = (departs: Parameters<typeof protocolOf>[1]) =>
  Object.fromEntries(corpora.map((corpus) => [corpus, protocolOf(corpusOf(corpus), departs).rendering]))

const unordered: Rendering = { ...plain, repeats: "merged in any order" }
const shuffled: Rendering = { ...plain, order: { seed: 0 } }

describe("how protocols render", () => {
  it("paper: the longest name, the text's order, letters as they are, each relation once, ChemProt in a sentence", () => {
    assert.deepStrictEqual(renderings(new Set()), {
      cdr: plain,
      dce: unordered,
      chemprot: { ...plain, reach: "sentence" },
      ddi: unordered,
    })
  })

  it("authors: each departure where it is one", () => {
    assert.deepStrictEqual(renderings(new Set(departureNames)), {
      cdr: { ...plain, concept: "greatest", composites: "whole and parts", order: "file", clauses: "each" },
      dce: { ...shuffled, clauses: "each", repeats: "kept" },
      chemprot: { ...shuffled, letters: "lowered" },
      ddi: { ...shuffled, clauses: "each", repeats: "kept" },
    })
  })

  it("a departure by itself moves nothing else", () => {
    const changed = (name: (typeof departureNames)[number]) =>
      corpora.flatMap((corpus) => {
        const paper = protocolOf(corpusOf(corpus), new Set()).rendering
        const departed = protocolOf(corpusOf(corpus), new Set([name])).rendering
        const fields = ["concept", "composites", "order", "clauses", "letters", "repeats", "reach"] as const
        return fields.filter((field) => JSON.stringify(paper[field]) !== JSON.stringify(departed[field]))
          .map((field) => `${corpus} ${field}`)
      })
    assert.deepStrictEqual(changed("greatest-mention"), ["cdr concept"])
    assert.deepStrictEqual(changed("composite-names"), ["cdr composites"])
    assert.deepStrictEqual(changed("file-order"), ["cdr order"])
    assert.deepStrictEqual(changed("repeated-clauses"), ["cdr clauses", "dce clauses", "ddi clauses"])
    assert.deepStrictEqual(changed("lower-cased-gold"), ["chemprot letters"])
    assert.deepStrictEqual(changed("no-sentence-filter"), ["chemprot reach"])
    assert.deepStrictEqual(changed("ordered-duplicates"), ["dce repeats", "ddi repeats"])
    assert.deepStrictEqual(changed("shuffled-clauses"), ["dce order", "chemprot order", "ddi order"])
    for (
      const name of [
        "core-words",
        "blanks-kept",
        "prompt-kept",
        "pooled-counters",
        "no-end-token",
        "authors-split",
      ] as const
    ) {
      assert.deepStrictEqual(changed(name), [])
    }
  })
})
