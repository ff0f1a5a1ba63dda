import { assert, describe, it } from "@effect/vitest"
import { initialise } from "../../../models/architectures/weights.ts"
import { type Model } from "../../../models/architectures/weights.ts"
import { emit } from "../../../models/engines/onnx/emit.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { Decoder } from "../../../models/generation/decoder.ts"
import { type Decoding, GREEDY, resolveDecoding } from "../../../models/generation/decoding.ts"
import { generateEncoded, type GenerateEncodedOptions } from "../../../models/generation/generate.ts"
import { stepProgram } from "../../../models/generation/programs.ts"
import { InvalidOption } from "../../../models/ir/options.ts"
import { boundShape, boundTo } from "../../../models/ir/port.ts"
import { EngineError } from "../../../models/ir/program.ts"
import { modelOf, referenceOf, variants } from "../../parity/reference.ts"
import { architectureOf } from "../reading.ts"
import { searchByReading } from "./rereading.ts"

/** A GPT-Neo whose local blocks see five tokens, with random weights. */
const gptNeo = (): Model => {
  const architecture = architectureOf({
    model_type: "gpt_neo",
    vocab_size: 30,
    max_position_embeddings: 128,
    hidden_size: 12,
    num_layers: 3,
    num_heads: 3,
    attention_types: [[["local"], 2], [["global"], 1]],
    window_size: 5,
    eos_token_id: 29,
    initializer_range: 0.5,
  })
  return { architecture, weights: initialise(architecture.parameters, 3) }
}

const decoded = async (model: Model, sources: readonly (readonly number[])[], decoding: Decoding, capacity: number) => {
  const source = Math.max(...sources.map(({ length }) => length))
  const shape = { batch: sources.length, beams: decoding.numBeams, source, capacity }
  const decoder = await Decoder.compile(onnxEngine, { threads: 1 }, model, shape, decoding)
  try {
    return await decoder.decode(sources, source)
  } finally {
    await decoder.release()
  }
}

const generated = async (model: Model, changes: Partial<GenerateEncodedOptions>) => {
  const generation = generateEncoded({
    model,
    sources: [],
    batchSize: 4,
    maxNewTokens: 8,
    maxSourceTokens: 30,
    decoding: GREEDY,
    engine: onnxEngine,
    threads: 1,
    ...changes,
  })
  let result = await generation.next()
  while (result.done !== true) result = await generation.next()
  return result.value
}

const refused = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => undefined, (error: unknown) => error)

describe("decoding with keys and values that are kept", () => {
  const endless = { ...GREEDY, eosTokenIds: [] }
  const cases = [
    ["t5", modelOf("t5_relu_tied"), referenceOf("t5_relu_tied").sources.slice(0, 2), 75],
    ["gpt-neo", gptNeo(), [[3, 1, 4, 1, 5, 9, 2, 6], [7]], 70],
  ] as const
  it.each(cases)(
    "finds in %s what reading everything again finds, over many more steps than there is room for at first",
    async (_, model, sources, steps) => {
      for (const changes of [{}, { numBeams: 3 }, { numBeams: 4, repetitionPenalty: 1.3, noRepeatNgramSize: 4 }]) {
        const decoding = { ...endless, ...changes }
        const again = await Promise.all(sources.map((source) => searchByReading(model, source, decoding, steps)))
        assert.isAbove(new Set(again.flat()).size, 4)
        assert.deepStrictEqual(await decoded(model, sources, decoding, steps), again, JSON.stringify(changes))
      }
    },
  )

  it("runs the same program whatever the lengths of sources and outputs", () => {
    for (const variant of variants) {
      const { architecture, weights: { tensors } } = modelOf(variant)
      for (const beams of [1, 3]) {
        const shapes = [{ source: 5, capacity: 8 }, { source: 16, capacity: 2 }]
        const [one, other] = shapes.map((shape) => {
          const { model: { nodes, initializers, inputs } } = emit(
            stepProgram(architecture, tensors, { batch: 2, beams, ...shape }).program,
          )
          return { nodes, initializers: initializers.map(({ name, data }) => [name, data]), inputs }
        })
        assert.deepStrictEqual(one, other, variant)
      }
    }
  })

  it("takes arrays that fit some length, and refuses others", () => {
    const port = { name: "own keys 0", shape: [2, 3, 4, 6], dtype: "float32", free: 2 } as const
    assert.deepStrictEqual(boundShape(port, boundTo("onnxruntime", port, new Float32Array(36 * 5))), [2, 3, 5, 6])
    for (const length of [0, 35]) {
      assert.throws(
        () => boundTo("onnxruntime", port, new Float32Array(length)),
        EngineError,
        `onnxruntime: own keys 0 needs float32 [2,3,any,6] and got ${length} values of float32`,
      )
    }
  })
})

describe("generation of token ids", () => {
  const { sources, greedy } = referenceOf("bart")
  const model = modelOf("bart")

  it("gives results in the order of the sources, whatever the batches", async () => {
    const order = [2, 0, 3, 1, 0]
    const shuffled = order.map((index) => sources[index] ?? [])
    const expected = order.map((index) => (greedy[index] ?? []).slice(0, 8))
    for (const batchSize of [1, 2, 4, 9]) {
      assert.deepStrictEqual(await generated(model, { sources: shuffled, batchSize }), expected, `${batchSize}`)
    }
    const beams = resolveDecoding(GREEDY, { numBeams: 3 })
    const one = await generated(model, { sources: shuffled, batchSize: 1, decoding: beams })
    assert.deepStrictEqual(await generated(model, { sources: shuffled, batchSize: 4, decoding: beams }), one)
    assert.notDeepEqual(one, expected)
  })

  it("ends at the first token, and has room for one", async () => {
    const first = greedy.map(([token = 0]) => token)
    assert.deepStrictEqual(await generated(model, { sources, maxNewTokens: 1 }), first.map((token) => [token]))
    const ended = { ...GREEDY, eosTokenIds: [...new Set(first)] }
    assert.deepStrictEqual(await generated(model, { sources, decoding: ended }), first.map((token) => [token]))
    const beams = { ...GREEDY, numBeams: 4 }
    const found = await generated(model, { sources, maxNewTokens: 1, decoding: beams })
    assert.deepStrictEqual(found, first.map((token) => [token]))
  })

  it("keeps to the length of the whole sequence, a prompt's tokens included", async () => {
    const lengths = async (name: string, maxLength: number) => {
      const decoding = { ...GREEDY, eosTokenIds: [5], maxLength, repetitionPenalty: 3 }
      const rows = await generated(modelOf(name), { sources: [[7, 8, 9], [7, 8, 9, 10, 11]], decoding })
      return rows.map((row) => row.length)
    }
    assert.deepStrictEqual(await lengths("bart", 4), [3, 3])
    assert.deepStrictEqual(await lengths("gpt2", 7), [4, 2])
    // A prompt that is too long already gets one token.
    assert.deepStrictEqual(await lengths("gpt2", 4), [1, 1])
    assert.deepStrictEqual(await lengths("gpt2", 100), [8, 8])
  })

  it("refuses more tokens than there are positions for, unless the whole length is less", async () => {
    const long = { sources, maxNewTokens: 41 }
    assert.match(
      String(await refused(generated(model, long))),
      /maxTargetTokens is 41, and this bart has 40 positions/u,
    )
    const rows = await generated(model, { ...long, decoding: { ...GREEDY, maxLength: 41 } })
    assert.isAtMost(Math.max(...rows.map((row) => row.length)), 40)
    const joined = { sources: [[7, 8]], maxSourceTokens: 30, maxNewTokens: 12 }
    assert.instanceOf(await refused(generated(modelOf("gpt2"), joined)), InvalidOption)
    await generated(modelOf("gpt2"), { ...joined, decoding: { ...GREEDY, maxLength: 41 } })
  })

  it("refuses a decoding that makes no sense for the model", async () => {
    const decoding = { ...GREEDY, forcedBosTokenId: 52 }
    const error = await refused(generated(model, { sources, decoding }))
    assert.instanceOf(error, InvalidOption)
    assert.strictEqual(error.message, "decoding.forcedBosTokenId is 52, and this bart has the tokens 0 to 51")
  })
})
