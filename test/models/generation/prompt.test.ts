import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { initialise } from "../../../models/architectures/weights.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { GREEDY } from "../../../models/generation/decoding.ts"
import { generate, type Generation } from "../../../models/generation/generate.ts"
import { promptBefore } from "../../../models/generation/prompt.ts"
import { Tokenizer } from "../../../models/tokenizers/tokenizer.ts"
import { architectureOf, readTokenizer } from "../reading.ts"
import { tinyT5, wordTokenizer } from "../support.ts"

const mini = (name: string): Tokenizer =>
  readTokenizer(
    new Map([[
      "tokenizer.json",
      readFileSync(join(import.meta.dirname, "../../../bundled/models", name, "tokenizer.json")),
    ]]),
    name,
  )
const words = wordTokenizer(["a", "b", "c"])
const ids = (tokenizer: Tokenizer, text: string) => tokenizer.encode(text, Infinity, { specials: false }).ids

describe("a prompt in front of an output", () => {
  it("ends in the blank that stands between them, which neither text has by itself", () => {
    assert.strictEqual(promptBefore(words, ids(words, "a b"), ids(words, "c")), "a b ")
    assert.strictEqual(promptBefore(words, ids(words, "a b"), []), "a b")
  })

  it("has no special tokens", () => {
    assert.strictEqual(promptBefore(words, words.encode("a b", Infinity).ids, ids(words, "c")), "a b ")
  })

  it("is the beginning of what is decoded of both together, whatever the tokenizer", () => {
    for (const tokenizer of [words, mini("gpt2"), mini("biogpt")]) {
      const tokens = fc.array(fc.integer({ min: 0, max: tokenizer.size - 1 }), { maxLength: 12 })
      fc.assert(fc.property(tokens, tokens, (prompt, output) => {
        const [whole, text] = [tokenizer.decode([...prompt, ...output]), tokenizer.decode(output)]
        const before = promptBefore(tokenizer, prompt, output)
        if (whole.endsWith(text)) assert.strictEqual(before + text, whole)
        else assert.strictEqual(before.trimEnd(), tokenizer.decode(prompt).trimEnd())
      }))
    }
  })
})

describe("a generation", () => {
  const sizes = { vocab_size: words.size, eos_token_id: 1, pad_token_id: 0 }
  const written = async (config: object): Promise<Generation> => {
    const architecture = architectureOf({ ...sizes, ...config })
    const generation = generate({
      checkpoint: {
        architecture,
        tokenizer: words,
        weights: initialise(architecture.parameters, 5),
      },
      sources: ["a b c a b"],
      batchSize: 1,
      maxNewTokens: 3,
      maxSourceTokens: 4,
      decoding: { ...GREEDY, forcedBosTokenId: null, eosTokenIds: [0] },
      engine: onnxEngine,
      threads: 1,
    })
    let result = await generation.next()
    while (result.done !== true) result = await generation.next()
    const [only] = result.value
    assert(only !== undefined)
    return only
  }

  it("tells the prompt as a decoder-only model was given it, cut", async () => {
    const { prompt, text, sourceTruncated } = await written({
      model_type: "gpt2",
      n_embd: 8,
      n_layer: 1,
      n_head: 2,
      n_positions: 16,
    })
    assert.isTrue(sourceTruncated)
    // Three of its words, and the end that this tokenizer puts behind every text.
    assert.strictEqual(prompt?.trimEnd(), "a b c")
    assert.strictEqual(prompt?.endsWith(" "), text !== "")
  })

  it("has none of an encoder-decoder model", async () => {
    const { prompt } = await written(tinyT5)
    assert.isNull(prompt)
  })
})
