import { Effect, Exit, Schema } from "effect"
import type { Advance, Progress, RowSchema, Unfinished } from "../graph/stage.ts"
import { isKept, keptBefore, type Reached, type Said } from "../store/so-far.ts"
import type { UnfinishedFolder } from "../store/unfinished.ts"

/** Rows are written together, so often at most, in ms: soon enough for somebody who looks on. */
const INTERVAL = 5000

/** The services by which a stage that is at work shows what it made so far. */
export interface Showing {
  readonly advance: (advance: Advance) => Effect.Effect<void>
  readonly made: Progress["Service"]["made"]
  readonly unfinished: Unfinished["Service"]
  /** Writes what is not written yet, where the stage does not come to its end. */
  readonly end: Effect.Effect<void>
}

/** Rows of one output that are not written yet: those that the log keeps. */
interface Pending {
  readonly from: number
  made: number
  /** None in the place of a row that cannot be noted. */
  readonly rows: Array<Row | undefined>
}

type Row = Readonly<Record<string, Schema.Json>>

/**
 * Writes what an execution makes into the log of its unfinished state, a little behind. Nothing is written for a stage
 * that shows no rows. A row that cannot be noted is left out, and a log that cannot be written ends nothing: each is said
 * once, and the stage goes on.
 */
export const showingOf = (
  outputs: Readonly<Record<string, RowSchema>>,
  { soFar: log, ...unfinished }: UnfinishedFolder,
): Showing => {
  const pending = new Map<string, Pending>()
  let state: "silent" | "showing" | "broken" = "silent"
  let reached: Reached | undefined
  let saved: Reached | undefined
  let written = -Infinity
  let leftOut = false

  const write = Effect.suspend(() => {
    if (state !== "showing") return Effect.void
    written = performance.now()
    const rows = Object.fromEntries([...pending].map(([output, each]) => [output, columnsOf(each)]))
    pending.clear()
    const said: Said = {
      at: new Date().toISOString(),
      ...(reached === undefined ? {} : { reached }),
      ...(saved === undefined ? {} : { saved }),
      rows,
    }
    return log.say(said).pipe(Effect.catch(({ message }) => {
      state = "broken"
      return Effect.logWarning(`What was made so far ${message}; it is not shown from here on`)
    }))
  })

  const made = (output: string, rows: ReadonlyArray<object>, from: number) =>
    Effect.suspend(() => {
      const row = outputs[output]
      if (row === undefined) throw new Error(`a stage shows rows of "${output}", which it does not make`)
      const encode = Schema.encodeUnknownExit(row)
      const shown = rows.flatMap((each, index) => isKept(from + index) ? [notable(encode(each))] : [])
      const before = pending.get(output)
      if (before === undefined || from <= before.from) {
        pending.set(output, { from, made: from + rows.length, rows: shown })
      } else {
        before.rows.splice(keptBefore(from) - keptBefore(before.from), Infinity, ...shown)
        before.made = from + rows.length
      }
      if (state === "silent") state = "showing"
      if (leftOut || !shown.includes(undefined)) return Effect.void
      leftOut = true
      return Effect.logWarning(
        `Rows of ${output} made so far that hold a number which is not finite, or no value of their column, are not shown`,
      )
    })

  return {
    made,
    advance: ({ done, total, unit }) =>
      Effect.suspend(() => {
        // What an earlier execution saved was not taken up.
        if (reached === undefined && saved !== undefined && done < saved.done) saved = undefined
        reached = { done, total, unit }
        return performance.now() - written >= INTERVAL ? write : Effect.void
      }),
    unfinished: {
      ...unfinished,
      restore: Effect.tap(
        unfinished.restore,
        Effect.fnUntraced(function*(files) {
          if (files !== undefined) saved = (yield* Effect.orElseSucceed(log.read, () => undefined))?.saved
        }),
      ),
      save: (files) =>
        Effect.tap(unfinished.save(files), () => {
          saved = reached
          return write
        }),
    },
    end: Effect.suspend(() => (pending.size === 0 ? Effect.void : write)),
  }
}

const isJson = Schema.is(Schema.Record(Schema.String, Schema.Json))

/** A row as the log has it; undefined where JSON cannot hold it, as with a loss that is NaN. */
const notable = (encoded: Exit.Exit<object, unknown>): Row | undefined => {
  if (Exit.isFailure(encoded)) return undefined
  const row = { ...encoded.value }
  return isJson(row) ? row : undefined
}

/** A row that cannot be noted has its place, so that those after it have theirs, and null in each column. */
const columnsOf = ({ from, made, rows }: Pending): Said["rows"][string] => {
  const names = new Set(rows.flatMap((row) => Object.keys(row ?? {})))
  return {
    from,
    made,
    columns: Object.fromEntries([...names].map((name) => [name, rows.map((row) => row?.[name] ?? null)])),
  }
}
