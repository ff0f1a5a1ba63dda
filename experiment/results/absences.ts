import { corpora, corpusTitle } from "../corpora.ts"
import { type AbsentRun, placeOfReason, whyOf } from "./absent.ts"
import { headingOf, mainRows, type Place } from "./layout.ts"
import type { ResultTables } from "./tables.ts"

/** Runs that are not in the table for one reason: which they are, and the reason, as sentences have them. */
export interface Absence {
  readonly where: string
  readonly why: string
  /** The files that are missing, where that is the reason. */
  readonly files: ReadonlyArray<MissingFiles>
}

/** Files that a set of them lacks, in the folder or at the address where they are looked for. */
export interface MissingFiles {
  readonly title: string
  readonly base: string
  readonly names: ReadonlyArray<string>
}

/** Up to this many cells are named one by one. */
const most = 4

/**
 * Why cells of the table are empty, or have fewer seeds than they should: a line for each reason. Where a reason holds for
 * all of a corpus or of a model, that is named instead of its cells.
 */
export const absencesOf = (
  { results }: Pick<ResultTables, "results">,
  runs: ReadonlyArray<AbsentRun>,
): ReadonlyArray<Absence> => {
  const rows = mainRows(results)
  const groups = [...Map.groupBy(runs, ({ reason }) => JSON.stringify([placeOfReason(reason), whyOf(reason)]))]
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
      own[0] === undefined
        ? []
        : [{ where: whereOf(own, runs, rows), why: whyOf(own[0].reason), files: filesOf(own) }]
    ),
    ...(missing.length === 0 ? [] : [{
      where: whereOf(missing, runs, rows),
      why: `files missing: ${filesOf(missing).map(({ title }) => title).join(", ")}`,
      files: filesOf(missing),
    }]),
  ]
}

/** The sets of files that runs lack, each once. */
const filesOf = (runs: ReadonlyArray<AbsentRun>): ReadonlyArray<MissingFiles> => [
  ...new Map(runs.flatMap(({ reason }) =>
    reason._tag === "MissingFiles"
      ? [[reason.title, { title: reason.title, base: reason.base, names: reason.names }] as const]
      : []
  )).values(),
]

/** Whether runs are all that there should be of their corpora, or of their models. */
const coversAll = (
  by: "corpus" | "model",
  own: ReadonlyArray<AbsentRun>,
  runs: ReadonlyArray<AbsentRun>,
  rows: ReadonlyArray<Place>,
): boolean => {
  const names = new Set(own.map((run) => run[by]))
  return !rows.some((row) => names.has(row[by])) && runs.filter((run) => names.has(run[by])).length === own.length
}

const whereOf = (
  own: ReadonlyArray<AbsentRun>,
  runs: ReadonlyArray<AbsentRun>,
  rows: ReadonlyArray<Place>,
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
    const all = runs.filter((one) => isOf(one, run)).length
    const hasOthers = rows.some((row) => isOf(row, run)) || all > more.length + 1
    return [`${cellName(run)}${hasOthers ? `, ${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}` : ""}`]
  })
  const rest = cells.length - named.length
  return `${named.join("; ")}${rest > 0 ? ` and ${rest} more cells` : ""}`
}

const isOf = (one: Place, other: Place): boolean =>
  one.model === other.model && one.corpus === other.corpus && one.setting === other.setting

/** "T5-Base on CDR 16". */
const cellName = (place: Place): string => `${place.model} on ${headingOf(place)}`
