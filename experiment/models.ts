import type { ModelKind } from "../stages/shared/params/model.ts"
import type { PerFewShotSetting, SettingId } from "./settings.ts"

/**
 * The models of the experiment: those of Table 1 of Brokman and Kavuluru, "How Important is Domain Specificity in
 * Language Models and Instruction Finetuning for Biomedical Relation Extraction?" (arXiv 2402.13470), with its numbers.
 */

/** Encoder-decoder models that are trained for the same number of epochs. */
export type Family = "t5-small" | "t5-base" | "t5-large" | "bart-base" | "bart-large"

/** F1 in percent by corpus and setting. */
export type PublishedF1 = Readonly<Record<string, Partial<Readonly<Record<SettingId, number>>>>>

/** One model of the experiment. */
export interface Model {
  readonly name: string
  /** Its size: "350M", "1.5B". */
  readonly parameters: string
  /** Its repository on the Hugging Face Hub. */
  readonly huggingFace: string
  /** What it is, as far as code depends on it. */
  readonly kind: ModelKind
  /** How long it is trained on few examples; null for decoder-only models, which learn from everything only. */
  readonly family: Family | null
  /** Whether it was pretrained on biomedical text ("b" in the table). */
  readonly biomedical?: true
  /** What instructions it was finetuned on: general ones ("*") or biomedical ones ("†"). */
  readonly instructions?: "general" | "biomedical"
  /** The corpora that it was finetuned on before the experiment, in another form. */
  readonly leaks?: ReadonlyArray<string>
  /** Whether ceilings are worked out for its tokenizer: the first model of each tokenizer has them. */
  readonly ceilings?: true
  /** What the paper prints for it. */
  readonly published?: PublishedF1
}

/** Epochs of few-shot finetuning, by family and number of examples. */
export const fewShotEpochs: Readonly<Record<Family, PerFewShotSetting<number>>> = {
  "t5-small": { "16": 160, "64": 60 },
  "t5-base": { "16": 100, "64": 40 },
  "t5-large": { "16": 50, "64": 30 },
  "bart-base": { "16": 130, "64": 50 },
  "bart-large": { "16": 75, "64": 35 },
}

/** Numbers of a model that learned from few examples of CDR and DCE, and from everything. */
const all = (
  ...[cdr16, cdr64, cdr, dce16, dce64, dce, chemprot, ddi]: readonly [
    ...cdr: readonly [number, number, number],
    ...dce: readonly [number, number, number],
    chemprot: number,
    ddi: number,
  ]
): PublishedF1 => ({
  cdr: { "16": cdr16, "64": cdr64, full: cdr },
  dce: { "16": dce16, "64": dce64, full: dce },
  chemprot: { full: chemprot },
  ddi: { full: ddi },
})

/** Numbers of a model that learned from everything only. */
const full = (cdr: number, dce: number, chemprot: number, ddi: number): PublishedF1 => ({
  cdr: { full: cdr },
  dce: { full: dce },
  chemprot: { full: chemprot },
  ddi: { full: ddi },
})

const t5: ModelKind = { architecture: "t5", tokenizer: "unigram" }
const bart: ModelKind = { architecture: "bart", tokenizer: "bpe" }
const gpt2: ModelKind = { architecture: "gpt2", tokenizer: "bpe" }
const gptNeo: ModelKind = { architecture: "gpt-neo", tokenizer: "bpe" }
const bioGpt: ModelKind = { architecture: "biogpt", tokenizer: "moses-bpe" }

/** The models, in the order of all tables. */
// dprint-ignore
export const models: ReadonlyArray<Model> = [
  { name: "GPT-2-Medium",  parameters: "350M", huggingFace: "gpt2-medium",                 kind: gpt2,   family: null,         published: full(16.3,  0.2, 14.7, 14.2), ceilings: true },
  { name: "BioGPT",        parameters: "350M", huggingFace: "microsoft/biogpt",            kind: bioGpt, family: null,         published: full(44.1,  0.7,  9.7, 17.1), biomedical: true, ceilings: true },
  { name: "GPT-2-XL",      parameters: "1.5B", huggingFace: "gpt2-xl",                     kind: gpt2,   family: null,         published: full(16.1,  0.0, 14.9, 24.3) },
  { name: "BioGPT-Large",  parameters: "1.5B", huggingFace: "microsoft/BioGPT-Large",      kind: bioGpt, family: null,         published: full(15.6,  1.2, 11.1, 21.4), biomedical: true, ceilings: true },
  { name: "GPT-Neo-2.7B",  parameters: "2.7B", huggingFace: "EleutherAI/gpt-neo-2.7B",     kind: gptNeo, family: null,         published: full(10.0,  1.5, 11.7, 24.0) },
  { name: "BioMedLM",      parameters: "2.7B", huggingFace: "stanford-crfm/BioMedLM",      kind: gpt2,   family: null,         published: full( 7.9, 11.9, 17.1, 19.1), biomedical: true, ceilings: true },
  { name: "BART-Base",     parameters: "110M", huggingFace: "facebook/bart-base",          kind: bart,   family: "bart-base",  published: all(17.6, 27.4, 36.1,  8.9, 30.6, 38.5, 11.3, 12.4), ceilings: true },
  { name: "BioBART-Base",  parameters: "110M", huggingFace: "GanjinZero/biobart-v2-base",  kind: bart,   family: "bart-base",  published: all(29.0, 33.1, 38.0,  8.9, 24.1, 41.8,  9.6,  9.5), biomedical: true },
  { name: "In-BoXBART",    parameters: "110M", huggingFace: "cogint/in-boxbart",           kind: bart,   family: "bart-base",  published: all(21.4, 28.9, 36.4, 10.4, 26.7, 45.1, 10.5, 13.4), instructions: "biomedical", leaks: ["cdr", "chemprot", "ddi"] },
  { name: "BART-Large",    parameters: "400M", huggingFace: "facebook/bart-large",         kind: bart,   family: "bart-large", published: all(26.4, 32.5, 40.1,  9.6, 30.4, 41.7, 15.7, 17.0) },
  { name: "BioBART-Large", parameters: "400M", huggingFace: "GanjinZero/biobart-v2-large", kind: bart,   family: "bart-large", published: all(30.7, 33.0, 40.1,  8.7, 29.2, 43.3, 13.2, 13.7), biomedical: true },
  { name: "T5-Small",      parameters: "60M",  huggingFace: "t5-small",                    kind: t5,     family: "t5-small",   published: all(18.3, 20.3, 29.4, 22.5, 18.5, 32.3,  0.3,  2.9), ceilings: true },
  { name: "Flan-T5-Small", parameters: "60M",  huggingFace: "google/flan-t5-small",        kind: t5,     family: "t5-small",   published: all(18.9, 22.2, 37.1, 10.7, 21.2, 33.6,  1.3,  2.9), instructions: "general" },
  { name: "T5-Base",       parameters: "220M", huggingFace: "t5-base",                     kind: t5,     family: "t5-base",    published: all(30.3, 29.8, 42.8, 30.0, 39.3, 50.3, 15.6, 15.4) },
  { name: "SciFive-Base",  parameters: "220M", huggingFace: "razent/SciFive-base-Pubmed",  kind: t5,     family: "t5-base",    published: all(28.8, 10.1, 41.5,  0.0, 21.6, 47.6, 12.4, 11.9), biomedical: true },
  { name: "Flan-T5-Base",  parameters: "220M", huggingFace: "google/flan-t5-base",         kind: t5,     family: "t5-base",    published: all(30.5, 33.1, 45.0, 30.0, 33.8, 44.1, 16.2, 15.2), instructions: "general" },
  { name: "T5-Large",      parameters: "770M", huggingFace: "t5-large",                    kind: t5,     family: "t5-large",   published: all(33.9, 37.7, 50.8, 25.7, 42.4, 47.6, 27.3, 27.5) },
  { name: "SciFive-Large", parameters: "770M", huggingFace: "razent/SciFive-large-Pubmed", kind: t5,     family: "t5-large",   published: all(22.7,  5.9, 46.3,  3.1,  3.7, 46.1, 22.3, 20.6), biomedical: true },
  { name: "Flan-T5-Large", parameters: "770M", huggingFace: "google/flan-t5-large",        kind: t5,     family: "t5-large",   published: all(35.9, 38.4, 50.4, 27.4, 45.1, 48.9, 26.9, 32.0), instructions: "general" },
]

/** A model of the list, by its name or its Hugging Face id, in any case. */
export const findModel = (name: string): Model | undefined => {
  const wanted = name.toLowerCase()
  return models.find((one) => one.name.toLowerCase() === wanted || one.huggingFace.toLowerCase() === wanted)
}

/** The F1 that the paper prints for a corpus and setting; null where it prints none. */
export const publishedF1 = ({ published = {} }: Model, corpus: string, setting: string): number | null => {
  const row: Readonly<Record<string, number>> = { ...published[corpus] }
  return row[setting] ?? null
}
