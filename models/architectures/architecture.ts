// What every language model is to those who train it and generate with it.
// Shapes: B batch, S source length, T target length, L joined length, K beams, N slots, d width, H heads, D head width,
// V vocabulary. The beams of a source are several sequences that go on side by side; greedy decoding has one.
import type { Graph } from "../ir/graph.ts"
import type { Node } from "../ir/node.ts"
import type { Shape } from "../ir/shape.ts"

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
  /** The parameter of a name where rows of it are picked: an engine that generates then keeps no copy of it. */
  readonly table: (name: string) => Node
  /** Dropout of the given probability in training, else the identity. */
  readonly dropout: (x: Node, probability: number) => Node
}

/** Keys and values of one block, each [B,H,length,D]. */
export interface KeysValues {
  readonly keys: Node
  readonly values: Node
}

/**
 * Where generation stands: `step` counts the new tokens from 0, `lengths` the tokens of each source that are in the
 * slots before them, of which there are `before`. Each step then fills one slot for each of the `beams`. `mask` is what
 * `ownMask` holds.
 */
export interface StepState {
  readonly step: number
  readonly beams: number
  readonly before: number
  readonly lengths: readonly number[]
  readonly mask: Float32Array
}

/** Inputs of a step that an architecture adds, each with what writes it before every step. */
export interface StepInputs {
  /** An int32 input. */
  readonly ints: (name: string, shape: Shape, fill: (array: Int32Array, state: StepState) => void) => Node
  /** An int32 input of a last axis [K+N] as that of `ownMask`. */
  readonly slotInts: (name: string, shape: Shape, fill: (array: Int32Array, state: StepState) => void) => Node
  /** A float32 input likewise. */
  readonly slotFloats: (name: string, shape: Shape, fill: (array: Float32Array, state: StepState) => void) => Node
}

/** What one step of generation is built from; what it makes must hold for any N and S. */
export interface StepBuild extends Build, StepInputs {
  /** The token of each beam, int32 [B,K]. */
  readonly ids: Node
  /** What an encoder-decoder model made of the source, which all beams share: one entry for each block, [B,H,S,D]. */
  readonly memory: readonly KeysValues[]
  /** 0 for what is in memory, `MASKED` for padding: [B,1,1,S]; undefined without a memory. */
  readonly memoryMask: Node | undefined
  /** The keys and values of earlier tokens of all beams, those of a decoder-only model's prompt first: [B,H,N,D]. */
  readonly own: readonly KeysValues[]
  /** 0 for the tokens before that a beam goes on from and the one at hand, else `MASKED`: [B,1,K,K+N], new ones first. */
  readonly ownMask: Node
}

/** One step of generation. */
export interface Step {
  /** [B·K,V]. */
  readonly logits: Node
  /** The new tokens' keys and values in each block, [B,H,K,D]. */
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
  /**
   * Names of copies of a parameter, by the parameter's: a checkpoint may hold them all, or one copy and not the
   * parameter. All that are there must be equal.
   */
  readonly copies: ReadonlyMap<string, readonly string[]>
  /** Whether a checkpoint may hold a tensor of this name that the model does not need. */
  readonly redundant: (name: string) => boolean
}

/** What is known of a model that encodes the source and decodes the target from it, but not how it computes. */
export interface EncoderDecoderDescription extends Common {
  readonly kind: "encoder-decoder"
  readonly decoderStartId: number
}

/** What is known of a model that continues a sequence, but not how it computes. */
export interface DecoderOnlyDescription extends Common {
  readonly kind: "decoder-only"
}

/** What is known of a model from its config.json: its tensors and its limits, but not how it computes. */
export type Description = EncoderDecoderDescription | DecoderOnlyDescription

/** The fields of a config.json. */
export type Config = Readonly<Record<string, unknown>>

interface Generating {
  /** One step of generation after what memory holds. */
  readonly step: (build: StepBuild) => Step
}

/** A model that encodes the source and decodes the target from it. */
export interface EncoderDecoder extends EncoderDecoderDescription, Generating {
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
export interface DecoderOnly extends DecoderOnlyDescription, Generating {
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
