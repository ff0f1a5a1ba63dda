import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { initialise } from "../../../models/architectures/weights.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { automata } from "../../../models/generation/constraints/constraint.ts"
import { firstOf, generateConstrained } from "../../../models/generation/constraints/generate.ts"
import { Guide } from "../../../models/generation/constraints/guide.ts"
import { vocabularyOf } from "../../../models/generation/constraints/spelling.ts"
import { type DecodingOverrides, GREEDY, resolveDecoding } from "../../../models/generation/decoding.ts"
import { processorsOf } from "../../../models/generation/processors.ts"
import { readTokenizer } from "../../../models/tokenizers/kinds/unigram.ts"
import { encodeSource, encodeTarget } from "../../../models/training/batches.ts"
import { namesOf } from "../../../stages/generate/constrained.ts"
import { grammarOf } from "../../../stages/generate/grammar.ts"
import { extractor } from "../../../stages/shared/language/extraction.ts"
import type { ConstraintParam } from "../../../stages/shared/params/constraint.ts"
import { searchByReading } from "../../models/generation/rereading.ts"
import { architectureOf } from "../../models/reading.ts"
import { repository } from "../../rig/project.ts"

const constraint: ConstraintParam = {
  template: {
    source: "Find all: {text}",
    clause: "The relation between {head} and {tail} exists",
    labels: { CID: "" },
    separator: "; ",
    end: ".",
    none: ".",
  },
  extraction: { slots: { head: ".*", tail: ".*?" } },
}
const texts = [
  "An unusual case of omeprazole poisoning with pruritus.",
  "Two patients developed fever and pain after haloperidol; the fever resolved.",
  "Fever.",
]

/** A model of an architecture as the bundled one is, with random weights that make it write anything. */
const modelOf = (folder: string) => {
  const file = (name: string) => readFileSync(join(repository, "bundled/models", folder, name))
  const config: Readonly<Record<string, unknown>> = JSON.parse(file("config.json").toString())
  const architecture = architectureOf(config)
  const tokenizer = readTokenizer(new Map([["tokenizer.json", file("tokenizer.json")]]), String(config["model_type"]))
  return { architecture, tokenizer, weights: initialise(architecture.parameters, 3) }
}

const LIMITS = { batchSize: 2, maxNewTokens: 40, maxSourceTokens: 60, threads: 1, engine: onnxEngine }

describe.each(["t5", "bart", "gpt2", "gpt-neo", "biogpt"])("constrained decoding of %s", (folder) => {
  const model = modelOf(folder)
  const sources = texts.map((text) => `Find all: ${text}`)
  const names = sources.map((source) => namesOf(source, constraint))
  const grammar = grammarOf(constraint)

  const written = async (overrides: DecodingOverrides) => {
    const decoding = resolveDecoding(GREEDY, overrides)
    const generation = generateConstrained({ ...LIMITS, checkpoint: model, sources, decoding }, { grammar, names })
    let result = await generation.next()
    while (result.done !== true) result = await generation.next()
    return { decoding, outputs: result.value }
  }

  it.each<readonly [string, DecodingOverrides]>([
    ["greedily", {}],
    ["with four beams", { numBeams: 4, earlyStopping: true }],
    ["with beams, a least length and without repeats", { numBeams: 3, minNewTokens: 12, noRepeatNgramSize: 3 }],
    ["with less of what was written", { repetitionPenalty: 1.5, forcedEosTokenId: model.architecture.eosId }],
  ])(
    "%s: every text is read back whole, with names of its source, as a model that reads all again writes it",
    async (_, overrides) => {
      const { decoding, outputs } = await written(overrides)
      const extract = extractor({ ...constraint, reading: { search: "all words", blanks: "dropped" } })
      const slow = automata({ grammar, names }, vocabularyOf(model.tokenizer))
      for (const [index, { text, finished }] of outputs.entries()) {
        const { relations, malformed } = extract(text)
        assert.deepStrictEqual(malformed, [], text)
        assert.isTrue(finished, text)
        for (const name of relations.flatMap((relation) => relation.arguments)) assert.include(texts[index], name)

        const { ids } = encodeSource(model.architecture, model.tokenizer, sources[index] ?? "", LIMITS)
        const prompt = model.architecture.kind === "decoder-only" ? ids : [model.architecture.decoderStartId]
        const eosIds = [model.architecture.eosId]
        const guide = new Guide({
          automaton: slow(index),
          beams: decoding.numBeams,
          eosIds,
          processors: processorsOf(decoding, eosIds),
          first: firstOf(model.architecture, model.tokenizer, null),
          prompt,
          limit: LIMITS.maxNewTokens,
        })
        const { numBeams, earlyStopping } = decoding
        const own = resolveDecoding(GREEDY, { numBeams, earlyStopping })
        const again = await searchByReading(model, ids, own, LIMITS.maxNewTokens, guide)
        assert.strictEqual(model.tokenizer.decode(again), text)
      }
    },
  )

  it("may write every token of a target, as the model learned it", () => {
    const { architecture, tokenizer } = model
    const target =
      "The relation between omeprazole and pruritus exists; The relation between pruritus and omeprazole exists."
    const ids = encodeTarget(architecture, tokenizer, target, { ...LIMITS, maxTargetTokens: 60 }, 0)
    const eosIds = [architecture.eosId]
    const guide = new Guide({
      automaton: automata({ grammar, names }, vocabularyOf(tokenizer))(0),
      beams: 1,
      eosIds,
      processors: processorsOf(resolveDecoding(GREEDY), eosIds),
      first: firstOf(architecture, tokenizer, null),
      prompt: architecture.kind === "decoder-only" ? [architecture.eosId] : [architecture.decoderStartId],
      limit: 60,
    })
    assert.strictEqual(tokenizer.decode(ids), target)
    for (const [place, id] of ids.entries()) {
      const scores = new Float32Array(tokenizer.size).fill(-1)
      guide.apply(scores, 0)
      assert.strictEqual(scores[id], -1, `token ${place} of ${ids.join(" ")}`)
      guide.follow([0], [id])
    }
  })

  it("ends a text within the tokens that there are, and at once where none fits", async () => {
    for (const maxNewTokens of [1, 2, 3, 12, 17]) {
      const decoding = resolveDecoding(GREEDY)
      const options = { ...LIMITS, maxNewTokens, checkpoint: model, sources, decoding }
      const generation = generateConstrained(options, { grammar, names })
      let result = await generation.next()
      while (result.done !== true) result = await generation.next()
      for (const { text, tokens, finished } of result.value) {
        assert.isTrue(finished, text)
        assert.isAtMost(tokens, maxNewTokens)
        assert.match(text, /^$|\.$/u)
      }
    }
  })
})
