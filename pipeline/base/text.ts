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

/** A number with its thousands apart: "1,780". */
export const number = (value: number): string => value.toLocaleString("en")

/** "1 node", "2 nodes". */
export const counted = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? "" : "s"}`

/** A few names and how many more. */
export const some = (names: ReadonlyArray<string>, most = 4): string =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${number(names.length - most)} more`

/** Every line of a text set in by some spaces. */
export const indent = (text: string, by: number): string =>
  text.split("\n").map((line) => " ".repeat(by) + line).join("\n")
