import { Schema } from "effect"
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { type Builder, InputError } from "redag"
import { ConstrainedFields, type ConstrainedRows } from "./constrained.ts"
import { missingColumn } from "./corpora.ts"
import { EndpointRow, type InContext, isEndpoint, ModelRow } from "./in-context.ts"
import { type AskedPredictions, columnIssue, isSame, PredictionsFields, type PredictionsRow } from "./predictions.ts"
import {
  lacksCorpus,
  lacksModel,
  matchesNothing,
  type Profiles,
  profilesOf,
  RowProfiles,
  type TableProfile,
} from "./row-profiles.ts"

export type { TableProfile } from "./row-profiles.ts"

/** The file that declares rows of the table beyond the grid of models; a project need not have it. */
const file = "experiment/rows.yaml"

const PredictionsEntry = Schema.Struct({
  ...PredictionsFields,
  profiles: RowProfiles,
  file: Schema.NonEmptyString,
}).check(Schema.makeFilter(columnIssue))

/** The authors' code reads more out of a text than what a template says, so that a constraint by it says nothing of theirs. */
const ConstrainedEntry = Schema.Struct({
  ...ConstrainedFields,
  profiles: Schema.NonEmptyArray(Schema.Literals(["paper", "more", "demo"])),
})

type Column = Pick<PredictionsRow, "name" | "corpus" | "setting">

/** Each cell of the table is declared once. */
const repeated = (entries: ReadonlyArray<Column>): Schema.FilterIssue | undefined => {
  const cellOf = ({ name, corpus, setting = "full" }: Column): string => `${name.toLowerCase()}/${corpus}/${setting}`
  const cells = entries.map(cellOf)
  const index = cells.findIndex((cell, place) => cells.indexOf(cell) < place)
  return index === -1 ? undefined : { path: [index, "name"], issue: `the cell ${cells[index]} is declared twice` }
}

/** What a row in context asks for that is nowhere: a column that a corpus lacks, or what a profile lacks. */
const nowhere = (
  has: Profiles,
  row: InContext & { readonly profiles: ReadonlyArray<TableProfile> },
): Schema.FilterIssue | undefined => {
  const { corpora = [], setting, seeds, profiles } = row
  for (const [index, corpus] of corpora.entries()) {
    const issue = missingColumn(corpus, setting)
    if (issue !== undefined) return { path: ["corpora", index], issue }
    const missing = lacksCorpus(has, profiles, corpus, ["corpora", index])
    if (missing !== undefined) return missing
  }
  const missing = isEndpoint(row) ? undefined : lacksModel(has, profiles, row.model, ["model"])
  if (missing !== undefined) return missing
  const profile = profiles.find((each) => seeds > has[each].seeds)
  return profile === undefined ? undefined : {
    path: ["seeds"],
    issue: `expected at most ${has[profile].seeds}, the seeds of the profile ${profile}`,
  }
}

/** A model that is prompted: behind an endpoint, or one of the grid. */
const InContextEntry = Schema.Union([
  Schema.Struct({ ...EndpointRow.fields, profiles: RowProfiles }),
  Schema.Struct({ ...ModelRow.fields, profiles: RowProfiles }),
])
const decodeInContext = Schema.decodeSync(InContextEntry)

/** Each row in context has a name of its own in a setting. */
const repeatedRow = (
  entries: ReadonlyArray<{ readonly name: string; readonly setting: string }>,
): Schema.FilterIssue | undefined => {
  const names = entries.map(({ name, setting }) => `${name.toLowerCase()}/${setting}`)
  const index = names.findIndex((name, place) => names.indexOf(name) < place)
  return index === -1 ? undefined : { path: [index, "name"], issue: `the row ${names[index]} is declared twice` }
}

/** The rows by their kinds, each for profiles that have what it asks for. */
const rowsFileFor = (has: Profiles) =>
  Schema.Struct({
    /** Predictions that somebody made, in a file. */
    predictions: Schema.optionalKey(
      Schema.Array(PredictionsEntry.check(
        Schema.makeFilter(({ profiles, corpus }) => lacksCorpus(has, profiles, corpus, ["corpus"])),
      )).check(Schema.makeFilter(repeated)),
    ),
    /** Models that are prompted with examples, and not finetuned. */
    inContext: Schema.optionalKey(
      Schema.Array(InContextEntry.check(Schema.makeFilter((row) => nowhere(has, row))))
        .check(Schema.makeFilter(repeatedRow)),
    ),
    /** Models of the grid that can only write what the template says of names of the document. */
    constrained: Schema.optionalKey(
      Schema.Array(ConstrainedEntry.check(Schema.makeFilter((entry) => matchesNothing(has, entry)))),
    ),
  }).check(Schema.makeFilter(({ predictions = [], inContext = [] }) => {
    const taken = new Set(predictions.map(({ name }) => name.toLowerCase()))
    const index = inContext.findIndex(({ name }) => taken.has(name.toLowerCase()))
    return index === -1
      ? undefined
      : { path: ["inContext", index, "name"], issue: "is the name of a row of predictions; give this row another" }
  }))

/** The rows of a profile's table beyond the grid of models. */
export interface Rows {
  readonly predictions: ReadonlyArray<PredictionsRow>
  readonly inContext: ReadonlyArray<InContext>
  readonly constrained: ReadonlyArray<ConstrainedRows>
  /** What `dag score` names, which is scored and is no row of the table. */
  readonly asked: AskedPredictions | undefined
}

/** The rows that the project declares for a profile; none where it has no file of them. */
export const rowsOf = (
  dag: Pick<Builder, "root" | "yaml">,
  profile: TableProfile,
  asked?: AskedPredictions,
): Rows => {
  const { predictions = [], inContext = [], constrained = [] } = existsSync(join(dag.root, file))
    ? dag.yaml(file, rowsFileFor(profilesOf(dag)))
    : {}
  const taken = (asked?.rows ?? []).find((row) =>
    inContext.some(({ name }) => isSame(name, row.name))
    || predictions.some((own) => isSame(own.name, row.name) && resolve(dag.root, own.file) !== row.file)
  )
  if (taken !== undefined) {
    throw new InputError({
      field: "--name",
      message: `"${taken.name}" is another row, in ${file}`,
      help: "give another name; without one, a file is called as it is",
    })
  }
  return {
    predictions: predictions.filter(({ profiles }) => profiles.includes(profile)),
    inContext: inContext.filter(({ profiles }) => profiles.includes(profile)).map((row) => decodeInContext(row)),
    constrained: constrained.filter(({ profiles }) => profiles.some((each) => each === profile)),
    asked,
  }
}
