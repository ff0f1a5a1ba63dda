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

/** A number with its thousands apart: "1,780". The first `toLocaleString` of a process takes 20 ms: a whole one needs none. */
export const number = (value: number): string =>
  Number.isSafeInteger(value) ? String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",") : value.toLocaleString("en")

/** "1 node", "2 nodes". */
export const counted = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? "" : "s"}`

/** A few names and how many more. */
export const some = (names: ReadonlyArray<string>, most = 4): string =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${number(names.length - most)} more`

/** A text that may be of any length as it stands in a message: its beginning, where it is long. */
export const clipped = (text: string, most = 160): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${number(text.length)} characters)`

/** Every line of a text set in by some spaces. */
export const indent = (text: string, by: number): string =>
  text.split("\n").map((line) => " ".repeat(by) + line).join("\n")

/** A text in lines of at most so many characters, broken at spaces; a longer word has a line of its own. */
export const wrapped = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(/\s+/u)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/**
 * Every line of a text that is too long in several, the later ones set in by `hang`; where no width is known, the text as
 * it is.
 */
export const fitted = (text: string, width: number | undefined, hang = 0): string =>
  width === undefined ? text : text.split("\n").map((line) => {
    if (line.length <= width) return line
    const start = /^ */u.exec(line)?.[0] ?? ""
    const inner = " ".repeat(start.length + hang)
    // The first line has more room than the others, which is not used: they are aligned.
    const [first = "", ...rest] = wrapped(line.trimStart(), Math.max(20, width - inner.length))
    return [start + first, ...rest.map((each) => inner + each)].join("\n")
  }).join("\n")
