import { readFileSync } from "node:fs"

/** A file of /proc as it is now; "" where its process is gone, at whatever moment it went. */
const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ESRCH")) return ""
    throw cause
  }
}

/** The process that an engine has a stage executed in, of Linux's /proc: the engine has other children, briefly. */
export const workerOf = (engine: number): number | undefined => {
  const children = read(`/proc/${engine}/task/${engine}/children`).trim().split(" ")
  const worker = children.find((child) => child !== "" && read(`/proc/${child}/cmdline`).includes("worker"))
  return worker === undefined ? undefined : Number(worker)
}
