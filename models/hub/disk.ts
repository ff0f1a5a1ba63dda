import { randomBytes } from "node:crypto"
import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { HubError } from "./errors.ts"
import { diskFailed, diskFailedHelp } from "./messages.ts"

/** The code of a system's error, such as "ENOENT". */
export const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""

/** Does something with a path; an error of the system becomes a `HubError` of kind "disk". */
export const onDisk = async <A>(path: string, verb: "read" | "written", act: () => Promise<A>): Promise<A> => {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof HubError || codeOf(cause) === "") throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    const code = codeOf(cause)
    throw new HubError("disk", diskFailed(path, verb, code, message), diskFailedHelp(code), { cause })
  }
}

/** What `read` gives, or `absent` where there is no such file. Throws `HubError`. */
export const readingOr = <A, B>(path: string, absent: B, read: () => Promise<A>): Promise<A | B> =>
  onDisk(path, "read", async () => {
    try {
      return await read()
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return absent
      throw cause
    }
  })

/** Letters that no other process of any machine has, for the names of temporary files. */
export const unique = (): string => `${process.pid}-${randomBytes(6).toString("hex")}`

/** Makes a file appear with all of its content: `make` writes it under a temporary name. Throws `HubError`. */
export const publish = (
  path: string,
  temporary: string,
  make: (temporary: string) => Promise<void>,
): Promise<void> =>
  onDisk(path, "written", async () => {
    await mkdir(dirname(temporary), { recursive: true })
    await mkdir(dirname(path), { recursive: true })
    try {
      await make(temporary)
      await rename(temporary, path)
    } catch (cause) {
      await rm(temporary, { force: true })
      throw cause
    }
  })

/** Makes a small text file appear. Throws `HubError`. */
export const publishText = (path: string, temporary: string, text: string): Promise<void> =>
  publish(path, temporary, (file) => writeFile(file, text, { flag: "wx" }))
