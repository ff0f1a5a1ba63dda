import { assert, describe, it } from "@effect/vitest"
import { mosesDetokenize, mosesTokenize } from "../../../models/tokenizers/moses.ts"

/** Texts and their words as sacremoses 0.2.0 gives them; test/parity/tokenizers has many more, as digests. */
const golden: readonly (readonly [text: string, words: string])[] = [
  ["Mr. Smith saw Dr. Jones vs. the U.S. team.", "Mr. Smith saw Dr. Jones vs. the U.S. team ."],
  ["See No. 5. No. Yes, Nos. 1, 2.", "See No. 5 . No . Yes , Nos. 1 , 2 ."],
  ["end. begin end. Begin", "end. begin end . Begin"],
  ["5,300 IL-6 a,b and IL-6-induced", "5,300 IL @-@ 6 a , b and IL @-@ 6 @-@ induced"],
  ["don't the dogs' 5's 'tis", "don &apos;t the dogs &apos; 5 &apos;s &apos; tis"],
  ["wait... a..b DOTMULTI", "wait ... a .. b ."],
  ["[3H]-x (p<0.05) R&D \"a|b\"", "&#91; 3H &#93; -x ( p &lt; 0.05 ) R &amp; D &quot; a &#124; b &quot;"],
  ["β-blockers 37°C \u001f x", "β @-@ blockers 37 ° C x"],
]

describe("Moses' tokenizer", () => {
  for (const [text, words] of golden) {
    it(`splits ${JSON.stringify(text)}`, () => assert.strictEqual(mosesTokenize(text).join(" "), words))
  }

  it("has no words for nothing", () => assert.deepStrictEqual(mosesTokenize(" \n\u0001 "), []))
})

describe("Moses' detokenizer", () => {
  const sentences: readonly string[] = [
    "Co-administration (50%) didn't raise the AUC, but Cmax did.",
    "The \"IL-6\" of [3H]-labelled mice; it's known: p < 0.001!",
    "The patients' hearing was tested.",
  ]
  for (const sentence of sentences) {
    it(`puts together ${JSON.stringify(sentence)}`, () => {
      assert.strictEqual(mosesDetokenize(mosesTokenize(sentence)), sentence.replaceAll(/\]-l/gu, "] -l"))
    })
  }

  it("puts signs to their words", () => {
    assert.strictEqual(mosesDetokenize("日 本 a ( £ 5 ) ' b ' c".split(" ")), "日本 a (£5) 'b' c")
  })
})
