import { InputError } from "redag"

/**
 * Where the published code of the paper's authors does otherwise than the paper says. Each is a switch: a set of these
 * names is a protocol, the empty set what the paper says, all of them what its numbers were computed with.
 */

/** One way in which the code departs from the paper. */
export interface Departure {
  /** In a sentence, what the code does. */
  readonly does: string
  /** Every corpus, or those whose entry in `experiment/corpora.ts` names it. */
  readonly concerns: "every corpus" | "corpora that name it"
  /** Models of this kind only, where it is not all. */
  readonly models?: "without an encoder"
  /** Whether a generator that makes no mistake scores otherwise by it. */
  readonly movesCeilings: boolean
}

const some = { concerns: "corpora that name it", movesCeilings: true } as const
const every = { concerns: "every corpus", movesCeilings: true } as const

/** All of them, in the order in which a run meets them. */
export const departures = {
  "drugner-documents": {
    ...some,
    does: "tests on the 112 documents of the DrugNER test set too, which have no interactions",
    movesCeilings: false,
  },
  "authors-split": {
    ...some,
    does: "validates on a fifth of the training documents that was drawn without a seed",
    movesCeilings: false,
  },
  "greatest-mention": {
    ...some,
    does: "names a concept by its mention with the greatest code points, not by its longest",
  },
  "composite-names": { ...some, does: "takes the parts of composite mentions for names of their concepts too" },
  "file-order": { ...some, does: "writes the clauses of a target in the order of the corpus file" },
  "lower-cased-gold": { ...some, does: "puts the gold strings in lower case and the source not" },
  "no-sentence-filter": { ...some, does: "keeps relations whose arguments stand in different sentences" },
  "merged-classes": { ...some, does: "takes negative combinations for ones of unknown effect" },
  "ordered-duplicates": {
    ...some,
    does: "counts gold relations that read alike each, and minds the order of two arguments",
  },
  "repeated-clauses": { ...some, does: "writes a clause again for each gold relation that reads alike" },
  "shuffled-clauses": {
    ...some,
    does: "writes the clauses of a target in random order, and the names of a combination as a set",
  },
  "no-end-token": {
    ...every,
    does: "teaches decoder-only models no end-of-sequence token",
    models: "without an encoder",
  },
  "shared-length": {
    ...every,
    does: "lets prompt and output of a decoder-only model share 1,024 tokens, not 512 for each",
    models: "without an encoder",
  },
  "inherited-decoding": {
    ...every,
    does: "generates as the model's own configuration says, with BART's ban on repeated 3-grams",
  },
  "prompt-kept": {
    ...every,
    does: "reads relations out of a decoder-only model's prompt together with its output",
    models: "without an encoder",
  },
  "core-words": {
    ...every,
    does: "reads a clause wherever its words after the first one stand, and a combination wherever one word does",
  },
  "blanks-kept": {
    ...every,
    does: "keeps blanks around names and predicates, empty names, and a full stop that is not the very last character",
  },
  "variants-counted": { ...some, does: "counts each name of a gold relation that is predicted as one more right" },
  "unknown-ignored": { ...some, does: "does not count a prediction whose predicate is unknown" },
  "pooled-counters": {
    ...some,
    does: "adds the counts of all validations to those of the test set",
    movesCeilings: false,
  },
  "leakage-compared": {
    ...every,
    does: "compares In-BoXBART on corpora that its instructions were made from like any model",
    movesCeilings: false,
  },
} as const satisfies Readonly<Record<string, Departure>>

/** The name of a departure. */
export type DepartureName = keyof typeof departures

/** The names of all departures. */
export const departureNames = Object.keys(departures) as ReadonlyArray<DepartureName>

/** What is asked of a corpus here. */
interface Concerned {
  readonly departures: ReadonlyArray<DepartureName>
}

/** Whether a departure makes a difference on a corpus. */
export const concerns = (name: DepartureName, corpus: Concerned): boolean =>
  departures[name].concerns === "every corpus" || corpus.departures.includes(name)

/** Whether a departure can move the ceiling of a corpus for a model with or without an encoder. */
export const movesCeiling = (name: DepartureName, corpus: Concerned, encoder: boolean): boolean => {
  const { movesCeilings, models }: Departure = departures[name]
  return movesCeilings && !(encoder && models === "without an encoder") && concerns(name, corpus)
}

/** A set of departures. */
export type Departures = ReadonlySet<DepartureName>

/** No departure: what the paper says. */
export const paperProtocol: Departures = new Set()

/** All of them: what the paper's numbers were computed with. */
export const authorsProtocol: Departures = new Set(departureNames)

/** What rows of scores call a protocol: "paper", "authors" for all departures, "paper + prompt-kept" for some. */
export const protocolName = (departs: Departures): string =>
  departs.size === departureNames.length ? "authors" : ["paper", ...departs].join(" + ")

const refuse = (message: string, help: string): InputError => new InputError({ field: "DAG_DEPARTURES", message, help })

/** What the variable DAG_DEPARTURES says; undefined where it is not set. */
const variable = (): string | undefined => {
  const text = process.env["DAG_DEPARTURES"]
  return text === "" ? undefined : text
}

/** The departures that the variable DAG_DEPARTURES names, between commas; all of them where it is not set. */
export const askedDepartures = (): Departures => {
  const text = variable()
  if (text === undefined) return authorsProtocol
  const named = text.split(",").map((name) => name.trim()).filter((name) => name !== "")
  const known = new Set<string>(departureNames)
  const unknown = named.find((name) => !known.has(name))
  const help = `use some of: ${departureNames.join(", ")}`
  if (unknown !== undefined) throw refuse(`there is no departure "${unknown}"`, help)
  if (named.length === 0) throw refuse("names no departure", help)
  return new Set(departureNames.filter((name) => named.includes(name)))
}

/** No departure, for a profile that does as the paper says; a variable that asks for some is an error. */
export const noDepartures = (): Departures => {
  if (variable() === undefined) return paperProtocol
  throw refuse("is for the profiles of the authors' code", "use --profile authors or demo-authors, or unset it")
}
