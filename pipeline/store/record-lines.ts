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
/** The version of the lines: those of another one are not read. It changes with them. */
const VERSION = 2
const [BEGIN, BETWEEN, END] = [`{\n"version":${VERSION},\n"environments":`, ",\n", "\n}"] as const

/** What a part holds; nothing where there is no such file, or it is not what was written by this version. */
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
  const environments = jsonIn(text.slice(BEGIN.length, withoutComma(first)))
  return Array.isArray(environments)
    ? { environments: environments as Array<Environment>, lines }
    : { environments: [], lines: new Map() }
}

/** The value of a text; undefined where it is no JSON, as a hostile one may be. */
const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
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

/** So many numbers stand before the record of a line. */
const NUMBERS = 5

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

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const DIGEST = /^[0-9a-f]{64}$/u

const isRef = (value: unknown): boolean =>
  isObject(value) && typeof value["digest"] === "string" && DIGEST.test(value["digest"])
  && typeof value["size"] === "number"

/** Whether a line is one of this version, as far as a plan relies on it: a Schema would take longer than the record. */
const isLine = (value: unknown): value is Line => {
  if (!Array.isArray(value)) return false
  const [record, ...numbers] = (value as ReadonlyArray<unknown>).toReversed()
  if (numbers.length !== NUMBERS || !numbers.every((each) => typeof each === "number") || !isObject(record)) {
    return false
  }
  const { node, outputs, blobs, counts, started, milliseconds, resources } = record
  return typeof node === "string" && isObject(outputs) && Object.values(outputs).every(isRef)
    && Array.isArray(blobs) && blobs.every(isRef) && isObject(counts) && typeof started === "string"
    && typeof milliseconds === "number" && isObject(resources)
}

/** The entry of a key; undefined where the part has none that can be read. */
export const entryIn = ({ environments, lines }: Part, key: Digest): Entry | undefined => {
  const text = lines.get(key)
  if (text === undefined) return undefined
  const line = jsonIn(text)
  if (!isLine(line)) return undefined
  const [inode, size, mtime, changed, index, record] = line
  const environment = environments[index]
  return !isObject(environment)
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
