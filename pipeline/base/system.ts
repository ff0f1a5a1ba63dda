import { InputError, StageError } from "./errors.ts"

/** The code of an error of the file system, such as ENOENT; undefined for anything else that was thrown. */
export const systemCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined

/** What the file system found wrong, in words, by the code of its error. */
const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "the system has no resources for it now",
  EBUSY: "it is in use",
  EDQUOT: "the disk quota is used up",
  EEXIST: "a file of that name is in the way",
  EFBIG: "the file is too large for the file system",
  EHOSTDOWN: "the server is down",
  EHOSTUNREACH: "the server cannot be reached",
  EINVAL: "the file system does not support it",
  EIO: "the disk failed (input/output error)",
  EISDIR: "it is a folder",
  ELOOP: "it is a symbolic link, or a link leads back to itself",
  EMFILE: "too many files are open",
  EMLINK: "the file system takes no further link",
  ENAMETOOLONG: "a name in the path is too long",
  ENFILE: "too many files are open on this machine",
  ENODEV: "the device is gone",
  ENOENT: "there is no such file",
  ENOMEM: "the system has no memory for it",
  ENOSPC: "the disk is full",
  ENOTCONN: "the file system is not connected",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOTEMPTY: "the folder is not empty",
  ENXIO: "the device is gone",
  EPERM: "operation not permitted",
  EREMOTEIO: "the server failed (remote input/output error)",
  EROFS: "the file system is read-only",
  ESTALE: "the server has removed or replaced it",
  ETIMEDOUT: "the server did not answer in time",
}

/**
 * What the system found wrong, in words; undefined for anything else that was thrown.
 *
 * Node's own errors have codes too, which begin with ERR_: those are mistakes of a program.
 */
export const systemReason = (thrown: unknown): string | undefined => {
  const code = systemCode(thrown)
  if (code === undefined || !/^E(?!RR_)[A-Z0-9]+$/u.test(code)) return undefined
  return words[code] ?? `${code}: ${thrown instanceof Error ? thrown.message : ""}`
}

const closeOthers = "close other programs or raise the limit of open files (ulimit -n), then run again"
const waitForServer = "see that the disk or the server is there, then run again"

/** What to do about failures of a disk, a server or the machine, whatever the path: by the code of the error. */
const machineHelps: Readonly<Record<string, string>> = {
  EAGAIN: "close other programs, then run again",
  EBUSY: "end the program that uses it, then run again",
  EHOSTDOWN: waitForServer,
  EHOSTUNREACH: waitForServer,
  EIO: "check the disk and the system's log, then run again",
  EMFILE: closeOthers,
  ENFILE: closeOthers,
  ENODEV: waitForServer,
  ENOMEM: "close other programs, then run again",
  ENOTCONN: waitForServer,
  ENXIO: waitForServer,
  EREMOTEIO: waitForServer,
  ESTALE: waitForServer,
  ETIMEDOUT: waitForServer,
}

/** What to do where a disk, a server or the machine failed; undefined for anything else that was thrown. */
export const machineHelp = (thrown: unknown): string | undefined => machineHelps[systemCode(thrown) ?? ""]

/** The StageError for a disk, a server or a machine that failed while a stage ran; undefined for anything else that was thrown. */
export const machineError = (thrown: unknown): StageError | undefined => {
  const help = machineHelp(thrown)
  if (help === undefined) return undefined
  const path = thrown instanceof Error && "path" in thrown && typeof thrown.path === "string" ? ` (${thrown.path})` : ""
  return new StageError({
    message: `met a failure of the machine: ${systemReason(thrown) ?? ""}${path}`,
    help,
    transient: true,
  })
}

/** The InputError for what the file system found wrong with a path that the user gave; undefined for anything else. */
export const pathError = (
  thrown: unknown,
  path: string,
  verb: "read" | "written",
  help: string,
): InputError | undefined => {
  const reason = systemReason(thrown)
  return reason === undefined
    ? undefined
    : new InputError({ file: path, message: `cannot be ${verb}: ${reason}`, help: machineHelp(thrown) ?? help })
}

/** Runs file-system calls on a path that the user gave; throws an InputError that names the path. */
export const onPath = <A>(path: string, verb: "read" | "written", help: string, call: () => A): A => {
  try {
    return call()
  } catch (thrown) {
    throw pathError(thrown, path, verb, help) ?? thrown
  }
}
