import { StoreError } from "../base/errors.ts"
import { systemCode, systemReason } from "../base/system.ts"

/** What the file system found wrong with a path of the store; undefined for anything else that was thrown. */
export const storeError = (path: string, verb: string, thrown: unknown): StoreError | undefined => {
  if (thrown instanceof Refused) {
    return new StoreError({ path, message: `cannot be ${verb}: ${thrown.message}`, help: thrown.help })
  }
  const code = systemCode(thrown) ?? ""
  const reason = code === "ENOENT" ? "no folder can be made there" : systemReason(thrown)
  return reason === undefined
    ? undefined
    : new StoreError({
      path,
      message: `cannot be ${verb}: ${reason}`,
      help: helps[code] ?? `check the disk, ${elsewhere}`,
    })
}

/** Something at a path of the store that is not opened, whatever it holds. */
export class Refused extends Error {
  readonly help: string
  constructor(message: string, help: string) {
    super(message)
    this.help = help
  }
}

export const elsewhere = "or name another store with DAG_STORE"

const space = `free some space, ${elsewhere}; what is finished is kept`
const network = "see that the disk or the server is there, then run again; what is finished is kept"

/** What to do, by the code of the system's error. */
const helps: Readonly<Record<string, string>> = {
  EACCES: `make it readable and writable, ${elsewhere}`,
  EBUSY: "end the program that uses it, then run again",
  EDQUOT: space,
  EEXIST: `move that file away, ${elsewhere}`,
  EFBIG: `use a file system that takes larger files, ${elsewhere}`,
  EHOSTDOWN: network,
  EHOSTUNREACH: network,
  EIO: `check the disk and the system's log, ${elsewhere}; what is finished is kept`,
  ELOOP: `remove the link, ${elsewhere}`,
  EMFILE: "close other programs or raise the limit (ulimit -n), then run again; what is finished is kept",
  EMLINK: `use another file system, ${elsewhere}`,
  ENAMETOOLONG: `shorten the path, ${elsewhere}`,
  ENFILE: "close other programs, then run again; what is finished is kept",
  ENODEV: network,
  ENOENT: `name a folder that can be made, ${elsewhere}`,
  ENOSPC: space,
  ENOTCONN: network,
  ENOTDIR: `move that file away, ${elsewhere}`,
  EPERM: `make it readable and writable, ${elsewhere}`,
  EREMOTEIO: network,
  EROFS: `mount it writable, ${elsewhere}`,
  ESTALE: network,
  ETIMEDOUT: network,
}
