import { randomInt } from "node:crypto"
import { isatty } from "node:tty"
import { inspect, stripVTControlCharacters } from "node:util"
import { visible } from "../base/visible.ts"

/** Whether what is written to a stream is seen on a terminal that shows colours, and NO_COLOR does not forbid them. */
const showsColours = ({ fd }: { readonly fd: number }): boolean =>
  // Not `isTTY`, which is undefined where there is no terminal.
  isatty(fd) && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb"

/**
 * Numbers that stand in every colour that this process sets, until it is written.
 *
 * Texts of documents may hold control sequences too. What has these numbers is ours, as no document knows them.
 */
const secret = Array.from({ length: 3 }, () => randomInt(1000, 10_000)).join(";")

const mark = (code: number): string => `\u001B[${secret};${code}m`
const marks = new RegExp(`\\u{1B}\\[${secret};(\\d+)m`, "u")

const hasColours = showsColours(process.stdout)

const colour = (name: string) => {
  const [open, close] = (inspect.colors[name] ?? [0, 0]).map(mark)
  return (text: string): string =>
    // What another colour inside ends goes on after it.
    hasColours ? `${open}${text.replaceAll(close ?? "", `${close}${open}`)}${close}` : text
}

/** Colours for a text that {@link forOutput} or {@link forErrors} makes ready to be written. */
export const paint = {
  bold: colour("bold"),
  dim: colour("dim"),
  red: colour("red"),
  green: colour("green"),
  yellow: colour("yellow"),
  cyan: colour("cyan"),
}

/**
 * Makes texts ready for a stream. On a terminal everything in them is shown and nothing obeyed, but for the colours of
 * {@link paint}; a file or a pipe gets texts as they are, without colours.
 */
const readyFor = (stream: { readonly fd: number }): (text: string) => string => {
  const escaped = isatty(stream.fd) ? visible : (text: string) => text
  const colours = showsColours(stream)
  return (text) =>
    text.split(marks).map((part, index) => index % 2 === 0 ? escaped(part) : colours ? `\u001B[${part}m` : "").join("")
}

/** A text as it is written to standard output. */
export const forOutput = readyFor(process.stdout)

/** A text as it is written to standard error. */
export const forErrors = readyFor(process.stderr)

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

/**
 * The same where a terminal may be too narrow: then the columns stand in several tables below each other, each of which
 * begins with the first `repeated` ones. Columns of one group, which `groups` names by column, stay together where they
 * fit.
 */
export const columnsWithin = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  room: number | undefined,
  repeated = 1,
  groups: ReadonlyArray<string> = headings.map((_, index) => String(index)),
): string => {
  if (room === undefined) return columns(headings, rows)
  const widths = headings.map((heading, index) =>
    Math.max(width(heading.replace(/^>/u, "")), ...rows.map((row) => width(row[index] ?? "")))
  )
  const sum = (indexes: ReadonlyArray<number>) => indexes.reduce((total, index) => total + (widths[index] ?? 0) + 2, -2)
  const first = [...headings.keys()].slice(0, repeated)
  const fits = (indexes: ReadonlyArray<number>) => sum([...first, ...indexes]) <= room
  const tables: Array<ReadonlyArray<number>> = []
  const place = (own: ReadonlyArray<number>): void => {
    const last = tables.at(-1)
    if (last !== undefined && fits([...last, ...own])) tables[tables.length - 1] = [...last, ...own]
    // A group that no terminal so narrow has room for is taken apart.
    else if (fits(own) || own.length === 1) tables.push(own)
    else for (const index of own) place([index])
  }
  const rest = [...headings.keys()].slice(repeated)
  for (const own of Map.groupBy(rest, (index) => groups[index] ?? "").values()) place(own)
  if (tables.length <= 1) return columns(headings, rows)
  return tables.map((indexes) => {
    const shown = [...first, ...indexes]
    const of = (cells: ReadonlyArray<string>) => shown.map((index) => cells[index] ?? "")
    return columns(of(headings), rows.map(of))
  }).join("\n\n")
}

/**
 * The same where columns may be left out that a terminal has no room for: those of `dispensable`, its first ones first.
 * Gives the names of those that were.
 */
export const columnsLeaving = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  room: number | undefined,
  dispensable: ReadonlyArray<string>,
): { readonly table: string; readonly left: ReadonlyArray<string> } => {
  const name = (heading: string) => heading.replace(/^>/u, "")
  const widths = headings.map((heading, index) =>
    Math.max(width(name(heading)), ...rows.map((row) => width(row[index] ?? "")))
  )
  const left = new Set<string>()
  const total = () =>
    headings.reduce((sum, heading, index) => sum + (left.has(name(heading)) ? 0 : (widths[index] ?? 0) + 2), -2)
  for (const each of dispensable) if (room !== undefined && total() > room) left.add(each)
  const shown = [...headings.keys()].filter((index) => !left.has(name(headings[index] ?? "")))
  const of = (cells: ReadonlyArray<string>) => shown.map((index) => cells[index] ?? "")
  return { table: columns(of(headings), rows.map(of)), left: [...left] }
}

const width = (text: string): number => Array.from(stripVTControlCharacters(text)).length
