import { isatty } from "node:tty"
import { stripVTControlCharacters } from "node:util"
import colors from "picocolors"

/** Whether what is written to a stream is seen on a terminal that shows colours, and NO_COLOR does not forbid them. */
const showsColours = ({ fd }: { readonly fd: number }): boolean =>
  // Not `isTTY`, which is undefined where there is no terminal: the package would then look at CI and FORCE_COLOR.
  isatty(fd) && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb"

/** Colours for standard output. */
export const paint = colors.createColors(showsColours(process.stdout))

/** A text for standard error: without its colours where that does not show them. */
export const forErrors = (text: string): string => showsColours(process.stderr) ? text : stripVTControlCharacters(text)

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
