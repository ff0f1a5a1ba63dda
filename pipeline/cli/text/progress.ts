import { Effect } from "effect"
import { stripVTControlCharacters } from "node:util"
import { short } from "../../base/digest.ts"
import { counted, duration, indent, some } from "../../base/text.ts"
import { forOutput, paint } from "../../report/terminal.ts"
import type { Event } from "../../store/events.ts"
import { eventLine } from "../../store/run-log.ts"
import { failureText } from "./failure.ts"
import { atWorkText } from "./holder.ts"
import { levelCurve, type Levels, levelWidth, withLevel } from "./level.ts"
import { warningText } from "./node.ts"
import { printNoteNow, printNow } from "./output.ts"
import { showsUnicode } from "./sparkline.ts"

/** Shows a run as it goes. */
export interface Reporter {
  readonly show: (event: Event) => Effect.Effect<void>
  /** Says something to the user that is no event. */
  readonly say: (text: string) => void
  readonly close: Effect.Effect<void>
}

/** One line of JSON an event. */
export const jsonReporter = (): Reporter => ({
  show: (event) =>
    Effect.sync(() => {
      printNow(eventLine(event, new Date()))
    }),
  say: printNoteNow,
  close: Effect.void,
})

/** Lines for a pipe or a log: every node that did something, and a sign of life of those that take long. */
export const plainReporter = (): Reporter => {
  const board = makeBoard()
  const lastSign = new Map<string, number>()
  return {
    show: (event) =>
      Effect.sync(() => {
        board.take(event)
        const line = lasting(event)
        if (line !== undefined) printNow(line)
        if (event._tag === "NodeProgressed" && Date.now() - (lastSign.get(event.node) ?? 0) > 10_000) {
          // The first sign of a node comes after its first ten seconds, not at its start.
          if (lastSign.has(event.node)) printNow(board.line(event.node))
          lastSign.set(event.node, Date.now())
        }
      }),
    say: printNow,
    close: Effect.void,
  }
}

/** A live block at the foot of the terminal, below the lines that stay. */
export const liveReporter = (): Reporter => {
  const board = makeBoard()
  let height = 0
  const wipe = () => {
    if (height > 0) process.stdout.write(`\u001B[${height}A\u001B[0J`)
    height = 0
  }
  const draw = () => {
    const lines = board.lines(process.stdout.columns).map((line) => fit(forOutput(line), process.stdout.columns))
    if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`)
    height = lines.length
  }
  const timer = setInterval(() => {
    wipe()
    draw()
  }, 200)
  timer.unref()
  const say = (text: string) => {
    wipe()
    printNow(text)
    draw()
  }
  return {
    show: (event) =>
      Effect.sync(() => {
        board.take(event)
        const line = lasting(event)
        if (line !== undefined) say(line)
      }),
    say,
    close: Effect.sync(() => {
      clearInterval(timer)
      wipe()
    }),
  }
}

/** What stays on the screen of an event, if anything does. */
const lasting = (event: Event): string | undefined => {
  switch (event._tag) {
    case "NodeSucceeded": {
      const rows = Object.values(event.rows).reduce((sum, count) => sum + count, 0)
      const counts = Object.entries(event.counts).map(([name, value]) => `${value.toLocaleString("en")} ${name}`)
      const made = counts.length > 0 ? counts.join(", ") : counted(rows, "row")
      const time = event.shared ? "shared" : duration(event.milliseconds)
      if (event.again === "other" || event.again === "replaced") {
        const which = event.again === "other" ? "the first ones count" : "these count from now on"
        return `${paint.red("conflict")} ${event.node}  ${paint.dim(`${time}, made other bytes than before; ${which}`)}`
      }
      const same = event.again === "same" ? ", made the same again" : ""
      const done = `${paint.green("done")}     ${event.node}  ${paint.dim(`${time}, ${made}${same}`)}`
      return [done, ...(event.warnings ?? []).map(warningText)].join("\n")
    }
    case "NodeFailed":
      return `${paint.red("failed")}   ${event.node}\n${indent(failureText(event.failure), 9)}`
    case "NodeMissing":
      // Said before the run, once for all nodes.
      return event.leftOut === true
        ? undefined
        : `${paint.yellow("missing")}  ${event.node}  ${paint.dim(`${event.title}: ${event.names.join(", ")}`)}`
    case "NodeElsewhere":
      return waitingText(event)
    case "ObjectDamaged": {
      const { node, object, makers } = event
      const words = `object ${short(object)} is damaged or gone; ${
        makers.length === 0 ? "it is made again now" : `${some(makers)} will make it again`
      }`
      return `${paint.yellow("damaged")}  ${node}  ${paint.dim(words)}`
    }
    case "NodeCached":
      return event.elsewhere === true
        ? `${paint.green("done")}     ${event.node}  ${paint.dim("executed by another run")}`
        : event.frozen === true
        ? `${paint.yellow("frozen")}   ${event.node}  ${paint.dim("stays as it last was")}`
        : undefined
    case "NodeBlocked":
      return event.leftOut === true
        ? undefined
        : `${paint.yellow("blocked")}  ${event.node}  ${paint.dim(`by ${event.by}`)}`
    default:
      return undefined
  }
}

/** What another run executes that this one waits for. */
const waitingText = (event: Extract<Event, { readonly _tag: "NodeElsewhere" }>): string => {
  const { node, lost } = event
  const words = lost
    ? "this run stood still for so long that it was taken for dead; another may execute it, and this one waits"
    : atWorkText(event)
  return `${paint.yellow(lost ? "lost " : "waits")}    ${node}  ${paint.dim(words)}`
}

interface Running {
  readonly since: number
  levels: Levels
  progress?: {
    readonly done: number
    readonly total: number
    readonly unit: string
    readonly note?: string
    readonly first: { readonly at: number; readonly done: number }
  }
}

/** What is running and how far it is, from events. */
const makeBoard = () => {
  const running = new Map<string, Running>()
  let total = 0
  const settled = new Set<string>()
  return {
    take: (event: Event) => {
      switch (event._tag) {
        case "RunStarted":
          total = event.nodes
          break
        case "NodeStarted":
          running.set(event.node, { since: Date.now(), levels: new Map() })
          break
        case "NodeElsewhere":
        case "ObjectDamaged":
          running.delete(event.node)
          break
        case "NodeProgressed": {
          const { node, done, total, unit, note, level } = event
          const state = running.get(node)
          if (state === undefined) break
          if (level !== undefined) state.levels = withLevel(state.levels, done, total, level)
          const before = state.progress
          // A new unit is a new phase: its speed says nothing of the old one's.
          const first = before === undefined || before.unit !== unit ? { at: Date.now(), done } : before.first
          state.progress = { done, total, unit, first, ...(note === undefined ? {} : { note }) }
          break
        }
        case "NodeCached":
        case "NodeSucceeded":
        case "NodeFailed":
        case "NodeMissing":
        case "NodeBlocked":
        case "NodeUnneeded":
          running.delete(event.node)
          // One that is taken back settles once more.
          settled.add(event.node)
          break
        case "RunFinished":
          running.clear()
      }
    },
    line: (node: string): string => runningLine(node, running.get(node)),
    /** The lines of all that runs, each with the curve of its level where a terminal so wide has room for it. */
    lines: (width: number | undefined): ReadonlyArray<string> =>
      running.size === 0
        ? []
        : [
          ...[...running].map(([node, state]) => withCurve(runningLine(node, state), state.levels, width)),
          paint.dim(`${settled.size} of ${counted(total, "node")}`),
        ],
  }
}

const runningLine = (node: string, state: Running | undefined): string => {
  const head = `${paint.cyan("running")}  ${node}`
  if (state === undefined) return head
  const elapsed = duration(Date.now() - state.since)
  const { progress } = state
  if (progress === undefined) return `${head}  ${paint.dim(elapsed)}`
  const { done, total, unit, note, first } = progress
  const fraction = total === 0 ? 0 : done / total
  const bar = `${"#".repeat(Math.round(fraction * 20))}${".".repeat(20 - Math.round(fraction * 20))}`
  const each = done > first.done ? (Date.now() - first.at) / (done - first.done) : undefined
  const rest = each === undefined ? "" : `, ${duration(each * (total - done))} left`
  return `${head}  [${bar}] ${done}/${total} ${unit}${
    paint.dim(`${note === undefined ? "" : `, ${note.replaceAll(/\s+/gu, " ")}`}, ${elapsed}${rest}`)
  }`
}

const withCurve = (line: string, levels: Levels, width: number | undefined): string => {
  const curve = levelCurve(levels, showsUnicode(process.env))
  const room = (width ?? 0) - stripVTControlCharacters(forOutput(line)).length
  return curve === "" || room < levelWidth + 3 ? line : `${line}  ${paint.cyan(curve)}`
}

const fit = (line: string, width: number | undefined): string => {
  // Colours would be cut in the middle, so a line that is too long loses them.
  const bare = stripVTControlCharacters(line)
  return width === undefined || bare.length <= width ? line : bare.slice(0, width - 1)
}
