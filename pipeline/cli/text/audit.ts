import { counted, duration, indent, number, some } from "../../base/text.ts"
import type { Cause } from "../../execute/causes.ts"
import type { ColumnDifference, OutputComparison } from "../../execute/compare.ts"
import { columns, paint } from "../../report/terminal.ts"
import type { Audited, Verdict } from "../../run/audit.ts"
import type { Finished, LeftOut } from "../../run/sample.ts"
import { failureText } from "./failure.ts"

/** What will be executed again, by stage, with the time that it took. */
export const sampleText = (sample: ReadonlyArray<Finished>): string =>
  columns(
    ["stage", ">actions", ">time"],
    [...Map.groupBy(sample, ({ record }) => record.preImage.stage)].map(([stage, own]) => [
      stage,
      number(own.length),
      `about ${duration(timeOf(own))}`,
    ]),
  )

/** The time that actions took when they were recorded, in milliseconds. */
export const timeOf = (actions: ReadonlyArray<Finished>): number =>
  actions.reduce((total, { record: { milliseconds } }) => total + milliseconds, 0)

/** Which nodes are left out of an audit, a line for each reason. */
export const leftOutLines = ({ damaged, notUpToDate }: LeftOut): ReadonlyArray<string> => [
  ...(damaged.length === 0
    ? []
    : [
      `${leftOut(damaged)}: ${
        damaged.length === 1 ? "its record or an object of it" : "their records or objects of them"
      }${damaged.length === 1 ? " is" : " are"} damaged or gone: dag repair, then dag run (${some(damaged)})`,
    ]),
  ...(notUpToDate.length === 0 ? [] : [`${leftOut(notUpToDate)}: not up to date (${some(notUpToDate)})`]),
]

const leftOut = ({ length }: ReadonlyArray<string>): string =>
  `${counted(length, "node")} ${length === 1 ? "is" : "are"} left out`

const heads: Readonly<Record<Verdict["_tag"], (text: string) => string>> = {
  Same: paint.green,
  Differs: paint.red,
  Damaged: paint.yellow,
  Released: paint.yellow,
  Failed: paint.yellow,
}

/** What each verdict is called, on the terminal and for machines. */
export const verdictWords: Readonly<Record<Verdict["_tag"], string>> = {
  Same: "same",
  Differs: "differs",
  Damaged: "damaged",
  Released: "released",
  Failed: "failed",
}

/** One action of an audit, with what was found. */
export const auditedText = ({ node, twins, milliseconds, verdict }: Audited): string =>
  [
    `${heads[verdict._tag](verdictWords[verdict._tag].padEnd(8))}  ${node}${
      twins.length === 0 ? "" : ` (the same work as ${some(twins)})`
    }  ${paint.dim(duration(milliseconds))}`,
    ...detailsOf(node, verdict).map((line) => indent(line, 2)),
  ].join("\n")

const detailsOf = (node: string, verdict: Verdict): ReadonlyArray<string> => {
  switch (verdict._tag) {
    case "Same":
      return verdict.bytes.map((output) => `${output}: the rows are the same, the bytes of the file are not`)
    case "Differs":
      return [
        ...[...verdict.outputs].flatMap(([output, compared]) => outputText(`${node}:${output}`, compared)),
        ...(verdict.causes.length === 0
          ? [
            `${
              verdict.isConflict ? "it is not reproducible, no known cause" : "no known cause"
            }: it takes something that its key does not hold, such as the time, chance or a file`,
          ]
          : verdict.causes.map((cause) => `may be explained by ${causeText(cause)}`)),
        ...(verdict.isConflict ? ["the store has a conflict: two records of this action with different outputs"] : []),
        verdict.downstream.length === 0
          ? "nothing was made from it"
          : `made from it: ${counted(verdict.downstream.length, "node")}, ${some(verdict.downstream)}`,
      ]
    case "Damaged":
      return [
        verdict.madeBy.includes(node)
          ? `it made object ${verdict.object}, which the store does not have whole`
          : `it needs object ${verdict.object}, which ${
            verdict.madeBy.length === 0 ? "no node of this profile made" : `${some(verdict.madeBy)} made`
          }`,
        failureText(verdict.why),
      ]
    case "Released":
      return [
        `it needs object ${verdict.object} of ${some(verdict.madeBy)}, which dag gc removed`,
        `${paint.cyan("help:")} make it again: dag run --force ${verdict.madeBy[0] ?? ""}`,
      ]
    case "Failed":
      return [failureText(verdict.why)]
  }
}

const outputText = (name: string, compared: OutputComparison): ReadonlyArray<string> => {
  if (compared._tag !== "Differs") return []
  const { recorded, again, columns: found } = compared
  return [
    ...(recorded === again ? [] : [`${name} had ${counted(recorded, "row")} and has ${number(again)} now`]),
    ...found.map((each) => columnText(name, each, Math.min(recorded, again))),
  ]
}

const columnText = (name: string, { column, rows, first, largest }: ColumnDifference, of: number): string =>
  `${name} column ${paint.bold(column)} differs in ${number(rows)} of ${counted(of, "row")}, first in row ${first.row}${
    first.path === column ? "" : ` at ${first.path}`
  }: ${valueText(first.recorded)} was recorded, ${valueText(first.again)} now${
    largest === undefined || rows === 1 ? "" : `; at most by ${largest}`
  }`

const valueText = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

const causeText = (cause: Cause): string => {
  switch (cause._tag) {
    case "Processor":
      return `another processor: ${cause.recorded}, now ${cause.again}`
    case "Platform":
      return `another platform: ${cause.recorded}, now ${cause.again}`
    case "Version":
      return `another version of ${cause.name}: ${cause.recorded}, now ${cause.again}`
    case "Threads":
      return `another number of threads: ${cause.recorded}, now ${cause.again}`
    case "Column":
      return `another ${cause.column}: ${cause.recorded}, now ${cause.again}`
  }
}
