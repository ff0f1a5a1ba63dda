import { assert, describe, it } from "@effect/vitest"
import { resolveDecoding } from "../../../models/generation/decoding.ts"
import { decodingOf } from "../../../models/generation/from-config.ts"
import { encodeExamples } from "../../../models/training/batches.ts"
import { extractor } from "../../../stages/shared/language/extraction.ts"
import { inverted } from "../../../stages/shared/language/template.ts"
import { countByLabel, ratiosOf, sumOfCounts } from "../../../stages/shared/measures/counts.ts"
import { architectureOf } from "../../models/reading.ts"
import { tinyT5, wordTokenizer } from "../../models/support.ts"
import { type Departs, documentOf, rendered, treated } from "./support.ts"

const tokenizer = wordTokenizer(["a", "b"])
const sizes = { vocab_size: tokenizer.size, eos_token_id: 1, pad_token_id: 0 }
const decoderOnly = architectureOf({ ...sizes, model_type: "gpt2", n_embd: 8, n_layer: 1, n_head: 2, n_positions: 64 })
const encoderDecoder = architectureOf({ ...sizes, ...tinyT5 })
const limits = { maxSourceTokens: 8, maxTargetTokens: 3 }

/** The target "a b a b", of which no more than three tokens are learned, with or without an end. */
const learned = (architecture: typeof decoderOnly, departs: Departs) => {
  const { endOfSequence } = treated("chemprot", departs)
  const [example] = encodeExamples(architecture, tokenizer, [{ source: "a", target: "a b a b" }], {
    ...limits,
    endOfSequence,
  })
  return example?.target
}
const [END, A, B] = [1, 3, 4]

describe("no-end-token", () => {
  it("a decoder-only model's target ends in no end of sequence; the place goes to one more token", () => {
    assert.deepStrictEqual(learned(decoderOnly, "paper"), [A, B, END])
    assert.deepStrictEqual(learned(decoderOnly, ["no-end-token"]), [A, B, A])
    assert.deepStrictEqual(learned(decoderOnly, "authors"), [A, B, A])
    const [given] = encodeExamples(decoderOnly, tokenizer, [{ source: "a", target: "b" }], limits)
    assert.deepStrictEqual(given?.target, [B, END])
  })

  it("an encoder-decoder model's target keeps its own", () => {
    for (const departs of ["paper", "authors"] as const) {
      assert.deepStrictEqual(learned(encoderDecoder, departs), [A, B, END])
    }
  })

  /** What is scored of a target with words behind it, where there are any. */
  const scored = (corpus: string, departs: Departs, more: string) => {
    const document = documentOf(
      "[a] and [b] or [c]",
      corpus === "dce"
        ? [["POS", "T1", "T2"], ["COMB", "T2", "T3"]]
        : [["CPR:3", "T1", "T2"], ["CPR:4", "T1", "T3"]],
    )
    const { template, extraction, reading, matching } = treated(corpus, departs)
    const { target, answers } = rendered(document, corpus, departs)
    const { relations } = extractor({ template: inverted(template), extraction, reading })(target + more)
    const counts = sumOfCounts(countByLabel([{ answers, relations }], matching).values())
    return { labels: relations.map(({ label }) => label), f1: ratiosOf(counts).f1 }
  }

  it("ChemProt: words that run on become part of the last label, which then is none", () => {
    assert.deepStrictEqual(scored("chemprot", "paper", ""), { labels: ["CPR:3", "CPR:4"], f1: 1 })
    // One of two predictions is right, and one of two relations found.
    assert.deepStrictEqual(scored("chemprot", ["no-end-token"], " And more."), {
      labels: ["CPR:3", "?downregulation. And more"],
      f1: 0.5,
    })
    // Where unknown labels are no predictions, precision is 1: F1 2 · 1 · ½ / 1½.
    assert.closeTo(scored("chemprot", ["no-end-token", "unknown-ignored"], " And more.").f1, 2 / 3, 1e-9)
  })

  it("DCE: the label is found among the words that run on", () => {
    assert.deepStrictEqual(scored("dce", "paper", " And more."), { labels: ["POS", "COMB"], f1: 1 })
  })
})

describe("inherited-decoding", () => {
  const bart = decodingOf(
    { model_type: "bart", num_beams: 4, no_repeat_ngram_size: 3, early_stopping: true },
    undefined,
  )
  const t5 = decodingOf({ model_type: "t5" }, undefined)

  it("a model decodes greedily and may repeat itself; under authors as its own files say", () => {
    const settings = (own: typeof bart, departs: Departs) => {
      const { numBeams, noRepeatNgramSize, earlyStopping } = resolveDecoding(own, treated("cdr", departs).decoding)
      return [numBeams, noRepeatNgramSize, earlyStopping]
    }
    assert.deepStrictEqual(settings(bart, "paper"), [1, 0, false])
    assert.deepStrictEqual(settings(bart, ["inherited-decoding"]), [4, 3, true])
    assert.deepStrictEqual(settings(bart, "authors"), [4, 3, true])
    assert.deepStrictEqual(settings(t5, "paper"), [1, 0, false])
    assert.deepStrictEqual(settings(t5, "authors"), [1, 0, false])
  })

  it("leaves what else a model's files say of generation as it is", () => {
    const { forcedEosTokenId } = resolveDecoding(bart, treated("cdr", "paper").decoding)
    assert.strictEqual(forcedEosTokenId, 2)
  })
})
