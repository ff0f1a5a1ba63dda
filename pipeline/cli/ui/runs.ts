import { watch } from "chokidar"
import { Effect, Semaphore } from "effect"
import { basename } from "node:path"
import { type LineReader, makeLineReader } from "../../store/chain.ts"
import { Disk } from "../../store/disk.ts"
import { kernelSays } from "../../store/owner.ts"
import { runNames } from "../../store/runs.ts"
import { Store } from "../../store/store.ts"
import type { LiveMessage, RunMessage, RunSummary } from "./messages.ts"
import { endedRun, RunState } from "./run-state.ts"

/** A log that is read as it grows. */
interface Followed {
  state: RunState
  reader: LineReader
  /** Bytes that were read. */
  at: number
}

/** How large the pieces are in which a log is read, in bytes. */
const PIECE = 1 << 20

/** The first and the last line of a log are in so many bytes at its ends. */
const END = 1 << 14

/** Changes of a log that come within so many milliseconds are said together. */
const TOGETHER = 60

/** The runs of a store, read once and followed as their logs grow. */
export interface Runs {
  /** The newest first. */
  readonly list: Effect.Effect<ReadonlyArray<RunSummary>>
  readonly run: (name: string) => Effect.Effect<RunMessage | undefined>
  readonly listen: (hear: (message: LiveMessage) => void) => () => void
}

/** Follows the runs of a store until the scope ends; `changed` is called when nodes were made, and when a run ends. */
export const makeRuns = Effect.fnUntraced(function*(changed: (hasEnded: boolean) => void) {
  const store = yield* Store
  const disk = yield* Disk
  const { folder, path: pathOf, nameOf } = store.layout.runs
  const followed = new Map<string, Followed>()
  const hearers = new Set<(message: LiveMessage) => void>()
  const one = yield* Semaphore.make(1)
  let alive: ReadonlySet<string> = new Set()

  // By heartbeats, since a run that lives may be at work on no node for a moment. A reader asks the kernel alone.
  const look = Effect.gen(function*() {
    const { folder: beating, nameOf: ownerOf } = store.layout.processes
    const files = yield* Effect.orElseSucceed(disk.list(beating), (): ReadonlyArray<string> => [])
    const found = new Set<string>()
    for (const owner of files.flatMap((file) => ownerOf(file) ?? [])) {
      if (kernelSays(owner) === "dead") continue
      const { run = null } = (yield* store.processes.heartbeat(owner)) ?? {}
      if (run !== null) found.add(run)
    }
    alive = found
  })

  /** Reads what was added to a log; undefined where there is none. */
  const advance = Effect.fnUntraced(function*(run: string) {
    const file = yield* disk.source(pathOf(run))
    if (file === undefined) {
      followed.delete(run)
      return undefined
    }
    const known = followed.get(run)
    // A log that is shorter than it was is another one.
    const own: Followed = known !== undefined && known.at <= file.size
      ? known
      : { state: new RunState(run), reader: makeLineReader(run), at: 0 }
    followed.set(run, own)
    try {
      for (; own.at < file.size;) {
        const end = Math.min(file.size, own.at + PIECE)
        for (const line of own.reader.take(file.read(own.at, end))) own.state.take(line)
        own.at = end
        yield* Effect.yieldNow
      }
    } finally {
      file.close()
    }
    return own.state
  })
  const ended = new Map<string, RunSummary>()
  /** A run that ended, by both ends of its log; undefined where it has to be read whole. */
  const peeked = Effect.fnUntraced(function*(run: string) {
    const known = ended.get(run)
    if (known !== undefined) return known
    const file = yield* disk.source(pathOf(run))
    if (file === undefined) return undefined
    try {
      const text = (start: number, end: number): ReadonlyArray<string> =>
        Buffer.from(file.read(start, end)).toString("utf8").split("\n")
      const [first = ""] = text(0, Math.min(file.size, END))
      const last = text(Math.max(0, file.size - END), file.size).at(-2) ?? ""
      const found = endedRun(run, first, last)
      if (found !== undefined) ended.set(run, found)
      return found
    } finally {
      file.close()
    }
  })
  const advanced = (run: string) => one.withPermits(1)(Effect.orElseSucceed(advance(run), () => undefined))

  const fork = Effect.runForkWith(yield* Effect.context())
  const waiting = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const say = Effect.gen(function*() {
    timer = undefined
    const names = [...waiting]
    waiting.clear()
    yield* look
    for (const name of names) {
      const state = yield* advanced(name)
      if (state === undefined || !state.isRun) continue
      const nodes = state.changes()
      const message: LiveMessage = { _tag: "Run", run: state.summary(alive.has(name)), nodes }
      for (const hear of hearers) hear(message)
      if (state.hasEnded || nodes.some((node) => node.state === "done" || node.state === "failed")) {
        changed(state.hasEnded)
      }
    }
  })
  // A folder that is not there yet is made by the first run; whoever only looks makes none.
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const watcher = watch(folder, { ignoreInitial: true, usePolling: false, atomic: false, followSymlinks: false })
      watcher.on("all", (_, path) => {
        const name = nameOf(basename(path))
        if (name === undefined) return
        waiting.add(name)
        timer ??= setTimeout(() => fork(say), TOGETHER)
      })
      // Without it the page shows what is there when it is asked for.
      watcher.on("error", () => undefined)
      return watcher
    }),
    (watcher) =>
      Effect.promise(async () => {
        clearTimeout(timer)
        await watcher.close()
      }),
  )

  return {
    list: Effect.gen(function*() {
      yield* look
      const names = yield* Effect.orElseSucceed(runNames, (): ReadonlyArray<string> => [])
      const all: Array<RunSummary> = []
      for (const name of names.toReversed()) {
        const peek = yield* Effect.orElseSucceed(peeked(name), () => undefined)
        const state = peek === undefined ? yield* advanced(name) : undefined
        if (peek !== undefined) all.push(peek)
        else if (state?.isRun === true) all.push(state.summary(alive.has(name)))
        yield* Effect.yieldNow
      }
      return all
    }).pipe(Effect.provideService(Store, store), Effect.provideService(Disk, disk)),
    run: Effect.fnUntraced(
      function*(name) {
        const names = yield* Effect.orElseSucceed(runNames, (): ReadonlyArray<string> => [])
        if (!names.includes(name)) return undefined
        yield* look
        const state = yield* advanced(name)
        return state?.isRun === true ? state.message(alive.has(name)) : undefined
      },
      Effect.provideService(Store, store),
      Effect.provideService(Disk, disk),
    ),
    listen: (hear) => {
      hearers.add(hear)
      return () => void hearers.delete(hear)
    },
  } satisfies Runs
})
