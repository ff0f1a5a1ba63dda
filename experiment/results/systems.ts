import { columnsWithin, counted, fitted, paint } from "redag"
import type { SystemComparison } from "../../schemas/systems.ts"
import { isShown, significance } from "../../stages/aggregate/significance.ts"
import { corpusTitle } from "../corpora.ts"
import { settingTitle } from "../settings.ts"
import { interval, one, probability, signed, untested } from "./words.ts"

/** How the rows beyond the grid stand to the cells that they are compared with: a line a row and corpus. */
export const renderSystems = (systems: ReadonlyArray<SystemComparison>, width: number | undefined): string => {
  const groups = Map.groupBy(systems, ({ system, corpus, setting }) => JSON.stringify([system, corpus, setting]))
  const lines = [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [`  ${standingOf([first, ...more])}`]
  )
  return [
    paint.bold("rows beyond the grid, compared with its cells"),
    ...lines.map((line) => fitted(line, width, 4)),
    paint.dim(fitted(`Strict F1; p < ${significance} after Holm's correction over ${testsOf(systems)}`, width)),
  ].join("\n")
}

/** "my-system on CDR, full: better than 3 of 8 cells, worse than 1, no difference shown to 4". */
export const standingOf = (own: ReadonlyArray<SystemComparison>): string => {
  const [first] = own
  if (first === undefined) return ""
  const shown = own.filter(isShown)
  const better = shown.filter(({ difference }) => difference > 0).length
  const worse = shown.length - better
  const left = own.filter(({ adjusted }) => adjusted === null).length
  const same = own.length - shown.length - left
  return [
    `${first.system} on ${corpusTitle(first.corpus)}, ${settingTitle(first.setting)}: better than ${better} of ${
      counted(own.length, "cell")
    }`,
    `worse than ${worse}`,
    `no difference shown to ${same}`,
    ...(left === 0 ? [] : [`not tested against ${left}`]),
  ].join(", ")
}

/** "12 tests". */
export const testsOf = (systems: ReadonlyArray<SystemComparison>): string =>
  counted(systems.filter(({ adjusted }) => adjusted !== null).length, "test")

/** Each comparison of some rows in a line. */
export const comparisonTable = (systems: ReadonlyArray<SystemComparison>, width: number | undefined): string =>
  columnsWithin(
    ["", "against", "learned from", ">F1", ">difference", ">95% interval", ">p", ">better", ">worse"],
    systems.map((row, index) => [
      systems[index - 1]?.system === row.system ? "" : row.system,
      row.model,
      row.modelSetting === "full" ? "everything" : `${row.modelSetting} examples`,
      one(row.modelF1),
      `${signed(row.difference)}${row.adjusted === null ? untested : isShown(row) ? "*" : " "}`,
      interval(row.low, row.high),
      row.adjusted === null ? "–" : probability(row.adjusted),
      String(row.better),
      String(row.worse),
    ]),
    width,
    3,
  )
