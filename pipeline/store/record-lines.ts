import type { Digest } from "../base/digest.ts"
import { envelop, openEnvelope } from "./envelope.ts"
import type { Glance } from "./reading.ts"
import type { ActionRecord, Environment } from "./record.ts"

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
  | "environment"
>

/** A record, and its file as it was when it was read. */
export interface Entry {
  readonly file: Glance
  readonly record: Indexed
}

/** A part of an index. */
export interface Part {
  /** Environments that entries name by their place: many actions have the same. */
  readonly environments: Array<Environment>
  /** By key, the entry of a record as {@link addTo} writes it. */
  readonly lines: Map<string, string>
}

/** The name of the part of the index that the record of a key is in; another one where other things are in it. */
export const partOf = (key: string): string => `records-${key.slice(0, 1)}`

const KEY = 64
const [BEGIN, BETWEEN, END] = ["{\n\"environments\":", ",\n", "\n}"] as const

/** What a part holds; nothing where there is no such file, or it is not what was written. */
export const partIn = (file: Buffer | undefined): Part => {
  const lines = new Map<string, string>()
  const opened = file === undefined ? undefined : openEnvelope(file)
  if (opened?._tag !== "Sound" || !opened.text.startsWith(BEGIN)) return { environments: [], lines }
  const { text } = opened
  const first = text.indexOf("\n", BEGIN.length)
  const withoutComma = (end: number): number => (text[end - 1] === "," ? end - 1 : end)
  for (let start = first + 1; text[start] === "\"";) {
    const end = text.indexOf("\n", start)
    lines.set(text.slice(start + 1, start + 1 + KEY), text.slice(start + KEY + 3, withoutComma(end)))
    start = end + 1
  }
  return { environments: JSON.parse(text.slice(BEGIN.length, withoutComma(first))) as Array<Environment>, lines }
}

/** The file of a part: JSON with a line for each record. */
export const partText = ({ environments, lines }: Part): string =>
  envelop(
    `${BEGIN}${
      [JSON.stringify(environments), ...[...lines].map(([key, line]) => `"${key}":${line}`)].join(BETWEEN)
    }${END}`,
  )

type Line = readonly [
  inode: number,
  size: number,
  mtime: number,
  changed: number,
  environment: number,
  record: Omit<Indexed, "environment">,
]

/** Adds an entry to a part, or puts it in the place of what is there of its key. */
export const addTo = ({ environments, lines }: Part, key: Digest, { file, record }: Entry): void => {
  const { node, outputs, blobs, counts, warnings, log, started, milliseconds, resources, peakMemory } = record
  const text = JSON.stringify(record.environment)
  let environment = environments.findIndex((each) => JSON.stringify(each) === text)
  if (environment < 0) environment = environments.push(record.environment) - 1
  const some = { node, outputs, blobs, counts, log, started, milliseconds, resources, peakMemory }
  const { inode, size, mtime, changed } = file
  const line: Line = [inode, size, mtime, changed, environment, warnings === undefined ? some : { ...some, warnings }]
  lines.set(key, JSON.stringify(line))
}

/** The entry of a key; undefined where the part has none. */
export const entryIn = ({ environments, lines }: Part, key: Digest): Entry | undefined => {
  const text = lines.get(key)
  if (text === undefined) return undefined
  const [inode, size, mtime, changed, index, record] = JSON.parse(text) as Line
  const environment = environments[index]
  return environment === undefined
    ? undefined
    : { file: { inode, size, mtime, changed }, record: { ...record, environment } }
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
  }
}
