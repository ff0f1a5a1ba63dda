/**
 * Table 1 of Brokman and Kavuluru, "How Important is Domain Specificity in Language Models and Instruction Finetuning
 * for Biomedical Relation Extraction?" (arXiv 2402.13470), and the few-shot epochs that its authors used.
 */

/** Encoder-decoder models that are trained for the same number of epochs. */
export type Family = "t5-small" | "t5-base" | "t5-large" | "bart-base" | "bart-large"

/** F1 in the columns of the table; null where the table has no number. */
export interface PublishedScores {
  readonly cdr: { readonly "16": number | null; readonly "64": number | null; readonly full: number }
  readonly dce: { readonly "16": number | null; readonly "64": number | null; readonly full: number }
  readonly chemprot: { readonly full: number }
  readonly ddi: { readonly full: number }
}

/** One line of the table. */
export interface PublishedModel {
  readonly name: string
  readonly parameters: string
  readonly huggingFace: string
  /** Null for decoder-only models, which the paper does not train on few examples. */
  readonly family: Family | null
  /** Pretrained on biomedical text ("b" in the table). */
  readonly biomedical: boolean
  /** Finetuned on instructions: general ones ("*") or biomedical ones ("†"). */
  readonly instructions: "general" | "biomedical" | null
  readonly f1: PublishedScores
}

/** Epochs of few-shot finetuning, by family and number of examples. */
export const fewShotEpochs: Readonly<Record<Family, { readonly "16": number; readonly "64": number }>> = {
  "t5-small": { "16": 160, "64": 60 },
  "t5-base": { "16": 100, "64": 40 },
  "t5-large": { "16": 50, "64": 30 },
  "bart-base": { "16": 130, "64": 50 },
  "bart-large": { "16": 75, "64": 35 },
}

/** CDR 16, 64, full; DCE 16, 64, full; ChemProt full; DDI full. */
type Columns = readonly [
  number | null,
  number | null,
  number,
  number | null,
  number | null,
  number,
  number,
  number,
]

const model = (
  name: string,
  parameters: string,
  huggingFace: string,
  family: Family | null,
  biomedical: boolean,
  instructions: PublishedModel["instructions"],
  [cdr16, cdr64, cdr, dce16, dce64, dce, chemprot, ddi]: Columns,
): PublishedModel => ({
  name,
  parameters,
  huggingFace,
  family,
  biomedical,
  instructions,
  f1: {
    cdr: { "16": cdr16, "64": cdr64, full: cdr },
    dce: { "16": dce16, "64": dce64, full: dce },
    chemprot: { full: chemprot },
    ddi: { full: ddi },
  },
})

/** The 19 models of the table, in its order. */
// dprint-ignore
export const published: ReadonlyArray<PublishedModel> = [
  model("GPT-2-Medium",  "350M", "gpt2-medium",                 null,         false, null,         [null, null, 16.3, null, null,  0.2, 14.7, 14.2]),
  model("BioGPT",        "350M", "microsoft/biogpt",            null,         true,  null,         [null, null, 44.1, null, null,  0.7,  9.7, 17.1]),
  model("GPT-2-XL",      "1.5B", "gpt2-xl",                     null,         false, null,         [null, null, 16.1, null, null,  0.0, 14.9, 24.3]),
  model("BioGPT-Large",  "1.5B", "microsoft/BioGPT-Large",      null,         true,  null,         [null, null, 15.6, null, null,  1.2, 11.1, 21.4]),
  model("GPT-Neo-2.7B",  "2.7B", "EleutherAI/gpt-neo-2.7B",     null,         false, null,         [null, null, 10.0, null, null,  1.5, 11.7, 24.0]),
  model("BioMedLM",      "2.7B", "stanford-crfm/BioMedLM",      null,         true,  null,         [null, null,  7.9, null, null, 11.9, 17.1, 19.1]),
  model("BART-Base",     "110M", "facebook/bart-base",          "bart-base",  false, null,         [17.6, 27.4, 36.1,  8.9, 30.6, 38.5, 11.3, 12.4]),
  model("BioBART-Base",  "110M", "GanjinZero/biobart-v2-base",  "bart-base",  true,  null,         [29.0, 33.1, 38.0,  8.9, 24.1, 41.8,  9.6,  9.5]),
  model("In-BoXBART",    "110M", "cogint/in-boxbart",           "bart-base",  false, "biomedical", [21.4, 28.9, 36.4, 10.4, 26.7, 45.1, 10.5, 13.4]),
  model("BART-Large",    "400M", "facebook/bart-large",         "bart-large", false, null,         [26.4, 32.5, 40.1,  9.6, 30.4, 41.7, 15.7, 17.0]),
  model("BioBART-Large", "400M", "GanjinZero/biobart-v2-large", "bart-large", true,  null,         [30.7, 33.0, 40.1,  8.7, 29.2, 43.3, 13.2, 13.7]),
  model("T5-Small",      "60M",  "t5-small",                    "t5-small",   false, null,         [18.3, 20.3, 29.4, 22.5, 18.5, 32.3,  0.3,  2.9]),
  model("Flan-T5-Small", "60M",  "google/flan-t5-small",        "t5-small",   false, "general",    [18.9, 22.2, 37.1, 10.7, 21.2, 33.6,  1.3,  2.9]),
  model("T5-Base",       "220M", "t5-base",                     "t5-base",    false, null,         [30.3, 29.8, 42.8, 30.0, 39.3, 50.3, 15.6, 15.4]),
  model("SciFive-Base",  "220M", "razent/SciFive-base-Pubmed",  "t5-base",    true,  null,         [28.8, 10.1, 41.5,  0.0, 21.6, 47.6, 12.4, 11.9]),
  model("Flan-T5-Base",  "220M", "google/flan-t5-base",         "t5-base",    false, "general",    [30.5, 33.1, 45.0, 30.0, 33.8, 44.1, 16.2, 15.2]),
  model("T5-Large",      "770M", "t5-large",                    "t5-large",   false, null,         [33.9, 37.7, 50.8, 25.7, 42.4, 47.6, 27.3, 27.5]),
  model("SciFive-Large", "770M", "razent/SciFive-large-Pubmed", "t5-large",   true,  null,         [22.7,  5.9, 46.3,  3.1,  3.7, 46.1, 22.3, 20.6]),
  model("Flan-T5-Large", "770M", "google/flan-t5-large",        "t5-large",   false, "general",    [35.9, 38.4, 50.4, 27.4, 45.1, 48.9, 26.9, 32.0]),
]

/** The table's line of a model, by its name there or its Hugging Face id, in any case. */
export const findPublished = (name: string): PublishedModel | undefined => {
  const wanted = name.toLowerCase()
  return published.find((one) => one.name.toLowerCase() === wanted || one.huggingFace.toLowerCase() === wanted)
}

/** The table's F1 for a corpus and setting, null where it has none. */
export const publishedF1 = ({ f1 }: PublishedModel, corpus: string, setting: string): number | null => {
  const columns: Readonly<Record<string, Readonly<Record<string, number | null>>>> = { ...f1 }
  return columns[corpus]?.[setting] ?? null
}
