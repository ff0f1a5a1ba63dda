import { columns, counted, paint } from "redag"
import type { Result } from "../../schemas/results.ts"
import { headingOf } from "./layout.ts"
import type { ResultTables } from "./tables.ts"
import { interval, one, signed } from "./words.ts"

/** A number of the results in two states of them; undefined in the one that does not have it. */
interface Change {
  /** In one of the states. */
  readonly cell: Result
  readonly before: Result | undefined
  readonly after: Result | undefined
}

/** Of more changes than this, the largest are shown, those of Table 1's cells first. */
const most = 40

/**
 * The scores that differ between two states of the results: those of Table 1's cells, then those by official measures,
 * and how many of single labels do.
 */
export const compareResults = (before: ResultTables, after: ResultTables): string | undefined => {
  const changes = changesOf(before.results, after.results)
  if (changes.length === 0) return undefined
  const strict = changes.filter(({ cell }) => cell.label === "micro" && cell.measure === "strict")
  const official = changes.filter(({ cell }) => cell.label === "micro" && cell.measure !== "strict")
  const scores = [...strict, ...official]
  const bySize = [strict, official].flatMap((group) => group.toSorted((a, b) => sizeOf(b) - sizeOf(a)))
  const shown = new Set(bySize.slice(0, most))
  const folded = scores.filter((change) => !shown.has(change))
  const rows = scores.filter((change) => shown.has(change)).map(({ cell, before, after }) => [
    cell.model,
    nameOf(cell),
    renderScore(before),
    renderScore(after),
    before === undefined || after === undefined ? "" : paint.bold(signed(after.f1 - before.f1)),
    before === undefined || after === undefined || before.protocol === after.protocol
      ? ""
      : `${before.protocol} → ${after.protocol}`,
  ])
  const others = changes.length - scores.length
  return [
    ...(rows.length === 0 ? [] : [
      columns(
        [
          "model",
          "cell",
          ">F1 before",
          ">F1 after",
          ">change",
          rows.some((row) => row[5] !== "") ? "protocol" : "",
        ],
        rows,
      ),
      paint.dim("F1 in percent with its 95% interval"),
    ]),
    ...(folded.length === 0 ? [] : [
      `… and ${counted(folded.length, "more score")}${
        folded.every(({ before, after }) => before !== undefined && after !== undefined)
          ? `, changed by ${one(Math.max(...folded.map(sizeOf)))} or less`
          : ""
      }`,
    ]),
    ...(others === 0 ? [] : [
      `${counted(others, "score")} of labels or macro averages ${others === 1 ? "differs" : "differ"}${
        rows.length === 0 ? "" : " too"
      }`,
    ]),
  ].join("\n")
}

/** How far F1 moved; a cell that only one state has comes before any other. */
const sizeOf = ({ before, after }: Change): number =>
  before === undefined || after === undefined ? Infinity : Math.abs(after.f1 - before.f1)

/** "CDR 16" for a column of the table, "CDR 32-shot" for what it does not have; "DDI, detection" by that measure. */
const nameOf = (result: Result): string =>
  result.measure === "strict" ? headingOf(result) : `${headingOf(result)}, ${result.measure}`

const renderScore = (result: Result | undefined): string => {
  if (result === undefined) return "–"
  const { f1, low, high } = result
  return low === null || high === null ? one(f1) : `${one(f1)} ${interval(low, high)}`
}

/** The protocol is not among what makes two rows the same cell: the paper's and its authors' are what one compares. */
const keyOf = ({ model, corpus, setting, measure, label }: Result): string =>
  JSON.stringify([model, corpus, setting, measure, label])

const changesOf = (before: ReadonlyArray<Result>, after: ReadonlyArray<Result>): ReadonlyArray<Change> => {
  const old = new Map(before.map((result) => [keyOf(result), result]))
  const later = new Set(after.map(keyOf))
  return [
    ...after.flatMap((result): ReadonlyArray<Change> => {
      const known = old.get(keyOf(result))
      return known !== undefined && same(known, result) ? [] : [{ cell: result, before: known, after: result }]
    }),
    ...before.flatMap((
      result,
    ) => (later.has(keyOf(result)) ? [] : [{ cell: result, before: result, after: undefined }])),
  ]
}

const same = (a: Result, b: Result): boolean =>
  (["f1", "precision", "recall", "low", "high", "deviation", "runs"] as const).every((name) => a[name] === b[name])
