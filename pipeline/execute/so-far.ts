import { Effect, Schema } from "effect"
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
  readonly rows: Array<Readonly<Record<string, unknown>>>
}

/**
 * Writes what an execution makes into the log of its unfinished state, a little behind. Nothing is written for a stage
 * that shows no rows. A log that cannot be written ends nothing: it is said once, and the stage goes on.
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
    Effect.sync(() => {
      const row = outputs[output]
      if (row === undefined) throw new Error(`a stage shows rows of "${output}", which it does not make`)
      const encode = Schema.encodeUnknownSync(row)
      const shown = rows.flatMap((each, index) => isKept(from + index) ? [{ ...encode(each) }] : [])
      const before = pending.get(output)
      if (before === undefined || from <= before.from) {
        pending.set(output, { from, made: from + rows.length, rows: shown })
      } else {
        before.rows.splice(keptBefore(from) - keptBefore(before.from), Infinity, ...shown)
        before.made = from + rows.length
      }
      if (state === "silent") {
        state = "showing"
      }
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

const columnsOf = ({ from, made, rows }: Pending): Said["rows"][string] => ({
  from,
  made,
  columns: Object.fromEntries(
    Object.keys(rows[0] ?? {}).map((name) => [name, rows.map((row) => row[name]) as ReadonlyArray<Schema.Json>]),
  ),
})
