import { Effect } from "effect"
import { isatty } from "node:tty"
import { stripVTControlCharacters } from "node:util"
import colors from "picocolors"

/** Colours, where a terminal shows them and NO_COLOR does not forbid them. */
export const paint = colors.createColors(
  // Not `isTTY`, which is undefined where there is no terminal: the package would then look at CI and FORCE_COLOR.
  isatty(process.stdout.fd) && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb",
)

/** Writes to standard output, waiting until it is taken. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.stdout.write(`${text}\n`, () => resume(Effect.void))
  })

/** Prints a value for machines. */
export const printJson = (value: unknown): Effect.Effect<void> => print(JSON.stringify(value, null, 2))

/** Columns of text, each as wide as its widest cell; a column whose heading begins with ">" is set to the right. */
export const columns = (headings: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const right = headings.map((heading) => heading.startsWith(">"))
  const titles = headings.map((heading) => heading.replace(/^>/u, ""))
  const widths = titles.map((title, index) => Math.max(width(title), ...rows.map((row) => width(row[index] ?? ""))))
  const line = (cells: ReadonlyArray<string>) =>
    cells.map((cell, index) => {
      const space = " ".repeat(Math.max(0, (widths[index] ?? 0) - width(cell)))
      return right[index] === true ? space + cell : cell + space
    }).join("  ").trimEnd()
  const head = titles.every((title) => title === "") ? [] : [paint.dim(line(titles))]
  return [...head, ...rows.map(line)].join("\n")
}

const width = (text: string): number => Array.from(stripVTControlCharacters(text)).length

/** A duration as people read it: "0.8 s", "3 min 20 s", "2 h 5 min". */
export const duration = (milliseconds: number): string => {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A size in bytes as people read it: "812 B", "1.4 MB". */
export const bytes = (size: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB"]
  let value = size
  let unit = 0
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** "1 node", "2 nodes". */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`
