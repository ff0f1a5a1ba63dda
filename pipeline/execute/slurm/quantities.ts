const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * A time limit in seconds: as Slurm writes it ("1-12:00:00", "2:00:00", "30:00", "1-12", minutes), or with units ("36h",
 * "1d12h"). Undefined where it is none.
 */
export const secondsIn = (text: string | number): number | undefined => {
  const seconds = typeof text === "number" || /^\d+$/u.test(text.trim()) ? Number(text) * 60 : readTime(text.trim())
  return seconds !== undefined && seconds > 0 && seconds <= LONGEST ? seconds : undefined
}

/** No cluster has jobs of more than ten years, or nodes with more than 1024 TiB. */
const LONGEST = 10 * 366 * 86_400
const LARGEST = 2 ** 30

const readTime = (text: string): number | undefined => {
  if (/^(?:\d+[dhms])+$/u.test(text)) {
    return [...text.matchAll(/(\d+)([dhms])/gu)].reduce(
      (sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? NaN),
      0,
    )
  }
  const [, days, first, second, third] = /^(?:(\d+)-)?(\d+)(?::(\d{1,2}))?(?::(\d{1,2}))?$/u.exec(text) ?? []
  if (first === undefined || Number(second ?? 0) > 59 || Number(third ?? 0) > 59) return undefined
  // Behind days, or with all three parts, hours come first; otherwise minutes.
  const [hours, minutes, seconds] = days !== undefined || third !== undefined
    ? [first, second, third]
    : ["0", first, second]
  return Number(days ?? 0) * 86_400 + Number(hours) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
}

/** Seconds as Slurm reads and shows them: "1-02:30:00". */
export const clock = (seconds: number): string => {
  const [days, rest] = [Math.floor(seconds / 86_400), seconds % 86_400]
  const parts = [Math.floor(rest / 3600), Math.floor(rest % 3600 / 60), rest % 60].map((part) =>
    String(part).padStart(2, "0")
  )
  return `${days > 0 ? `${days}-` : ""}${parts.join(":")}`
}

/** An amount of memory in MiB: "64G", "512M", or a number of MiB. Undefined where it is none. */
export const mebibytesOf = (text: string | number): number | undefined => {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([MGT]?)(?:i?B)?$/iu.exec(String(text).trim()) ?? []
  const value = Math.floor(Number(number) * ({ "": 1, M: 1, G: 2 ** 10, T: 2 ** 20 }[unit.toUpperCase()] ?? NaN))
  return number !== "" && value > 0 && value <= LARGEST ? value : undefined
}
