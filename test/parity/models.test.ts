import { assert, describe, it } from "@effect/vitest"
import { decays } from "../../models/architectures/architecture.ts"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import { type Decoding, GREEDY, resolveDecoding } from "../../models/generation/decoding.ts"
import { decodingOf } from "../../models/generation/from-config.ts"
import { generateEncoded } from "../../models/generation/generate.ts"
import type { Engine } from "../../models/ir/program.ts"
import { jsEngine } from "../models/engines/tensorflow/support.ts"
import { figuresOf, limits } from "./figures.ts"
import { architectureOfVariant, modelOf, type Reference, referenceOf, variants } from "./reference.ts"

const engines: readonly (readonly [string, () => Promise<Engine>])[] = [
  ["onnxruntime", () => Promise.resolve(onnxEngine)],
  ["tensorflow on tfjs's own backend", jsEngine],
]

for (const [engineName, makeEngine] of engines) {
  describe(`against Hugging Face transformers, with ${engineName}`, () => {
    it.each(variants)("%s: logits, loss, every gradient, ten AdamW steps", async (variant) => {
      const engine = await makeEngine()
      const figures = await figuresOf(engine, variant)
      const names = Object.keys(limits) as ReadonlyArray<keyof typeof limits>
      const told = names.map((name) => `${name} ${figures[name].toExponential(1)}`)
      console.log(`parity ${variant.padEnd(16)} ${engineName.padEnd(33)} ${told.join("  ")}`)
      for (const name of names) {
        const of = name === "gradient" ? ` of ${figures.worstGradient}` : ""
        assert.isAtMost(figures[name], limits[name], `${variant}: ${name}${of}`)
      }
    })

    it.each(variants)("%s: the same ids from greedy decoding", async (variant) => {
      const { greedy } = referenceOf(variant)
      assert.deepStrictEqual(await generated(await makeEngine(), variant, GREEDY), greedy)
    })

    it.each(variants)("%s: the same ids from beam searches", async (variant) => {
      await searchesAgree(await makeEngine(), variant, referenceOf(variant).beam4)
    })
  })
}

describe("against Hugging Face transformers, under other settings of decoding", () => {
  // They act on scores, whatever engine computed them.
  it.each(variants)("%s: the same ids", async (variant) => {
    await searchesAgree(onnxEngine, variant, referenceOf(variant).searches)
  })
})

const searchesAgree = async (engine: Engine, variant: string, searches: Reference["searches"]): Promise<void> => {
  for (const [name, { settings, ids }] of Object.entries(searches)) {
    const { max_length: maxLength, ...rest } = settings
    const found = await generated(engine, variant, resolveDecoding(decodingOf({}, rest), { maxLength }))
    assert.deepStrictEqual(found.map((row, source) => ids[source] === null ? null : row), ids, name)
  }
}

/** The new ids of a variant's sources; in fewer rows than sources, so that lengths are sorted and a last batch is partly empty. */
const generated = async (engine: Engine, variant: string, decoding: Decoding) => {
  const { sources } = referenceOf(variant)
  const generation = generateEncoded({
    model: modelOf(variant),
    sources,
    batchSize: 3,
    maxNewTokens: 16,
    maxSourceTokens: Math.max(...sources.map((source) => source.length)),
    decoding,
    engine,
    threads: 1,
  })
  let result = await generation.next()
  while (result.done !== true) result = await generation.next()
  return result.value
}

describe("weight decay", () => {
  it.each(variants)("%s: spares what Hugging Face's Trainer spares", (variant) => {
    const { parameters } = architectureOfVariant(variant)
    const spared = [...parameters].flatMap(([name, parameter]) =>
      parameter.buffer === true || decays(name, parameter) ? [] : [name]
    )
    assert.deepStrictEqual(spared.sort(), [...referenceOf(variant).noDecay].sort())
  })
})
