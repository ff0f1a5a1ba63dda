import type { Flag, Result, Source } from "../../schemas/results.ts"
import { findModel, type Model } from "../models.ts"

/** What stands beside a number that has a flag, in the order of legends. */
export const flags: ReadonlyArray<{ readonly flag: Flag; readonly mark: string; readonly meaning: string }> = [
  {
    flag: "leakage",
    mark: "l",
    meaning: "leakage: the model was finetuned on data made from this corpus before the experiment",
  },
  { flag: "few seeds", mark: "s", meaning: "few seeds: fewer seeds than the paper's five" },
  { flag: "truncated sources", mark: "t", meaning: "truncated sources: some were longer than the model's input" },
  {
    flag: "pooled counts",
    mark: "p",
    meaning: "pooled counts: those of all validations are in the number, so it has no interval",
  },
  { flag: "cut outputs", mark: "c", meaning: "cut outputs: some reached the limit before the model ended them" },
  {
    flag: "missing documents",
    mark: "n",
    meaning: "missing documents: some have no prediction, and count as documents without a relation",
  },
  {
    flag: "left out",
    mark: "o",
    meaning: "left out: the corpus is read without documents in which something is wrong",
  },
  {
    flag: "fewer documents",
    mark: "f",
    meaning: "fewer documents: a portion of the corpus holds fewer than its publishers say",
  },
  {
    flag: "more documents",
    mark: "m",
    meaning: "more documents: a portion of the corpus holds more than its publishers say",
  },
  { flag: "other file", mark: "x", meaning: "other file: a file of the corpus is not the published one" },
  {
    flag: "test text in training",
    mark: "d",
    meaning: "test text in training: some test documents have the text of one that is learned from",
  },
  {
    flag: "development set",
    mark: "v",
    meaning: "development set: tested on the publishers' development set, as their test set has no labels",
  },
]

/** The marks of a number's flags, "lt" for two. */
export const marksOf = ({ flags: own }: Pick<Result, "flags">): string =>
  flags.filter(({ flag }) => own.includes(flag)).map(({ mark }) => mark).join("")

const superscripts: Readonly<Record<string, string>> = {
  b: "ᵇ",
  l: "ˡ",
  s: "ˢ",
  t: "ᵗ",
  c: "ᶜ",
  p: "ᵖ",
  o: "ᵒ",
  f: "ᶠ",
  m: "ᵐ",
  x: "ˣ",
  d: "ᵈ",
  v: "ᵛ",
  n: "ⁿ",
  e: "ᵉ",
  i: "ⁱ",
  g: "ᵍ",
}

/** Marks as raised letters; "*" and "†" are raised as they are. */
export const superscript = (marks: string): string => Array.from(marks, (mark) => superscripts[mark] ?? mark).join("")

/** What stands beside the name of a row beyond the grid. */
export const sourceMarks: Readonly<Record<Source, readonly [mark: string, meaning: string]>> = {
  "grid": ["", ""],
  "predictions": ["e", "predictions from a file: not trained here"],
  "in-context": ["i", "in context: prompted with examples, not finetuned"],
  "constrained": ["g", "generation constrained to what the template can say"],
}

/**
 * The mark of a row: the paper's of a model ("b" biomedical pretraining, "*" general and "†" biomedical instructions), or
 * where a row beyond the grid comes from; or nothing.
 */
export const modelMark = (name: string, source: Source): string => {
  if (source !== "grid") return sourceMarks[source][0]
  const { biomedical, instructions }: Pick<Model, "biomedical" | "instructions"> = findModel(name) ?? {}
  const marks = { general: "*", biomedical: "†" }
  return `${biomedical === true ? "b" : ""}${instructions === undefined ? "" : marks[instructions]}`
}

/** A number with one digit. */
export const one = (value: number): string => {
  const text = value.toFixed(1)
  return text === "-0.0" ? "0.0" : text.replace("-", "−")
}

/** A mean count: whole where it is. */
export const count = (value: number): string => (Number.isInteger(value) ? value.toLocaleString("en") : one(value))

/** A difference, its sign always there: "+1.2", "−0.3", "0.0". */
export const signed = (value: number): string => {
  const text = one(value)
  return text === "0.0" || text.startsWith("−") ? text : `+${text}`
}

/** An interval: "[15.2, 19.8]". */
export const interval = (low: number, high: number): string => `[${one(low)}, ${one(high)}]`

/** A p-value: three digits, and what is smaller as such. */
export const probability = (p: number): string => (p < 0.001 ? "< 0.001" : p.toFixed(3))

/** What stands behind a difference that is not tested. */
export const untested = "°"

/** What that means. */
export const untestedMeaning =
  "not tested: a model knew the corpus before, the two have no seed in common, or counts are pooled"

/** `dag results` of the same profile and filters, with more flags. */
export const commandOf = (view: string, more: string): string =>
  ["dag results", view, more].filter((part) => part !== "").join(" ")
