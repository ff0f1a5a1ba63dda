import type { MissingSet } from "redag"
import { corpora, corpusTitle } from "../corpora.ts"
import { type AbsentRun, isOfModel, placeOfReason, whyOf } from "./absent.ts"
import { headingOf, mainRows, type Place } from "./layout.ts"
import type { ResultTables } from "./tables.ts"

/** Runs that are not in the table for one reason: which they are, and the reason, as sentences have them. */
export interface Absence {
  readonly where: string
  readonly why: string
  /** The files that are missing, where that is the reason. */
  readonly files: ReadonlyArray<MissingSet>
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
  const groups = [
    ...Map.groupBy(
      runs.filter(({ reason }) => reason._tag !== "MissingFiles"),
      ({ reason }) => JSON.stringify([placeOfReason(reason), whyOf(reason)]),
    ),
  ].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return [
    ...groups.flatMap(([, own]) =>
      own[0] === undefined ? [] : [{ where: whereOf(own, runs, rows), why: whyOf(own[0].reason), files: [] }]
    ),
    ...missingOf(runs, rows),
  ]
}

/** Runs that lack a set of files. */
interface Lacking {
  readonly set: MissingSet
  readonly own: ReadonlyArray<AbsentRun>
}

/** The files that are missing: a line for all corpora that lack some, one for all models, and one for each other set. */
const missingOf = (runs: ReadonlyArray<AbsentRun>, rows: ReadonlyArray<Place>): ReadonlyArray<Absence> => {
  const sets = new Map<string, { readonly set: MissingSet; readonly own: Array<AbsentRun> }>()
  for (const run of runs) {
    for (const set of run.reason._tag === "MissingFiles" ? run.reason.sets : []) {
      const known = sets.get(set.node) ?? { set, own: [] }
      known.own.push(run)
      sets.set(set.node, known)
    }
  }
  const lacking = [...sets.values()]
  return [
    ...linesOf("corpus", lacking.filter(({ set }) => !isOfModel(set)), runs, rows),
    ...linesOf("model", lacking.filter(({ set }) => isOfModel(set)), runs, rows),
  ]
}

const linesOf = (
  by: "corpus" | "model",
  sets: ReadonlyArray<Lacking>,
  runs: ReadonlyArray<AbsentRun>,
  rows: ReadonlyArray<Place>,
): ReadonlyArray<Absence> => {
  const [whole = [], parts = []] = [true, false].map((wanted) =>
    sets.filter(({ own }) => coversAll(by, own, runs, rows) === wanted)
  )
  const lineOf = (group: ReadonlyArray<Lacking>, where: string): Absence => {
    const files = group.map(({ set }) => set)
    // A model's files are called as the model, which is named anyway.
    const why = by === "model" ? "model files missing" : `files missing: ${files.map(({ title }) => title).join(", ")}`
    return { where, why, files }
  }
  return [
    ...(whole.length === 0 ? [] : [lineOf(whole, namesOf(by, whole.flatMap(({ own }) => own)))]),
    ...parts.map((part) => lineOf([part], whereOf(part.own, runs, rows))),
  ]
}

/** The corpora of runs, or their models. */
const namesOf = (by: "corpus" | "model", own: ReadonlyArray<AbsentRun>): string => {
  const distinct = [...new Set(own.map((run) => run[by]))]
  if (by === "model") return distinct.join(", ")
  const places = corpora.map(({ id }) => id)
  return distinct.toSorted((one, other) => places.indexOf(one) - places.indexOf(other)).map(corpusTitle).join(", ")
}

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
  const by = (["corpus", "model"] as const).find((each) => coversAll(each, own, runs, rows))
  if (by !== undefined) return namesOf(by, own)
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
