import { InputError } from "redag"
import type { CorpusName } from "./files.ts"

/**
 * Where the published code of the paper's authors does otherwise than the paper says. Each is a switch: a set of these
 * names is a protocol, the empty set what the paper says, all of them what its numbers were computed with.
 */

/** One way in which the code departs from the paper. */
export interface Departure {
  /** In a sentence, what the code does. */
  readonly does: string
  /** Where it makes a difference; all corpora where left out. */
  readonly corpora?: ReadonlyArray<CorpusName>
}

/** All of them, in the order in which a run meets them. */
export const departures = {
  "drugner-documents": {
    does: "tests on the 112 documents of the DrugNER test set too, which have no interactions",
    corpora: ["ddi"],
  },
  "authors-split": {
    does: "validates on a fifth of the training documents that was drawn without a seed",
    corpora: ["ddi", "dce"],
  },
  "greatest-mention": {
    does: "names a concept by its mention with the greatest code points, not by its longest",
    corpora: ["cdr"],
  },
  "lower-cased-gold": { does: "puts the gold strings in lower case and the source not", corpora: ["chemprot"] },
  "no-sentence-filter": { does: "keeps relations whose arguments stand in different sentences", corpora: ["chemprot"] },
  "merged-classes": { does: "takes negative combinations for ones of unknown effect", corpora: ["dce"] },
  "ordered-duplicates": {
    does: "counts gold relations that read alike each, and minds the order of arguments",
    corpora: ["ddi"],
  },
  "shuffled-clauses": {
    does: "writes the clauses of a target in random order",
    corpora: ["chemprot", "ddi", "dce"],
  },
  "no-end-token": { does: "teaches decoder-only models no end-of-sequence token" },
  "inherited-decoding": {
    does: "generates as the model's own configuration says, with BART's ban on repeated 3-grams",
  },
  "prompt-kept": { does: "reads relations out of a decoder-only model's prompt together with its output" },
  "variants-counted": {
    does: "counts each name of a gold relation that is predicted as one more right",
    corpora: ["cdr"],
  },
  "unknown-ignored": {
    does: "does not count a prediction whose predicate is unknown",
    corpora: ["chemprot", "ddi"],
  },
  "pooled-counters": {
    does: "adds the counts of all validations to those of the test set",
    corpora: ["chemprot", "ddi", "dce"],
  },
  "leakage-compared": { does: "compares In-BoXBART on corpora that its instructions were made from like any model" },
} as const satisfies Readonly<Record<string, Departure>>

/** The name of a departure. */
export type DepartureName = keyof typeof departures

/** The names of all departures. */
export const departureNames = Object.keys(departures) as ReadonlyArray<DepartureName>

/** Departures that a generator which makes no mistake does not notice. */
const beyondCeilings: ReadonlySet<DepartureName> = new Set([
  "drugner-documents",
  "authors-split",
  "pooled-counters",
  "leakage-compared",
])

/** Departures of models without an encoder. */
const ofDecodersOnly: ReadonlySet<DepartureName> = new Set(["no-end-token", "prompt-kept"])

/** Whether a departure makes a difference on a corpus. */
export const concerns = (name: DepartureName, corpus: CorpusName): boolean => {
  const { corpora }: Departure = departures[name]
  return corpora?.includes(corpus) ?? true
}

/** Whether a departure can move the ceiling of a corpus for a model with or without an encoder. */
export const movesCeiling = (name: DepartureName, corpus: CorpusName, encoder: boolean): boolean =>
  !beyondCeilings.has(name) && !(encoder && ofDecodersOnly.has(name)) && concerns(name, corpus)

/** What rows of scores call a protocol: "paper", "authors" for all departures, "paper + prompt-kept" for some. */
export const protocolName = (departs: ReadonlySet<DepartureName>): string =>
  departs.size === departureNames.length ? "authors" : ["paper", ...departs].join(" + ")

const refuse = (message: string, help: string): InputError => new InputError({ field: "DAG_DEPARTURES", message, help })

/** The departures that the variable DAG_DEPARTURES names, between commas; all of them where it is not set. */
export const departuresNamed = (text: string | undefined): ReadonlySet<DepartureName> => {
  if (text === undefined || text === "") return new Set(departureNames)
  const named = text.split(",").map((name) => name.trim()).filter((name) => name !== "")
  const known = new Set<string>(departureNames)
  const unknown = named.find((name) => !known.has(name))
  const help = `use some of: ${departureNames.join(", ")}`
  if (unknown !== undefined) throw refuse(`there is no departure "${unknown}"`, help)
  if (named.length === 0) throw refuse("names no departure", help)
  return new Set(departureNames.filter((name) => named.includes(name)))
}

/** No departure, for a profile that does as the paper says; a variable that asks for some is an error. */
export const noDepartures = (text: string | undefined): ReadonlySet<DepartureName> => {
  if (text === undefined || text === "") return new Set()
  throw refuse("is for the profiles of the authors' code", "use --profile authors or sample-authors, or unset it")
}
