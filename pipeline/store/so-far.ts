import { Effect, Exit, Schema } from "effect"
import { basename, join } from "node:path"
import { StoreError } from "../base/errors.ts"
import { linesOf, makeChain } from "./chain.ts"
import type { Content, Disk } from "./disk.ts"

/** The log of what an execution made so far, among the files of its unfinished state. */
export const soFarFile = "so-far.ndjson"

/** How far an execution was. */
const Reached = Schema.Struct({ done: Schema.Finite, total: Schema.Finite, unit: Schema.String })
export type Reached = typeof Reached.Type

/** A line of the log: what was made since the line before it. */
const Said = Schema.Struct({
  /** When, as ISO 8601 writes it. */
  at: Schema.String,
  reached: Schema.optionalKey(Reached),
  /** How far it was when it last saved a state; left out where it has saved none. */
  saved: Schema.optionalKey(Reached),
  /** Rows by output, as columns: those from the row `from` on, which stand in the place of what was said of these. */
  rows: Schema.Record(
    Schema.String,
    Schema.Struct({
      from: Schema.Natural,
      made: Schema.Natural,
      columns: Schema.Record(Schema.String, Schema.Array(Schema.Json)),
    }),
  ),
})
export type Said = typeof Said.Type

/** What an execution that is not done said of itself. */
export interface SoFar {
  /** When it first and last said something, as ISO 8601 writes it. */
  readonly began: string
  readonly at: string
  readonly reached?: Reached
  readonly saved?: Reached
  /** By output, the rows as JSON holds them, and how many were made: of many rows some are left out. */
  readonly outputs: ReadonlyMap<string, { readonly rows: ReadonlyArray<Row>; readonly made: number }>
}

type Row = Readonly<Record<string, Schema.Json>>

/** So many rows of an output are all in the log; of those after them, one in {@link EVERY}. */
const ALL = 10_000
const EVERY = 10

/** Whether the log has the row of this index: a training of days has no more than some ten thousands there. */
export const isKept = (index: number): boolean => index < ALL || (index - ALL) % EVERY === 0

/** How many rows before this index the log has. */
export const keptBefore = (index: number): number => (index <= ALL ? index : ALL + Math.ceil((index - ALL) / EVERY))

const encode = Schema.encodeSync(Schema.fromJsonString(Said))
const decode = Schema.decodeUnknownExit(Schema.fromJsonString(Said))

/** No log is larger, in bytes. */
const LARGEST_LOG = 2 ** 28

/** What executions of one action say while they are at work, for whoever looks at them; no result depends on it. */
export interface SoFarLog {
  /** What the last execution said; undefined where none said anything, or the action is done. */
  readonly read: Effect.Effect<SoFar | undefined, StoreError>
  /** Says more; what is said first in this execution stands in the place of what an earlier one said. */
  readonly say: (said: Said) => Effect.Effect<void, StoreError>
}

/** The log in the folder of the unfinished state of an action. */
export const soFarIn = (
  folder: string,
  disk: Disk["Service"],
  publish: (path: string, content: Content) => Effect.Effect<void, StoreError>,
): SoFarLog => {
  const path = join(folder, soFarFile)
  const key = basename(folder)
  const chain = makeChain(key)
  let begun = false
  return {
    read: Effect.gen(function*() {
      // What is no file was not written here: an execution has said nothing.
      if ((yield* disk.stat(path))?.kind !== "file") return undefined
      const log = yield* disk.readBytes(path, LARGEST_LOG)
      return log === undefined ? undefined : gathered(saidIn(key, log))
    }),
    say: (said) =>
      Effect.suspend(() => {
        const line = chain.link(encode(said))
        if (!begun) {
          begun = true
          return publish(path, line)
        }
        // A log that somebody removed has no beginning for what comes.
        return Effect.flatMap(disk.stat(path), (found) =>
          found === undefined
            ? new StoreError({ path, message: "was removed", help: "" })
            : disk.append(path, line))
      }),
  }
}

/** The lines of a log up to the first that is not what was written. */
const saidIn = (key: string, log: Buffer): ReadonlyArray<Said> => {
  const said: Array<Said> = []
  for (const line of linesOf(key, log)) {
    const decoded = line._tag === "Sound" ? decode(line.json) : undefined
    if (decoded === undefined || Exit.isFailure(decoded)) break
    said.push(decoded.value)
  }
  return said
}

/** The numbers of the lines that are not what was written. */
export const damagedLines = (key: string, log: Buffer): ReadonlyArray<number> =>
  linesOf(key, log).flatMap((line) => line._tag === "Sound" && Exit.isSuccess(decode(line.json)) ? [] : [line.number])

const gathered = (lines: ReadonlyArray<Said>): SoFar | undefined => {
  const [first, last] = [lines[0], lines.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const outputs = new Map<string, { rows: Array<Row | undefined>; made: number }>()
  for (const { rows } of lines) {
    for (const [output, { from, made, columns }] of Object.entries(rows)) {
      const known = outputs.get(output) ?? { rows: [], made: 0 }
      known.rows.splice(keptBefore(from), Infinity, ...rowsOf(columns, keptBefore(made) - keptBefore(from)))
      known.made = made
      outputs.set(output, known)
    }
  }
  const { at, reached, saved } = last
  return {
    began: first.at,
    at,
    ...(reached === undefined ? {} : { reached }),
    ...(saved === undefined ? {} : { saved }),
    outputs: new Map(
      [...outputs].map(([output, { rows, made }]) => [output, { rows: rows.filter((row) => row !== undefined), made }]),
    ),
  }
}

const rowsOf = (columns: Said["rows"][string]["columns"], count: number): ReadonlyArray<Row | undefined> => {
  const names = Object.keys(columns)
  return Array.from({ length: count }, (_, index) => {
    const row = Object.fromEntries(names.map((name) => [name, columns[name]?.[index] ?? null]))
    // Nothing but null stands for a row that could not be noted.
    return Object.values(row).every((value) => value === null) ? undefined : row
  })
}
