import { Option, Schema } from "effect"
import type { AbsenceReason, Absent } from "redag"
import type { Result } from "../../schemas/results.ts"
import { corpora, corpusTitle } from "../corpora.ts"
import { settingTitle } from "../settings.ts"
import { mainRows, tableColumns } from "./layout.ts"

/** A run that is not in the table, and why. */
export interface AbsentRun {
  readonly model: string
  readonly corpus: string
  readonly setting: string
  readonly seed: number | null
  readonly reason: AbsenceReason
}

/** Params of the node that scores a run as the table shows it. */
const isScore = Schema.decodeUnknownOption(Schema.Struct({
  cell: Schema.Struct({
    model: Schema.String,
    corpus: Schema.String,
    setting: Schema.String,
    seed: Schema.NullOr(Schema.Natural),
  }),
  measure: Schema.Struct({ by: Schema.Literal("strict") }),
}))

/** The runs of Table 1 that there are no scores of. */
export const absentRuns = (absent: ReadonlyArray<Absent>): ReadonlyArray<AbsentRun> =>
  absent.flatMap(({ params, reason }) =>
    Option.match(isScore(params), { onNone: () => [], onSome: ({ cell }) => [{ ...cell, reason }] })
  )

/** Runs that are not in the table for one reason: which they are, and the reason, as sentences have them. */
export interface Absence {
  readonly where: string
  readonly why: string
}

/** Up to this many cells are named one by one. */
const most = 4

const order: ReadonlyArray<AbsenceReason["_tag"]> = ["Running", "Failed", "Stopped", "MissingFiles", "NotRun"]

/**
 * Why cells of the table are empty, or have fewer seeds than they should: a line for each reason. Where a reason holds for
 * all of a corpus or of a model, that is named instead of its cells.
 */
export const absencesOf = (results: ReadonlyArray<Result>, runs: ReadonlyArray<AbsentRun>): ReadonlyArray<Absence> => {
  const rows = mainRows(results)
  const groups = [...Map.groupBy(runs, ({ reason }) => JSON.stringify([order.indexOf(reason._tag), whyOf(reason)]))]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, own]) => own)
  // What holds for whole corpora is one line, whichever files are missing.
  const isWhole = (own: ReadonlyArray<AbsentRun>) =>
    own.every(({ reason }) => reason._tag === "MissingFiles") && coversAll("corpus", own, runs, rows)
  const whole = groups.filter(isWhole)
  const others = groups.filter((own) => !whole.includes(own))
  const missing = whole.flat()
  return [
    ...others.flatMap((own) =>
      own[0] === undefined ? [] : [{ where: whereOf(own, runs, rows), why: whyOf(own[0].reason) }]
    ),
    ...(missing.length === 0 ? [] : [{
      where: whereOf(missing, runs, rows),
      why: `files missing: ${[...new Set(missing.map(({ reason }) => titleOf(reason)))].join(", ")}`,
    }]),
  ]
}

const titleOf = (reason: AbsenceReason): string => (reason._tag === "MissingFiles" ? reason.title : "")

const whyOf = (reason: AbsenceReason): string => {
  switch (reason._tag) {
    case "MissingFiles":
      return `files missing: ${reason.title}`
    case "NotRun":
      return "not run"
    case "Failed":
      return `${reason.node} failed: ${reason.message.split("\n", 1)[0]}`
    case "Running":
      return `${reason.node} is running${placeOf(reason)}`
    case "Stopped":
      return `${reason.node} was stopped${placeOf(reason)}; run again to go on`
  }
}

const placeOf = ({ at }: Extract<AbsenceReason, { readonly _tag: "Running" | "Stopped" }>): string =>
  at === undefined ? "" : `, ${at.unit} ${at.done} of ${at.total}`

type Named = Pick<AbsentRun, "model" | "corpus" | "setting">

/** Whether runs are all that there should be of their corpora, or of their models. */
const coversAll = (
  by: "corpus" | "model",
  own: ReadonlyArray<AbsentRun>,
  runs: ReadonlyArray<AbsentRun>,
  rows: ReadonlyArray<Named>,
): boolean => {
  const names = new Set(own.map((run) => run[by]))
  return !rows.some((row) => names.has(row[by])) && runs.filter((run) => names.has(run[by])).length === own.length
}

const whereOf = (
  own: ReadonlyArray<AbsentRun>,
  runs: ReadonlyArray<AbsentRun>,
  rows: ReadonlyArray<Named>,
): string => {
  if (own.length === runs.length && rows.length === 0) return "all cells"
  const distinct = (by: "corpus" | "model") => [...new Set(own.map((run) => run[by]))]
  if (coversAll("corpus", own, runs, rows)) {
    const places = corpora.map(({ id }) => id)
    return distinct("corpus").toSorted((one, other) => places.indexOf(one) - places.indexOf(other)).map(corpusTitle)
      .join(", ")
  }
  if (coversAll("model", own, runs, rows)) return distinct("model").join(", ")
  const cells = [...Map.groupBy(own, ({ model, corpus, setting }) => [model, corpus, setting].join("\0")).values()]
  const named = cells.slice(0, cells.length > most ? most - 1 : most).flatMap(([run, ...more]) => {
    if (run === undefined) return []
    const seeds = [run, ...more].flatMap(({ seed }) => seed ?? [])
    const hasOthers = rows.some((row) => isOf(row, run))
    return [`${cellName(run)}${hasOthers ? `, ${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}` : ""}`]
  })
  const rest = cells.length - named.length
  return `${named.join("; ")}${rest > 0 ? ` and ${rest} more cells` : ""}`
}

const isOf = (one: Named, other: Named): boolean =>
  one.model === other.model && one.corpus === other.corpus && one.setting === other.setting

/** "T5-Base on CDR 16". */
const cellName = ({ model, corpus, setting }: Named): string => {
  const column = tableColumns.find((column) => column.corpus === corpus && column.setting === setting)
  return `${model} on ${column?.heading ?? `${corpusTitle(corpus)} ${settingTitle(setting)}`}`
}
