import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Architecture } from "../../models/architectures/architecture.ts"
import { type Model } from "../../models/architectures/weights.ts"
import { openWeights } from "../../models/checkpoints/files.ts"
import { loadWeights } from "../../models/checkpoints/weights.ts"
import type { EncodedExample } from "../../models/training/batches.ts"
import type { TrainingStep } from "../../models/training/trainer.ts"
import { architectureOf } from "../models/reading.ts"

// References: test/parity/reference/make.py, which runs Hugging Face transformers and says what each field is.

/** Every variant that there is a reference of. */
export const variants = [
  "t5_relu_tied",
  "t5_gated_tied",
  "t5_gated_untied",
  "bart",
  "bart_scaled",
  "gpt2",
  "gpt2_scaled",
  "gpt_neo",
  "biogpt",
  "biogpt_unscaled",
] as const

interface Optimizer {
  readonly steps: number
  readonly learning_rate: number
  readonly warmup_ratio: number
  readonly weight_decay: number
  readonly clip_norm: number
}

type ReferenceStep = Pick<TrainingStep, "loss" | "gradientNorm" | "learningRate">

/** A step with the norm of the gradients that clipping left. */
interface ClippedStep extends ReferenceStep {
  readonly clippedNorm: number
}

/** What transformers computed for one variant. */
export interface Reference {
  /** The `config.json` that transformers saved. */
  readonly savedConfig: Readonly<Record<string, unknown>>
  readonly sources: readonly (readonly number[])[]
  readonly targets: readonly (readonly number[])[]
  readonly loss: number
  readonly noDecay: readonly string[]
  /** Parameters whose gradient is zero but for rounding. */
  readonly zeroGradients: readonly string[]
  readonly optimizer: Optimizer
  readonly steps: readonly ReferenceStep[]
  /** The same with another schedule: twenty steps, stronger clipping. */
  readonly training20: { readonly optimizer: Optimizer; readonly steps: readonly ClippedStep[] }
  readonly greedy: readonly (readonly number[])[]
  /** Beam searches by their name. */
  readonly beam4: Readonly<Record<string, Searched>>
  /** Greedy decoding and beam searches under other settings, by a name. */
  readonly searches: Readonly<Record<string, Searched>>
}

/** Settings of `generate` in transformers' names, and the new ids that it gave for each source, or null if it refused. */
export interface Searched {
  readonly settings: Readonly<Record<string, unknown>> & { readonly max_length?: number }
  readonly ids: readonly (readonly number[] | null)[]
}

const folder = join(import.meta.dirname, "reference")

const textOf = (variant: string): string => readFileSync(join(folder, `${variant}.json`), "utf8")

/** The reference of a variant. */
export const referenceOf = (variant: string): Reference => JSON.parse(textOf(variant)) as Reference

/** A variant's `config.json` as text: parsed and written anew, `1.0` would be `1`, which transformers 5 refuses. */
export const configTextOf = (variant: string): string => /^ *"savedConfig": (.*),$/mu.exec(textOf(variant))?.[1] ?? ""

/** A variant's architecture. */
export const architectureOfVariant = (variant: string): Architecture => architectureOf(referenceOf(variant).savedConfig)

/** A variant's model with weights of its own. */
export const modelOf = (variant: string): Model => {
  const architecture = architectureOfVariant(variant)
  const stored = openWeights(new Map([["model.safetensors", join(folder, `${variant}.safetensors`)]]))
  try {
    return { architecture, weights: loadWeights(architecture, stored.tensors) }
  } finally {
    stored.close()
  }
}

/** The tensors that transformers computed: `logits`, and the gradient of each parameter. */
export const expectedOf = (variant: string): ReadonlyMap<string, Float32Array> => {
  const stored = openWeights(new Map([["model.safetensors", join(folder, `${variant}.expected.safetensors`)]]))
  try {
    return new Map([...stored.tensors].map(([name, tensor]) => {
      const data = new Float32Array(tensor.shape.reduce((product, dim) => product * dim, 1))
      tensor.read(data)
      return [name, data]
    }))
  } finally {
    stored.close()
  }
}

/** A variant's examples. */
export const examplesOf = ({ sources, targets }: Pick<Reference, "sources" | "targets">): readonly EncodedExample[] =>
  sources.map((source, row) => ({ source, target: targets[row] ?? [] }))
