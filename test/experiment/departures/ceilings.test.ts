import { assert, describe, it } from "@effect/vitest"
import { GREEDY } from "../../../models/generation/decoding.ts"
import type { Document } from "../../../schemas/documents.ts"
import type { Described } from "../../../stages/ceiling/channel.ts"
import { architectureOf } from "../../models/reading.ts"
import { tinyT5, wordTokenizer } from "../../models/support.ts"
import { ceilingOf, taskOf } from "../../stages/ceiling/support.ts"
import { type Departs, documentOf, rendered, treated } from "./support.ts"

/** A model that has every word of these texts as a token, with BART's ban on repeated 3-grams if it is to have one. */
const modelOf = (kind: "encoder" | "decoder", noRepeatNgramSize = 0): Described => {
  const words = [
    "The relation between and exists; exists. the is upregulation upregulation; upregulation. downregulation; downregulation.",
    "participate in positive drug combination; combination. a b c d e with for It goes on",
    "Find all instances of relations chemicals diseases proteins following passage:",
    "drugs used combination whether this had impact health sentence:",
  ].join(" ").split(" ")
  const tokenizer = wordTokenizer([...new Set(words)])
  const sizes = { vocab_size: tokenizer.size, eos_token_id: 1, pad_token_id: 0 }
  const architecture = kind === "decoder"
    ? architectureOf({ ...sizes, model_type: "gpt2", n_embd: 8, n_layer: 1, n_head: 2, n_positions: 256 })
    : architectureOf({ ...sizes, ...tinyT5 })
  return { architecture, tokenizer, generation: { ...GREEDY, noRepeatNgramSize } }
}

/** "right of predicted, for gold" by a generator without a mistake; `limits` are the tokens of each text and of both. */
const best = (
  corpus: string,
  model: Described,
  document: Document,
  departs: Departs,
  [each, both] = [512, 1024],
): string => {
  const { matching, lengths, ...rules } = treated(corpus, departs)
  const task = taskOf(corpus, "m", model, [document], { maxSourceTokens: each, maxTargetTokens: each })
  const sharedTokens = lengths === "shared" ? both : null
  const row = ceilingOf(task, { ...rules, sharedTokens, measure: { by: "strict", matching } })
  return `${row.correct} of ${row.predicted}, for ${row.gold}`
}

const chemprot = documentOf("[a] with [b] and [c]", [["CPR:3", "T1", "T2"], ["CPR:4", "T1", "T3"]])
const dce = documentOf("[a] with [b] , [c] with [d]", [["POS", "T1", "T2"], ["COMB", "T3", "T4"]])
const cdr = documentOf(
  "[a] with [b] for [c] with [d] for [e]",
  [["CID", "1", "2"], ["CID", "3", "4"], ["CID", "3", "5"]],
  ["1", "2", "3", "4", "5"],
)

describe("the best that a generator can do", () => {
  it("without an end of its text loses the last clause of ChemProt", () => {
    const model = modelOf("decoder")
    assert.strictEqual(best("chemprot", model, chemprot, "paper"), "2 of 2, for 2")
    assert.strictEqual(best("chemprot", model, chemprot, ["no-end-token"]), "1 of 2, for 2")
    assert.strictEqual(best("chemprot", model, chemprot, "authors"), "1 of 1, for 2")
    assert.strictEqual(best("chemprot", modelOf("encoder"), chemprot, "authors"), "2 of 2, for 2")
  })

  it("with its prompt kept loses the first combination of DCE", () => {
    const model = modelOf("decoder")
    assert.strictEqual(best("dce", model, dce, "paper"), "2 of 2, for 2")
    assert.strictEqual(best("dce", model, dce, ["prompt-kept"]), "1 of 2, for 2")
    assert.strictEqual(best("dce", model, dce, "authors"), "1 of 2, for 2")
    assert.strictEqual(best("dce", modelOf("encoder"), dce, "authors"), "2 of 2, for 2")
  })

  it("with one limit for prompt and output has what the prompt leaves, if it has no encoder", () => {
    const model = modelOf("decoder")
    const prompt = model.tokenizer.encode(rendered(cdr, "cdr", "paper").source, Infinity).ids.length
    // A prompt of most of both: the output is cut short, where 40 tokens of its own hold it.
    assert.strictEqual(best("cdr", model, cdr, "paper", [40 + prompt, 0]), "3 of 3, for 3")
    const cut = best("cdr", model, cdr, ["shared-length"], [40 + prompt, prompt + 20])
    assert.notStrictEqual(cut, "3 of 3, for 3")
    // More room than a half for what is short of it.
    assert.strictEqual(best("cdr", model, cdr, ["shared-length"], [8, prompt + 60]), "3 of 3, for 3")
    assert.notStrictEqual(best("cdr", model, cdr, "paper", [8, 0]), "3 of 3, for 3")
    const encoder = modelOf("encoder")
    for (const limits of [[40 + prompt, 8], [512, 1024]] as const) {
      assert.strictEqual(best("cdr", encoder, cdr, ["shared-length"], [...limits]), "3 of 3, for 3")
    }
  })

  it("with BART's ban on repeated 3-grams writes one of three clauses of CDR", () => {
    // "The relation between" would stand in each.
    const model = modelOf("encoder", 3)
    assert.strictEqual(best("cdr", model, cdr, "paper"), "3 of 3, for 3")
    assert.strictEqual(best("cdr", model, cdr, ["inherited-decoding"]), "1 of 1, for 3")
    assert.strictEqual(best("cdr", model, cdr, "authors"), "1 of 1, for 3")
    assert.strictEqual(best("cdr", modelOf("encoder"), cdr, "authors"), "3 of 3, for 3")
  })
})
