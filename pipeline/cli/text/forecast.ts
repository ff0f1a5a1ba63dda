import { stripVTControlCharacters } from "node:util"
import { bytes, counted, duration, fitted, indent, number, some } from "../../base/text.ts"
import type { Graph } from "../../graph/node.ts"
import { columns, paint } from "../../report/terminal.ts"
import type { Forecast, Shortage, Time } from "../../status/forecast.ts"
import type { Room } from "../../status/room.ts"
import { filtersText } from "../view-text.ts"
import { firstOf } from "./board.ts"
import { basisText, countsText, missingText } from "./node.ts"

/**
 * What a run is about to do, with what it will take and what it lacks; `isLacking` where it cannot do without that, `free`
 * bytes being left on the disk of the store.
 */
export const forecastText = (
  { profile, filters }: Graph,
  forecast: Forecast,
  isLacking: boolean,
  free?: number,
): string => {
  const { counts, unfinished, stages, missing, memory } = forecast
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const table = columns(
    ["stage", ">will run", ">may run", ">work", stages.some(({ bases }) => bases.length > 0) ? "known from" : ""],
    stages.map(({ stage, willRun, mayRun, time, bases }) => [
      stage,
      number(willRun),
      number(mayRun),
      time === undefined ? "not measured yet" : timeText(time),
      bases.toSorted((one, other) => other.nodes - one.nodes).slice(0, 1).map(basisText).join(""),
    ]),
  )
  return [
    ...heading(
      `Profile ${paint.bold(profile)}${filters === undefined ? "" : ` with ${filtersText(filters)}`}, ${
        counted(total, "node")
      }:`,
      countsText(counts),
      process.stdout.columns,
    ),
    ...(unfinished === 0
      ? []
      : [`  ${counted(unfinished, "node")} ${unfinished === 1 ? "goes" : "go"} on from an unfinished execution`]),
    ...(stages.length === 0 ? [] : [
      indent(table, 2),
      `  time: ${wholeTimeText(forecast)}; memory: up to ${bytes(memory * 2 ** 20)}`,
      ...roomLines(forecast.room, free).map((line) => indent(line, 2)),
      ...forecast.shortages.map((each) => indent(shortageText(each), 2)),
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

/** The counts have a line of their own where a terminal has no room for them behind what they are of. */
const heading = (of: string, counts: string, width = Infinity): ReadonlyArray<string> =>
  stripVTControlCharacters(`${of} ${counts}`).length <= width ? [`${of} ${counts}`] : [of, `  ${counts}`]

/** "about 2.0 s", or "0.5 s to 2.0 s" where it depends on what will turn out to run. */
const timeText = ({ least, most }: Time): string =>
  duration(least) === duration(most) ? `about ${duration(most)}` : `${duration(least)} to ${duration(most)}`

/** The time of the whole run, of which stages that have not run yet may be the larger part. */
export const wholeTimeText = ({ time, unmeasured }: Pick<Forecast, "time" | "unmeasured">): string => {
  if (unmeasured.length === 0) return time === undefined ? "none" : timeText(time)
  return time === undefined
    ? `unknown until ${firstOf(unmeasured)} run here`
    : `${timeText(time)}, and that of ${some(unmeasured)}, which ${
      unmeasured.length === 1 ? "has" : "have"
    } not run here yet`
}

/** What nodes ask for that is not there, and what becomes of them. */
export const shortageText = ({ of, nodes, wanted, there }: Shortage): string => {
  const [asked, given] = of === "memory"
    ? [
      `up to ${bytes(wanted * 2 ** 20)} of memory`,
      `the run has ${bytes(there * 2 ** 20)}: ${
        nodes.length === 1 ? "it runs alone" : "they run one at a time"
      } with that, and may run out of it`,
    ]
    : [`${wanted} GPUs`, `the run has ${there}: ${nodes.length === 1 ? "it gets" : "they get"} that many`]
  const text = `${paint.yellow("note:")} ${some(nodes, 2)} ${
    nodes.length === 1 ? "asks" : "ask"
  } for ${asked}, and ${given}`
  const { columns: width } = process.stdout
  return fitted(text, width === undefined ? undefined : width - 2, 2)
}

/** Less than that is not worth a line. */
const notable = 1e8

const roomLines = ({ download, fetching, disk, unknown }: Room, free: number | undefined): ReadonlyArray<string> => {
  const isShort = free !== undefined && disk > free
  const besides = unknown.length === 0 ? "" : ` and what ${some(unknown)} ${unknown.length === 1 ? "makes" : "make"}`
  const left = free === undefined ? "" : ` of ${bytes(free)} that are free`
  return [
    ...(fetching === 0 ? [] : [`download: about ${bytes(download)}, for ${counted(fetching, "node")}`]),
    ...(disk < notable && !isShort ? [] : [`disk: up to ${bytes(disk)}${besides}${left}`]),
    ...(isShort
      ? [
        paint.yellow(
          "The disk may become full: make room, or run fewer nodes at a time. A run that was stopped goes on.",
        ),
      ]
      : []),
  ]
}
