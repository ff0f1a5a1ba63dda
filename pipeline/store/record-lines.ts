import type { Digest } from "../base/digest.ts"
import { envelop, openEnvelope } from "./envelope.ts"
import type { Glance } from "./reading.ts"
import type { ActionRecord } from "./record.ts"

/** What an index holds of a record: what a plan and a forecast need of nodes that are up to date. */
export type Indexed = Pick<
  ActionRecord,
  | "node"
  | "outputs"
  | "blobs"
  | "counts"
  | "warnings"
  | "log"
  | "started"
  | "milliseconds"
  | "resources"
  | "peakMemory"
>

/** A record, and its file as it was when it was read. */
export interface Entry {
  readonly file: Glance
  readonly record: Indexed
}

/** Lines of an index by key, each the entry of a record as {@link lineOf} writes it. */
export type Lines = ReadonlyMap<string, string>

/** The name of the part of the index that the record of a key is in; another one where other things are in it. */
export const partOf = (key: string): string => `records-${key.slice(0, 1)}`

const KEY = 64
const [BEGIN, BETWEEN, END] = ["{\n", ",\n", "\n}"] as const

/** The lines of a part; none where there is no such file, or it is not what was written. */
export const linesIn = (file: Buffer | undefined): Map<string, string> => {
  const lines = new Map<string, string>()
  const opened = file === undefined ? undefined : openEnvelope(file)
  if (opened?._tag !== "Sound") return lines
  const { text } = opened
  for (let start = BEGIN.length; text[start] === "\"";) {
    const end = text.indexOf("\n", start)
    const last = text[end - 1] === "," ? end - 1 : end
    lines.set(text.slice(start + 1, start + 1 + KEY), text.slice(start + KEY + 3, last))
    start = end + 1
  }
  return lines
}

/** The file of a part: JSON with a line for each record. */
export const partText = (lines: Lines): string =>
  envelop(`${BEGIN}${[...lines].map(([key, line]) => `"${key}":${line}`).join(BETWEEN)}${END}`)

type Line = readonly [inode: number, size: number, mtime: number, changed: number, record: Indexed]

/** An entry as one line. */
export const lineOf = ({ file, record }: Entry): string => {
  const { node, outputs, blobs, counts, warnings, log, started, milliseconds, resources, peakMemory } = record
  const some = { node, outputs, blobs, counts, log, started, milliseconds, resources, peakMemory }
  const line: Line = [
    file.inode,
    file.size,
    file.mtime,
    file.changed,
    warnings === undefined ? some : { ...some, warnings },
  ]
  return JSON.stringify(line)
}

/** The entry of a line. */
export const entryOf = (line: string): Entry => {
  const [inode, size, mtime, changed, record] = JSON.parse(line) as Line
  return { file: { inode, size, mtime, changed }, record }
}

/** A record of which only some is at hand; `rest` gives the record itself, and is asked once something else is looked at. */
export const recordOf = (key: Digest, indexed: Indexed, rest: () => ActionRecord): ActionRecord => {
  let whole: ActionRecord | undefined
  const read = (): ActionRecord => (whole ??= rest())
  return {
    key,
    ...indexed,
    get preImage() {
      return read().preImage
    },
    get files() {
      return read().files
    },
    get environment() {
      return read().environment
    },
  }
}
