import { Schema } from "effect"
import type { Builder } from "redag"
import { type ConstrainedRows, hasConstrained } from "./constrained.ts"
import { corpora, type Corpus, corpusTitle, paperCorpora, settingsOf } from "./corpora.ts"
import { demoModels, demoOptions } from "./demo.ts"
import { isBundled } from "./files.ts"
import { models } from "./models.ts"
import { paperOptions } from "./paper.ts"

/** The profiles that end in a table. */
const tableProfiles = ["paper", "authors", "more", "demo", "demo-authors"] as const
export type TableProfile = (typeof tableProfiles)[number]

/** The profiles whose table has a row. */
export const RowProfiles = Schema.Array(Schema.Literals(tableProfiles)).check(Schema.isMinLength(1))

/** A cell of the grid. */
interface GridCell {
  readonly model: string
  readonly corpus: string
  readonly setting: string
}

/** What a profile has, whatever `--models` and `--corpora` keep of it. */
interface Contents {
  readonly models: ReadonlyArray<string>
  readonly corpora: ReadonlyArray<string>
  /** How many seeds choose examples. */
  readonly seeds: number
  readonly cells: ReadonlyArray<GridCell>
}

/** What each profile has. */
export type Profiles = Readonly<Record<TableProfile, Contents>>

/** What is wrong with an entry, and in which of its fields. */
interface Issue {
  readonly path: ReadonlyArray<string | number>
  readonly issue: string
}

const paperModels = models.map(({ name, family }) => ({ name, encoder: family !== null }))

const contentsOf = (
  all: ReadonlyArray<{ readonly name: string; readonly encoder: boolean }>,
  own: ReadonlyArray<Corpus>,
  seeds: number,
): Contents => ({
  models: all.map(({ name }) => name),
  corpora: own.map(({ id }) => id),
  seeds,
  cells: all.flatMap(({ name, encoder }) =>
    own.flatMap((corpus) =>
      settingsOf(corpus).filter(({ shots }) => encoder || shots === "full").map(({ id }) => ({
        model: name,
        corpus: corpus.id,
        setting: id,
      }))
    )
  ),
})

/** What each profile has; the demo's corpora are those that travel with the package. */
export const profilesOf = (dag: Pick<Builder, "yaml">): Profiles => {
  const isOfDemo = (corpus: Corpus): boolean => isBundled(dag, corpus)
  const [papers, demos] = [paperOptions.seeds.length, demoOptions.seeds.length]
  const paper = contentsOf(paperModels, paperCorpora, papers)
  return {
    "paper": paper,
    "authors": paper,
    "more": contentsOf(paperModels, corpora, papers),
    "demo": contentsOf(demoModels, corpora.filter(isOfDemo), demos),
    "demo-authors": contentsOf(demoModels, paperCorpora.filter(isOfDemo), demos),
  }
}

/** Says that one of an entry's profiles lacks a corpus; undefined where each has it. */
export const lacksCorpus = (
  has: Profiles,
  profiles: ReadonlyArray<TableProfile>,
  corpus: string,
  path: Issue["path"],
): Issue | undefined => lacks(has, profiles, "corpora", corpus, path)

/** Says that one of an entry's profiles lacks a model; undefined where each has it. */
export const lacksModel = (
  has: Profiles,
  profiles: ReadonlyArray<TableProfile>,
  model: string,
  path: Issue["path"],
): Issue | undefined => lacks(has, profiles, "models", model, path)

const lacks = (
  has: Profiles,
  profiles: ReadonlyArray<TableProfile>,
  of: "models" | "corpora",
  name: string,
  path: Issue["path"],
): Issue | undefined => {
  const without = profiles.find((profile) => !has[profile][of].includes(name))
  if (without === undefined) return undefined
  const what = of === "models" ? `model ${name}` : `corpus ${corpusTitle(name)}`
  return { path, issue: `the profile ${without} has no ${what}; it has ${has[without][of].join(", ")}` }
}

/** Says that a constrained entry names what no cell of one of its profiles has together with the rest of the entry. */
export const matchesNothing = (
  has: Profiles,
  { profiles, ...entry }: ConstrainedRows & { readonly profiles: ReadonlyArray<TableProfile> },
): Issue | undefined => {
  for (const field of ["models", "corpora", "settings"] as const) {
    for (const [index, name] of (entry[field] ?? []).entries()) {
      const missing = field === "settings" ? undefined : lacks(has, profiles, field, name, [field, index])
      if (missing !== undefined) return missing
    }
  }
  const valueOf = { models: "model", corpora: "corpus", settings: "setting" } as const
  for (const profile of profiles) {
    const cells = has[profile].cells.filter((cell) => hasConstrained(entry, cell))
    for (const field of ["settings", "models", "corpora"] as const) {
      const index = (entry[field] ?? []).findIndex((name) => !cells.some((cell) => cell[valueOf[field]] === name))
      if (index === -1) continue
      return {
        path: [field, index],
        issue: `the profile ${profile} has no cell of this ${valueOf[field]} among those that the entry asks for: `
          + "models without an encoder learn in the setting full alone, as all do of a corpus without few-shot settings",
      }
    }
  }
  return undefined
}
