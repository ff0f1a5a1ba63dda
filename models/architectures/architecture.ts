// What every language model is to those who train it and generate with it.
// Shapes: B batch, S source length, T target length, L joined length, C capacity, d width, H heads, D head width, V vocabulary.
import type { Graph, Node, Shape } from "../ir/graph.ts"

/** How a parameter starts: all one value, or normal draws; `zeroRow` is then zero, as padding's embedding is. */
export type Initial =
  | { readonly fill: number }
  | { readonly deviation: number; readonly zeroRow?: number }

/** One tensor of a model. */
export interface Parameter {
  readonly shape: Shape
  readonly initial: Initial
  /** A buffer is kept with the weights and never trained; where a checkpoint lacks it, it is as it starts. */
  readonly buffer?: true
}

/** What layers are built from. */
export interface Build {
  readonly graph: Graph
  /** The parameter of a Hugging Face name. */
  readonly parameter: (name: string) => Node
  /** Dropout of the given probability in training, else the identity. */
  readonly dropout: (x: Node, probability: number) => Node
}

/** Keys and values of one block, each [B,H,length,D]. */
export interface KeysValues {
  readonly keys: Node
  readonly values: Node
}

/** Where generation stands: `step` counts the new tokens from 0, `lengths` the tokens of each row that are in memory. */
export interface StepState {
  readonly step: number
  readonly lengths: readonly number[]
}

/** Writes an input anew before every step. */
export type Fill<A> = (array: A, state: StepState) => void

/** What one step of generation is built from. */
export interface StepBuild extends Build {
  /** The token of each row, int32 [B,1]. */
  readonly ids: Node
  /** The memory that was made of the source: one entry for each block, [B,H,S,D]. */
  readonly memory: readonly KeysValues[]
  /** 0 for what is in memory, `MASKED` for padding: [B,1,1,S]. */
  readonly memoryMask: Node
  /** Earlier new tokens: one entry for each block, [B,H,C,D], zero from the current step on. */
  readonly own: readonly KeysValues[]
  /** 1 at the current step, else 0: [1,1,1,C]. */
  readonly place: Node
  /** 0 up to the current step, `MASKED` beyond: [1,1,1,C]. */
  readonly ownMask: Node
  /** A float32 input of this architecture's own. */
  readonly floats: (name: string, shape: Shape, fill: Fill<Float32Array>) => Node
  /** An int32 input of this architecture's own. */
  readonly ints: (name: string, shape: Shape, fill: Fill<Int32Array>) => Node
}

/** One step of generation. */
export interface Step {
  /** [B,V]. */
  readonly logits: Node
  /** The new token's keys and values in each block, [B,H,1,D]. */
  readonly made: readonly KeysValues[]
}

interface Common {
  /** `model_type` of config.json. */
  readonly modelType: string
  readonly vocabulary: number
  readonly padId: number
  readonly eosId: number
  /** Blocks that generation runs through, with their attention heads and the width of one. */
  readonly blocks: number
  readonly heads: number
  readonly headWidth: number
  /** The longest sequence that there are positions for; undefined where positions are relative. */
  readonly positions: number | undefined
  /** Every tensor by its Hugging Face name, in a fixed order. */
  readonly parameters: ReadonlyMap<string, Parameter>
  /** What the names in a checkpoint of the model without its head lack in front. */
  readonly prefix: string
  /** Whether a checkpoint may hold a tensor of this name that the model does not need. */
  readonly redundant: (name: string) => boolean
  /** One step of generation after what memory holds. */
  readonly step: (build: StepBuild) => Step
}

/** A model that encodes the source and decodes the target from it. */
export interface EncoderDecoder extends Common {
  readonly kind: "encoder-decoder"
  readonly decoderStartId: number
  /** Logits [B·T,V] from `sourceIds` int32 [B,S] under `sourceMask` [B,S] and `decoderIds` int32 [B,T]. */
  readonly logits: (build: Build, inputs: EncoderDecoderInputs) => Node
  /** The source's keys and values for the cross-attention of each block. */
  readonly memory: (build: Build, sourceIds: Node, sourceMask: Node) => readonly KeysValues[]
}

/** Inputs of an encoder-decoder model; the mask is 0 for a token and `MASKED` for padding. */
export interface EncoderDecoderInputs {
  readonly sourceIds: Node
  readonly sourceMask: Node
  readonly decoderIds: Node
}

/** A model that continues a sequence. */
export interface DecoderOnly extends Common {
  readonly kind: "decoder-only"
  /** Logits [R,V] at the positions that `rows` int32 [R] names, each b·L + position, of `ids` int32 [B,L]. */
  readonly logits: (build: Build, ids: Node, rows: Node) => Node
  /** The sequence's keys and values in each block. */
  readonly memory: (build: Build, ids: Node) => readonly KeysValues[]
}

/** A language model's architecture as its config.json sets it. */
export type Architecture = EncoderDecoder | DecoderOnly

/** Added to the scores of positions that must not be attended to: large, yet a sum with a score stays finite. */
export const MASKED = -1e9

/** Whether weight decay applies: to all but norms and biases, as in Hugging Face's Trainer. */
export const decays = (name: string, { shape }: Parameter): boolean => shape.length > 1 && !name.includes("bias")
