import { Effect, Schema } from "effect"
import { randomInt } from "node:crypto"
import { StoreError } from "../base/errors.ts"
import { makeChain } from "./chain.ts"
import { Disk } from "./disk.ts"
import { Event } from "./events.ts"
import { Store } from "./store.ts"

const encode = Schema.encodeSync(Event)

/** What there is in most runs is written as it is, texts and whole numbers: making an encoder takes 10 ms. */
const plain: ReadonlySet<string> = new Set<Event["_tag"]>([
  "RunStarted",
  "NodeQueued",
  "NodeStarted",
  "NodeSucceeded",
  "NodeCached",
  "NodesCached",
  "RunFinished",
])

/**
 * A name for a run that sorts by its start: date, time, milliseconds in two digits of base 36, and a few digits that no
 * other process has at that time.
 */
export const newRunId = (now: Date): string => {
  const time = now.toISOString().replaceAll(/[-:]/gu, "").replace("T", "-").slice(0, 15)
  const digits = (value: number) => value.toString(36).padStart(2, "0")
  // In containers many processes have the same id.
  return `${time}-${digits(now.getUTCMilliseconds())}${process.pid.toString(36)}${digits(randomInt(36 ** 2))}`
}

/** An event as one line of JSON, with the time it happened at. */
export const eventLine = (event: Event, now: Date): string =>
  JSON.stringify({ at: now.toISOString(), ...(plain.has(event._tag) ? event : encode(event)) })

/**
 * Appends a run's events to `runs/<run>.ndjson`, those that come in hundreds a moment later, together.
 *
 * Nothing is written before something happens to a node; the first lines are there whole, or there is no log.
 *
 * A log that cannot be written does not end the run: it says so once and the run goes on.
 */
export const makeRunLog = Effect.fnUntraced(function*(run: string) {
  const disk = yield* Disk
  const store = yield* Store
  const { folder, path: pathOf } = store.layout.runs
  const path = pathOf(run)
  const chain = makeChain(run)
  const begin = Effect.fnUntraced(function*(text: string) {
    const file = yield* store.temporary
    yield* disk.write(file, text)
    yield* disk.makeFolder(folder)
    yield* disk.rename(file, path)
  })
  /** A log that somebody removed, as one of a process that stood still, has no beginning for what comes. */
  const goOn = Effect.fnUntraced(function*(text: string) {
    if ((yield* disk.stat(path)) === undefined) return yield* new StoreError({ path, message: "was removed", help: "" })
    yield* disk.append(path, text)
  })
  const held: Array<{ readonly event: Event; readonly at: Date }> = []
  let state: "closed" | "open" | "broken" = "closed"
  let later: NodeJS.Timeout | undefined
  const flush = Effect.suspend(() => {
    clearTimeout(later)
    later = undefined
    if (state === "broken" || held.length === 0) return Effect.void
    const text = held.splice(0).map((each) => chain.link(eventLine(each.event, each.at))).join("")
    const write = state === "open" ? goOn(text) : begin(text)
    state = "open"
    return write.pipe(Effect.catch((error) =>
      Effect.sync(() => {
        state = "broken"
        process.stderr.write(`warning: the log of this run ${error.message} (${path}); the run goes on\n`)
      })
    ))
  })
  return (event: Event): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (state === "broken") return Effect.void
      held.push({ event, at: new Date() })
      // A run in which every node is up to date changes nothing and leaves no log.
      const nothingYet = quiet.has(event._tag)
      if (state === "closed") return nothingYet ? Effect.void : flush
      if (!many.has(event._tag)) return flush
      later ??= setTimeout(() => Effect.runFork(flush), LATER)
      return Effect.void
    })
})

/** What happens too where nothing is to be done. */
const quiet: ReadonlySet<string> = new Set<Event["_tag"]>(["RunStarted", "NodeCached", "NodesCached", "RunFinished"])

/** For how long lines wait for others to be written with, in ms. */
const LATER = 25

/** What there may be thousands of in a moment. Whatever else happens is written at once, with what waits. */
const many: ReadonlySet<string> = new Set<Event["_tag"]>([
  "NodeQueued",
  "NodeStarted",
  "NodeProgressed",
  "NodeSucceeded",
  "NodeCached",
])
