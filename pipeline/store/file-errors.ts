import { StoreError } from "../base/errors.ts"
import { machineHelp, systemCode, systemReason } from "../base/system.ts"

/** What the file system found wrong with a path of the store; undefined for anything else that was thrown. */
export const storeError = (path: string, verb: string, thrown: unknown): StoreError | undefined => {
  if (thrown instanceof Refused) {
    return new StoreError({ path, message: `cannot be ${verb}: ${thrown.message}`, help: thrown.help })
  }
  const code = systemCode(thrown) ?? ""
  const reason = code !== "ENOENT"
    ? systemReason(thrown)
    : verb === "read"
    ? "nothing is there"
    : "no folder can be made there"
  if (reason === undefined) return undefined
  const machine = machineHelp(thrown)
  const help = machine === undefined ? helps[code] ?? `check the disk, ${elsewhere}` : `${machine}; ${finished}`
  return new StoreError({ path, message: `cannot be ${verb}: ${reason}`, help, code })
}

/** Whether the disk, or what a user may have of it, has no room left. */
export const isFull = ({ code }: StoreError): boolean => code === "ENOSPC" || code === "EDQUOT"

/** Something at a path of the store that is not opened, whatever it holds. */
export class Refused extends Error {
  readonly help: string
  constructor(message: string, help: string) {
    super(message)
    this.help = help
  }
}

export const elsewhere = "or name another store with DAG_STORE"

const finished = "what is finished is kept"
const space = `free some space, ${elsewhere}; ${finished}`

/** What to do, by the code of the system's error. */
const helps: Readonly<Record<string, string>> = {
  EACCES: `make it readable and writable, ${elsewhere}`,
  EDQUOT: space,
  EEXIST: `move that file away, ${elsewhere}`,
  EFBIG: `use a file system that takes larger files, ${elsewhere}`,
  EISDIR: `move that folder away, ${elsewhere}`,
  ELOOP: `remove the link, ${elsewhere}`,
  EMLINK: `use another file system, ${elsewhere}`,
  ENAMETOOLONG: `shorten the path, ${elsewhere}`,
  ENOENT: `name a folder that can be made, ${elsewhere}`,
  ENOSPC: space,
  ENOTDIR: `move that file away, ${elsewhere}`,
  EPERM: `make it readable and writable, ${elsewhere}`,
  EROFS: `mount it writable, ${elsewhere}`,
}
