import { bytes, counted, duration, indent, number, some } from "../../base/text.ts"
import type { Graph } from "../../graph/node.ts"
import { columns, paint } from "../../report/terminal.ts"
import type { Forecast, Time } from "../../status/forecast.ts"
import { filtersText } from "../filters.ts"
import { countsText, missingText } from "./node.ts"

/** What a run is about to do, with what it will take and what it lacks; `isLacking` where it cannot do without that. */
export const forecastText = ({ profile, filters }: Graph, forecast: Forecast, isLacking: boolean): string => {
  const { counts, unfinished, stages, missing, time, memory } = forecast
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const table = columns(
    ["stage", ">will run", ">may run", ">time"],
    stages.map(({ stage, willRun, mayRun, time }) => [
      stage,
      number(willRun),
      number(mayRun),
      time === undefined ? "not measured yet" : timeText(time),
    ]),
  )
  return [
    `Profile ${paint.bold(profile)}${filters === undefined ? "" : ` with ${filtersText(filters)}`}, ${
      counted(total, "node")
    }: ${countsText(counts)}`,
    ...(unfinished === 0
      ? []
      : [`  ${counted(unfinished, "node")} ${unfinished === 1 ? "goes" : "go"} on from an unfinished execution`]),
    ...(stages.length === 0 ? [] : [
      indent(table, 2),
      `  time: ${time === undefined ? "known once each of these stages has run here" : timeText(time)}; memory: up to ${
        bytes(memory * 2 ** 20)
      }`,
    ]),
    ...(forecast.unofficial.length > 0
      ? [`  ${paint.yellow("note:")} not the official files (other sha256): ${some(forecast.unofficial)}`]
      : []),
    ...(missing.length > 0
      ? [
        "",
        paint.yellow(`Missing (${missing.length}):`),
        ...missing.map((each) => indent(missingText(each), 2)),
        ...(isLacking ? [] : [paint.yellow("The run goes on without these files: results that need them stay empty.")]),
      ]
      : []),
    "",
  ].join("\n")
}

/** "about 2.0 s", or "0.5 s to 2.0 s" where it depends on what will turn out to run. */
const timeText = ({ least, most }: Time): string =>
  duration(least) === duration(most) ? `about ${duration(most)}` : `${duration(least)} to ${duration(most)}`
