import { Effect } from "effect"
import { stripVTControlCharacters } from "node:util"
import { forOutput } from "../../report/terminal.ts"
import type { Event } from "../../store/events.ts"
import { eventLine } from "../../store/run-log.ts"
import { makeBoard, type TimeLeft } from "./board.ts"
import type { Folded } from "./folded.ts"
import { printNoteNow, printNow } from "./output.ts"

/** Shows a run as it goes. */
export interface Reporter {
  readonly show: (event: Event) => Effect.Effect<void>
  /** Says something to the user that is no event. */
  readonly say: (text: string) => void
  readonly close: Effect.Effect<void>
}

/** What a reporter for people needs besides events. */
export interface Facts {
  /** What stays of events. */
  readonly folded: Folded
  readonly left: TimeLeft
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

/** So often does a pipe or a log get a sign of life of a node, or of a stage, in milliseconds. */
const SIGN = 10_000

/** Lines for a pipe or a log: what stays of events, and a sign of life of what takes long. */
export const plainReporter = ({ folded, left }: Facts): Reporter => {
  const board = makeBoard(left)
  const lastSign = new Map<string, number>()
  // The first sign comes after the first ten seconds, not at the start.
  const sign = (of: string, text: () => string | undefined) => {
    const last = lastSign.get(of)
    if (last !== undefined && Date.now() - last <= SIGN) return
    lastSign.set(of, Date.now())
    const line = last === undefined ? undefined : text()
    if (line !== undefined) printNow(line)
  }
  return {
    show: (event) =>
      Effect.sync(() => {
        board.take(event)
        const lines = folded.take(event)
        for (const line of lines) printNow(line)
        if (event._tag === "NodeProgressed") sign(event.node, () => board.line(event.node))
        if (event._tag === "NodeQueued" || event._tag === "NodeElsewhere") sign(" queue", board.queued)
        if (event._tag === "NodeSucceeded" && lines.length === 0) {
          sign(event.node.split("/", 1)[0] ?? "", () => folded.of(event.node))
        }
      }),
    say: printNow,
    close: Effect.sync(() => {
      for (const line of folded.rest()) printNow(line)
    }),
  }
}

/** A live block at the foot of the terminal, below the lines that stay. */
export const liveReporter = ({ folded, left }: Facts): Reporter => {
  const board = makeBoard(left)
  let drawn: ReadonlyArray<string> = []
  /** What takes the block away; a terminal that became narrower has broken its lines. */
  const wiping = (): string => {
    const columns = process.stdout.columns
    const height = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0)
    drawn = []
    return height === 0 ? "" : `\u001B[${height}A\r\u001B[0J`
  }
  const drawing = (): string => {
    const { columns, rows } = process.stdout
    const total = board.total(columns)
    if (total === undefined) return ""
    const lines = [...board.lines(columns), ...folded.underway()]
    // Of a block that is higher than the terminal, the upper part could not be taken away.
    const shown = lines.slice(0, Math.max(1, rows - 3))
    const more = lines.length > shown.length ? [`and ${lines.length - shown.length} more lines`] : []
    drawn = [...shown, ...more, total].map((line) => fit(forOutput(line), columns))
    return `${drawn.join("\n")}\n`
  }
  // In one piece, so that it does not flicker.
  const redraw = (between: string) => {
    const text = `${wiping()}${between}${drawing()}`
    if (text !== "") process.stdout.write(text)
  }
  const refresh = () => redraw("")
  const wipe = () => {
    const text = wiping()
    if (text !== "") process.stdout.write(text)
  }
  const timer = setInterval(refresh, 200)
  timer.unref()
  process.stdout.on("resize", refresh)
  // A second Ctrl-C ends the process at once.
  process.on("exit", wipe)
  let isOpen = true
  const say = (text: string) => isOpen ? redraw(`${forOutput(text)}\n`) : printNow(text)
  return {
    show: (event) =>
      Effect.sync(() => {
        board.take(event)
        const lines = folded.take(event)
        if (lines.length > 0) say(lines.join("\n"))
      }),
    say,
    close: Effect.sync(() => {
      if (!isOpen) return
      isOpen = false
      clearInterval(timer)
      process.stdout.off("resize", refresh)
      process.off("exit", wipe)
      wipe()
      for (const line of folded.rest()) printNow(line)
    }),
  }
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length

const fit = (line: string, width: number | undefined): string => {
  // Colours would be cut in the middle, so a line that is too long loses them.
  const bare = stripVTControlCharacters(line)
  return width === undefined || bare.length < width ? line : bare.slice(0, width - 1)
}
