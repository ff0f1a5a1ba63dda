import { InputError } from "./errors.ts"

/** The code of an error of the file system, such as ENOENT; undefined for anything else that was thrown. */
export const systemCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined

/** What the file system found wrong, in words, by the code of its error. */
const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EEXIST: "a file of that name is in the way",
  EISDIR: "it is a folder",
  ELOOP: "a symbolic link leads back to itself",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "a name in the path is too long",
  ENOENT: "there is no such file",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is a file, not a folder",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
}

/** What the file system found wrong, in words; undefined for anything else that was thrown. */
export const systemReason = (thrown: unknown): string | undefined => {
  const code = systemCode(thrown)
  return code === undefined ? undefined : words[code] ?? `${code}: ${thrown instanceof Error ? thrown.message : ""}`
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
    : new InputError({ file: path, message: `cannot be ${verb}: ${reason}`, help })
}

/** Runs file-system calls on a path that the user gave; throws an InputError that names the path. */
export const onPath = <A>(path: string, verb: "read" | "written", help: string, call: () => A): A => {
  try {
    return call()
  } catch (thrown) {
    throw pathError(thrown, path, verb, help) ?? thrown
  }
}
