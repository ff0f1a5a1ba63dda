import type { NodeState } from "../pipeline/cli/ui/messages.ts"

/** The words for each state. */
export const stateWords: Readonly<Record<NodeState, string>> = {
  "fresh": "up to date",
  "will-run": "will run",
  "may-run": "may run",
  "missing": "lacks files",
  "blocked": "blocked",
  "unneeded": "not needed",
  "running": "running",
  "failed": "failed",
}

/** "1,780". */
export const number = (value: number): string => value.toLocaleString("en")

/** "1 node", "2 nodes". */
export const counted = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? "" : "s"}`

/** A duration as people read it. */
export const duration = (milliseconds: number): string => {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A size in bytes as people read it. */
export const bytes = (size: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB"]
  let [value, unit] = [size, 0]
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A moment in UTC, to the second. */
export const moment = (iso: string): string => `${iso.slice(0, 19).replace("T", " ")} UTC`
