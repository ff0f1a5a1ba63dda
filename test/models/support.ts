import { readFileSync } from "node:fs"
import { join } from "node:path"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import type { Node } from "../../models/ir/node.ts"
import type { Engine, TensorData } from "../../models/ir/program.ts"
import { sizeOf } from "../../models/ir/shape.ts"
import type { Tokenizer } from "../../models/tokenizers/tokenizer.ts"
import { readTokenizer } from "./reading.ts"

/** The bytes of a file of the reference folder. */
export const referenceBytes = (name: string): Uint8Array =>
  readFileSync(join(import.meta.dirname, "../parity/reference", name))

/** Computes nodes of one graph from input values by name. */
export const evaluate = async (
  graph: Node["graph"],
  outputs: Readonly<Record<string, Node>>,
  inputs: Readonly<Record<string, TensorData>>,
  threads = 1,
  engine: Engine = onnxEngine,
): Promise<Readonly<Record<string, TensorData>>> => {
  const session = await engine.compile({ graph, outputs: new Map(Object.entries(outputs)) }, { threads })
  try {
    const results = Object.entries(outputs).map(([name, { dtype, shape }]): [string, TensorData] => {
      return [name, dtype === "float32" ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape))]
    })
    await session.run(session.bind(new Map(Object.entries(inputs)), new Map(results)))
    return Object.fromEntries(results)
  } finally {
    await session.release()
  }
}

/** The largest absolute difference of two arrays of equal length. */
export const worstDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Infinity
  let worst = 0
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs((a[index] ?? Number.NaN) - (b[index] ?? Number.NaN))
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference)
  }
  return worst
}

/** The worst difference between what an engine and onnxruntime make of a graph, relative to values above 1. */
export const disagreement = async (
  engine: Engine,
  graph: Node["graph"],
  outputs: Readonly<Record<string, Node>>,
  inputs: Readonly<Record<string, TensorData>>,
): Promise<number> => {
  const ours = await evaluate(graph, outputs, inputs, 1, engine)
  const theirs = await evaluate(graph, outputs, inputs)
  return Math.max(
    ...Object.keys(outputs).map((name) => {
      const expected = theirs[name] ?? []
      const scale = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
      return worstDifference(ours[name] ?? [], expected) / scale
    }),
  )
}

/** `‖a - b‖ / ‖b‖`. */
export const relativeDifference = (a: Float32Array, b: Float32Array): number => {
  const square = (values: Float32Array): number => values.reduce((total, value) => total + value * value, 0)
  const difference = a.map((value, index) => value - (b[index] ?? Number.NaN))
  return Math.sqrt(square(difference) / square(b))
}

/** The smallest T5 that there can be, but for its vocabulary, as a config.json has it. */
export const tinyT5 = {
  model_type: "t5",
  d_model: 8,
  d_kv: 4,
  d_ff: 8,
  num_layers: 1,
  num_heads: 2,
  decoder_start_token_id: 0,
}

/** The tokenizer that the content of a `tokenizer.json` describes. */
export const tokenizerOf = (json: string | object): Tokenizer => {
  const text = typeof json === "string" ? json : `${JSON.stringify(json, null, 2)}\n`
  return readTokenizer(new Map([["tokenizer.json", new TextEncoder().encode(text)]]), "")
}

/** A tokenizer whose tokens are whole words: `<pad>`, `</s>`, `<unk>`, then `words`; it appends `</s>`. */
export const wordTokenizer = (words: readonly string[]): Tokenizer => {
  const specials = ["<pad>", "</s>", "<unk>"]
  return tokenizerOf({
    version: "1.0",
    added_tokens: specials.map((content, id) => {
      return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
    }),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁", prepend_scheme: "always" }],
    },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
      pair: [],
      special_tokens: { "</s>": { id: "</s>", ids: [1], tokens: ["</s>"] } },
    },
    decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always" },
    model: {
      type: "Unigram",
      unk_id: 2,
      vocab: [...specials.map((special) => [special, 0]), ...words.map((word) => [`▁${word}`, -1])],
    },
  })
}
