import { Option, Schema } from "effect"
import { absenceOrder, type AbsenceReason, type MissingSet, type Provenance } from "redag"

/** A run that is not in the table, and why. */
export interface AbsentRun {
  readonly model: string
  readonly corpus: string
  readonly setting: string
  readonly seed: number | null
  readonly reason: AbsenceReason
}

/** What stands beside a table that is older than what it depends on. */
export const olderNote = "These results are older than what they depend on: \"dag plan\" says what changed."

/** What a report knows of what is not in it, and whether it is older than what it depends on. */
export type WithAbsent = Pick<Provenance, "absent" | "upToDate"> & Partial<Pick<Provenance, "flags">>

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
export const absentRuns = ({ absent }: Pick<WithAbsent, "absent">): ReadonlyArray<AbsentRun> =>
  absent.flatMap(({ params, reason }) =>
    Option.match(isScore(params), { onNone: () => [], onSome: ({ cell }) => [{ ...cell, reason }] })
  )

/** The place of a reason among others: what goes on stands first. */
export const placeOfReason = ({ _tag }: AbsenceReason): number => absenceOrder.indexOf(_tag)

/** What stands in a cell instead of a number. */
export const reasonWords = {
  Running: "running",
  Queued: "queued",
  Failed: "failed",
  Stopped: "stopped",
  MissingFiles: "no files",
  Damaged: "damaged",
  Older: "older",
  NotAdded: "not added",
  NotRun: "not run",
} as const satisfies Readonly<Record<AbsenceReason["_tag"], string>>

/** The reason as the end of a sentence. */
export const whyOf = (reason: AbsenceReason): string => {
  switch (reason._tag) {
    case "MissingFiles":
      return missingWords(reason.sets)
    case "NotRun":
      return "not run"
    case "Older":
      return "older than what they depend on; dag plan says what changed"
    case "Damaged":
      return "damaged in the store; run dag repair, then run again"
    case "NotAdded":
      return "ran after this table was computed"
    case "Failed":
      return `${reason.node} failed: ${reason.message.split("\n", 1)[0]}`
    case "Running":
      return `${reason.node} is running${after(reason)}`
    case "Queued":
      return `${reason.node} waits in the queue of the cluster${after(reason)}`
    case "Stopped":
      return `${reason.node} was stopped${after(reason)}; run again to go on`
  }
}

/** Whether files are a model's, as opposed to a corpus's. */
export const isOfModel = ({ node }: MissingSet): boolean => node.startsWith("pretrained/")

/** "files missing: ChemProt test set; model files missing: BART-Base". */
const missingWords = (sets: ReadonlyArray<MissingSet>): string => {
  const [ofModels, others] = [sets.filter(isOfModel), sets.filter((set) => !isOfModel(set))]
  return [["files missing", others] as const, ["model files missing", ofModels] as const].flatMap(([words, own]) =>
    own.length === 0 ? [] : [`${words}: ${own.map(({ title }) => title).join(", ")}`]
  ).join("; ")
}

const after = (reason: Extract<AbsenceReason, { readonly _tag: "Running" | "Queued" | "Stopped" }>): string => {
  const advance = advanceOf(reason)
  return advance === undefined ? "" : `, ${advance}`
}

/** How far what runs or was stopped is: "120 of 480 steps". */
export const advanceOf = (reason: AbsenceReason): string | undefined =>
  (reason._tag === "Running" || reason._tag === "Queued" || reason._tag === "Stopped") && reason.at !== undefined
    ? `${reason.at.done} of ${reason.at.total} ${reason.at.unit}`
    : undefined
