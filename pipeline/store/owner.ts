import { randomBytes } from "node:crypto"
import { hostname } from "node:os"

/**
 * Whose a half-done thing in the store is: machine, process, and some letters.
 *
 * The letters matter where process ids come again, as in a container whose first process always has the same.
 */
export const newOwner = (): string => `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`

/**
 * Whether a file is named after a process of this machine that lives no more: by the whole name, or by its end.
 *
 * `self` is who asks. What a process of an earlier life left that had the same id is left over too.
 */
export const isLeftOver = (file: string, self: string): boolean => {
  const name = file.replace(/\.(?:json|log)$/u, "")
  const start = name.indexOf(`${hostname()}-`)
  if (start < 0 || (start > 0 && name[start - 1] !== ".")) return false
  const owner = name.slice(start)
  const pid = /^(\d+)-[0-9a-f]{8}$/u.exec(owner.slice(hostname().length + 1))?.[1]
  if (pid === undefined || owner === self) return false
  return Number(pid) === process.pid || !isAlive(Number(pid))
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"
  }
}
