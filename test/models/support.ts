import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Graph, type Node } from "../../models/ir/graph.ts"
import type { TensorData } from "../../models/ir/program.ts"
import { sizeOf } from "../../models/ir/shape.ts"
import { onnxEngine } from "../../models/onnx/engine.ts"
import { Tokenizer } from "../../models/tokenizer.ts"

/** The bytes of a file of the reference folder. */
export const referenceBytes = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, "reference", name))

/** Computes nodes of one graph from input values by name. */
export const evaluate = async (
  graph: Graph,
  outputs: Readonly<Record<string, Node>>,
  inputs: Readonly<Record<string, TensorData>>,
  threads = 1,
): Promise<Readonly<Record<string, TensorData>>> => {
  const session = await onnxEngine.compile({ graph, outputs: new Map(Object.entries(outputs)) }, { threads })
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

/** `‖a - b‖ / ‖b‖`. */
export const relativeDifference = (a: Float32Array, b: Float32Array): number => {
  const square = (values: Float32Array): number => values.reduce((total, value) => total + value * value, 0)
  const difference = a.map((value, index) => value - (b[index] ?? Number.NaN))
  return Math.sqrt(square(difference) / square(b))
}

/** A tokenizer whose tokens are whole words: `<pad>`, `</s>`, `<unk>`, then `words`; it appends `</s>`. */
export const wordTokenizer = (words: readonly string[]): Tokenizer => {
  const specials = ["<pad>", "</s>", "<unk>"]
  return Tokenizer.fromJson({
    version: "1.0",
    added_tokens: specials.map((content, id) => {
      return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
    }),
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
      pair: [],
      special_tokens: { "</s>": { id: "</s>", ids: [1], tokens: ["</s>"] } },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      unk_token: "<unk>",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([...specials, ...words].map((word, id) => [word, id])),
    },
  })
}
