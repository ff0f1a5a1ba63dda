import { digestOf } from "../base/digest.ts"

/**
 * How a JSON file of the store proves that it is whole: its content stands behind the sha256 of the content's text.
 *
 * The file is JSON itself. Any bit of it that changes is found.
 */
export type Opened =
  | { readonly _tag: "Sound"; readonly text: string }
  | { readonly _tag: "Damaged"; readonly problem: string }
  /** Another program's, or that of another version of this one. */
  | { readonly _tag: "Foreign"; readonly problem: string }

/** The version of the envelope, and of what is in it. */
const VERSION = 1

const head = (digest: string): string => `{"redag":${VERSION},"sha256":"${digest}","content":\n`
const HEAD = head("0".repeat(64)).length
const TAIL = "\n}\n"

/** The file that holds a content's text. */
export const envelop = (content: string): string => `${head(digestOf(content))}${content}${TAIL}`

/** The content of a file. */
export const openEnvelope = (file: Buffer): Opened => {
  const content = file.subarray(HEAD, Math.max(HEAD, file.length - TAIL.length))
  const digest = digestOf(content)
  const first = file.subarray(0, HEAD).toString("latin1")
  if (first === head(digest) && file.subarray(HEAD + content.length).equals(tail)) {
    return { _tag: "Sound", text: content.toString() }
  }
  if (file.length === 0) return { _tag: "Damaged", problem: "is empty" }
  // What was written here and is whole but for the words around it.
  const damaged: Opened = { _tag: "Damaged", problem: "is damaged: it does not hold what was written" }
  if (first.includes(digest)) return damaged
  const version = /^\{"redag":(\d{1,9}),/u.exec(first)?.[1]
  if (version !== undefined && version !== String(VERSION)) {
    return { _tag: "Foreign", problem: `is of format ${version}, and this version of redag reads format ${VERSION}` }
  }
  // What is cut short or overwritten is no JSON any more.
  return !first.startsWith("{\"redag\"") && isJson(file)
    ? { _tag: "Foreign", problem: "was written by another program, or by an older version of redag" }
    : damaged
}

const tail = Buffer.from(TAIL)

const isJson = (file: Buffer): boolean => {
  try {
    JSON.parse(file.toString())
    return true
  } catch {
    return false
  }
}
