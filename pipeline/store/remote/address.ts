import { Effect } from "effect"
import { isAbsolute, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"

/** Where a remote is. */
export type Address =
  | { readonly _tag: "Folder"; readonly path: string }
  /** `prefix` is empty, or ends with "/". */
  | { readonly _tag: "S3"; readonly bucket: string; readonly prefix: string }
  /** `path` is absolute, or begins with "./" where it is below the home folder of the user there. */
  | {
    readonly _tag: "Sftp"
    readonly host: string
    readonly user: string | undefined
    readonly port: number | undefined
    readonly path: string
  }

const help =
  "write it as s3://BUCKET/PREFIX, sftp://USER@HOST:PORT/PATH, or the path of a folder; passwords and keys stand in none"

/** An address as it may be shown: nothing of it where it may hold a password, a key or a signature. */
export const shownAddress = (text: string): string => {
  const [, scheme = "", rest = text] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/isu.exec(text) ?? []
  const mayHold = scheme === "" ? /@/u : /[@?#]|:(?!\d{1,5}(?:\/|$))/u
  return mayHold.test(rest) && !/^sftp:\/\/[^/@:?#]*@[^@:?#]*(?::\d+)?(?:\/[^@?#]*)?$/u.test(text) ? `${scheme}…` : text
}

/** Reads an address. A relative path is one below the current folder. */
export const addressOf = (text: string): Effect.Effect<Address, InputError> => attempt(() => parseAddress(text))

/** Reads an address that a flag or a setting gives. Throws an InputError. */
export const parseAddress = (text: string, field = "--remote"): Address => {
  const wrong = (message: string) =>
    new InputError({ field, message: `${JSON.stringify(shownAddress(text))} ${message}`, help })
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//iu.exec(text)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      if (text.trim() === "") throw wrong("names no remote")
      // Shells put the home folder there where it is not quoted; rclone and scp mean another machine.
      if (text.startsWith("~")) throw wrong("begins with ~: write the whole path")
      if (/^[^/.][^/]*:/u.test(text)) throw wrong("names no folder of this machine: a host is written sftp://HOST/PATH")
      return { _tag: "Folder", path: withoutEnd(resolve(text)) }
    case "file": {
      const path = fileOf(text)
      if (path === undefined) throw wrong("names no folder of this machine")
      return { _tag: "Folder", path: withoutEnd(path) }
    }
    case "s3": {
      const [, bucket = "", path = ""] = /^s3:\/\/([^/]*)\/?(.*)$/isu.exec(text) ?? []
      if (!/^[a-zA-Z0-9][\w.-]{1,254}$/u.test(bucket)) throw wrong("names no bucket")
      const parts = path.split("/").filter((part) => part !== "")
      if (parts.some((part) => !/^[\w.%=+ -]+$/u.test(part) || part === "." || part === "..")) {
        throw wrong("has a prefix that is no path of letters, digits, and . _ - % = + and blanks")
      }
      return { _tag: "S3", bucket, prefix: parts.map((part) => `${part}/`).join("") }
    }
    case "sftp":
    case "ssh":
      return sftpOf(text, wrong)
    default:
      throw wrong(`begins with ${scheme}://, which is no kind of remote`)
  }
}

const withoutEnd = (path: string): string => (path.length > 1 ? path.replace(/\/+$/u, "") : path)

const fileOf = (text: string): string | undefined => {
  try {
    const path = fileURLToPath(text)
    return isAbsolute(path) ? path : undefined
  } catch {
    return undefined
  }
}

const sftpOf = (text: string, wrong: (message: string) => InputError): Address => {
  const parts = /^\w+:\/\/(?:([^/@]*)@)?(\[[0-9a-fA-F:.%]+\]|[\w.-]+)(?::(\d+))?(\/.*)?$/u.exec(text)
  if (parts === null) throw wrong("names no host and folder")
  const [, user, host = "", port, path = "/"] = parts
  if (user?.includes(":") === true) throw wrong("holds a password")
  // OpenSSH's commands would take it for an option.
  if (host.startsWith("-") || user?.startsWith("-") === true) {
    throw wrong("names a host or a user that begins with -")
  }
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) throw wrong("names no port")
  const folder = path.replaceAll("%20", " ")
  return {
    _tag: "Sftp",
    host: host.replace(/^\[(.*)\]$/u, "$1"),
    user: user === "" ? undefined : user,
    port: port === undefined ? undefined : Number(port),
    path: /^\/~(?:\/|$)/u.test(folder) ? withoutEnd(`.${folder.slice(2)}`) : withoutEnd(folder),
  }
}
