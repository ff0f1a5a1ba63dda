import type { Shape } from "./ir/graph.ts"
import { Random } from "./random.ts"
import type { T5Config } from "./t5-config.ts"
import { selectWeights, viewsOf, type Weights } from "./weights.ts"

interface Parameter {
  readonly shape: Shape
  /** Standard deviation at initialisation before `initializer_factor`; "one" for a norm's weight. */
  readonly deviation: number | "one"
}

// Names, shapes and initial deviations are those of Hugging Face's T5ForConditionalGeneration (modeling_t5.py,
// `_init_weights`). A linear weight is [outputs, inputs].
const parameters = (config: T5Config): ReadonlyMap<string, Parameter> => {
  const { vocabulary, width, heads, headWidth, innerWidth, buckets } = config
  const inner = heads * headWidth
  const all = new Map<string, Parameter>()
  const put = (name: string, shape: Shape, deviation: number | "one"): void => {
    all.set(`${name}.weight`, { shape, deviation })
  }
  const attention = (name: string, biased: boolean): void => {
    put(`${name}.q`, [inner, width], (width * headWidth) ** -0.5)
    put(`${name}.k`, [inner, width], width ** -0.5)
    put(`${name}.v`, [inner, width], width ** -0.5)
    put(`${name}.o`, [width, inner], inner ** -0.5)
    if (biased) put(`${name}.relative_attention_bias`, [buckets, heads], width ** -0.5)
  }
  const stack = (name: "encoder" | "decoder", layers: number): void => {
    for (let block = 0; block < layers; block++) {
      const layer = (index: number): string => `${name}.block.${block}.layer.${index}`
      const last = name === "encoder" ? 1 : 2
      attention(`${layer(0)}.SelfAttention`, block === 0)
      put(`${layer(0)}.layer_norm`, [width], "one")
      if (name === "decoder") {
        attention(`${layer(1)}.EncDecAttention`, false)
        put(`${layer(1)}.layer_norm`, [width], "one")
      }
      for (const wi of config.gated ? ["wi_0", "wi_1"] : ["wi"]) {
        put(`${layer(last)}.DenseReluDense.${wi}`, [innerWidth, width], width ** -0.5)
      }
      put(`${layer(last)}.DenseReluDense.wo`, [width, innerWidth], innerWidth ** -0.5)
      put(`${layer(last)}.layer_norm`, [width], "one")
    }
    put(`${name}.final_layer_norm`, [width], "one")
  }
  put("shared", [vocabulary, width], 1)
  stack("encoder", config.encoderLayers)
  stack("decoder", config.decoderLayers)
  if (!config.tied) put("lm_head", [vocabulary, width], 1)
  return all
}

/** The name and shape of every parameter of a T5, in a fixed order. */
export const t5Shapes = (config: T5Config): ReadonlyMap<string, Shape> =>
  new Map([...parameters(config)].map(([name, { shape }]) => [name, shape]))

// Copies of the shared table that some checkpoints hold, and a table that the first T5 releases held but never used.
const REDUNDANT = new Set([
  "encoder.embed_tokens.weight",
  "decoder.embed_tokens.weight",
  "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
])

/** The weights that a T5 of this configuration uses. Throws `WeightsMismatch`. */
export const t5Weights = (config: T5Config, weights: Weights): Weights =>
  selectWeights(weights, t5Shapes(config), (name) => REDUNDANT.has(name) || (config.tied && name === "lm_head.weight"))

/** Whether weight decay applies: to all but the norms, as in Hugging Face's Trainer. */
export const t5Decays = (name: string): boolean => !name.endsWith("layer_norm.weight")

/** Random weights by Hugging Face's initialisation of T5; the same seed gives the same bytes. */
export const initialise = (config: T5Config, seed: number): Weights => {
  const all = parameters(config)
  const shapes = t5Shapes(config)
  let size = 0
  for (const { shape } of all.values()) size += shape.reduce((product, dim) => product * dim, 1)
  const weights = viewsOf(new Float32Array(size), shapes)
  const random = new Random(seed)
  for (const [name, { data }] of weights) {
    const deviation = all.get(name)?.deviation
    const scale = config.initializerFactor
    if (deviation === undefined || deviation === "one") data.fill(scale)
    else for (let index = 0; index < data.length; index++) data[index] = random.normal() * deviation * scale
  }
  return weights
}
