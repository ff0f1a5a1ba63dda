import type { Pair } from "../stages/aggregate/comparisons.ts"

export type { Pair }

/** The pairs of the paper's figures: 2 and 3 ask of biomedical pretraining, 4 and 5 of instruction finetuning. */
export const paperPairs: ReadonlyArray<Pair> = [
  { question: "domain", base: "GPT-2-Medium", other: "BioGPT" },
  { question: "domain", base: "GPT-2-XL", other: "BioGPT-Large" },
  { question: "domain", base: "GPT-Neo-2.7B", other: "BioMedLM" },
  { question: "domain", base: "T5-Base", other: "SciFive-Base" },
  { question: "domain", base: "T5-Large", other: "SciFive-Large" },
  { question: "domain", base: "BART-Base", other: "BioBART-Base" },
  { question: "domain", base: "BART-Large", other: "BioBART-Large" },
  { question: "instructions", base: "T5-Small", other: "Flan-T5-Small" },
  { question: "instructions", base: "T5-Base", other: "Flan-T5-Base" },
  { question: "instructions", base: "T5-Large", other: "Flan-T5-Large" },
  { question: "instructions", base: "BART-Base", other: "In-BoXBART" },
]

/** None of the bundled models is biomedical or knows instructions: these pairs only show what pairs look like. */
export const demoPairs: ReadonlyArray<Pair> = [
  { question: "domain", base: "gpt2-mini", other: "biogpt-mini" },
  { question: "domain", base: "t5-mini", other: "bart-mini" },
  { question: "instructions", base: "bart-mini", other: "t5-mini" },
]
