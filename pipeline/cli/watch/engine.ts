import { Deferred, Effect, Option } from "effect"
import { availableParallelism } from "node:os"
import { commitOfSoon } from "../../execute/environment.ts"
import * as LocalExecutor from "../../execute/local.ts"
import { makeThreads } from "../../execute/threads.ts"
import { Hashing } from "../../graph/hashing.ts"
import type { Graph } from "../../graph/node.ts"
import type { Selection } from "../../graph/select.ts"
import type { Limits } from "../../run/pool.ts"
import { makeSession, type Said } from "../../run/watch.ts"
import type { Forecast } from "../../status/forecast.ts"
import { type Snapshot, withStatus } from "../../status/snapshot.ts"
import { Store } from "../../store/store.ts"
import { limitsOf } from "../limits.ts"
import { mayFollow } from "../notice.ts"
import { graphOf, Project } from "../project.ts"
import { selected } from "../selecting.ts"
import { forecastText } from "../text/forecast.ts"
import { decodeToEngine, encodeFromEngine, engineVariable, type FromEngine } from "./messages.ts"
import { areData, concerns, isOutdated, sourcesOf } from "./outdated.ts"
import { isIn, placesOf } from "./places.ts"

/** How long it may take to end once its command is gone, in ms: a little more than what it executes may. */
const TO_END = 11_000

/** How long the first nodes of a plan take to start, in ms. */
const SOON = 50

/** What is watched, and with how much of the machine it runs. */
export interface Watching {
  readonly selection: Selection
  readonly profile: string
  readonly limits: NonNullable<Parameters<typeof limitsOf>[1]>
}

/** Whether this process is an engine of a `dag watch`. */
export const isEngine = (): boolean => process.env[engineVariable] !== undefined && process.send !== undefined

/**
 * Plans and runs what is watched for the `dag watch` that started this process, with the code that it was started from.
 *
 * It prints nothing and says everything in messages. It ends when that command lets go of it, or retires it and its last
 * execution has ended.
 */
export const engine = Effect.fnUntraced(function*({ selection, profile, limits: asked }: Watching, yes: boolean) {
  // What it starts is no engine.
  delete process.env[engineVariable]
  const project = yield* Project
  const { root, store, build } = project
  yield* Effect.flatMap(Store, ({ known }) => known.remember)
  const sources = sourcesOf(root, build)
  const say = (message: FromEngine): void => {
    if (process.connected) process.send?.(encodeFromEngine(message))
  }
  const ended = yield* Deferred.make<void>()
  const begins = yield* Deferred.make<{ readonly isAgreed: boolean }>()
  let isNext = false
  const isWatched = yield* Deferred.make<void>()
  let isAwaited = true
  let isFirst = true
  let known: Graph | undefined
  let watched = ""
  let soon: NodeJS.Timeout | undefined
  let retired: Set<string> | undefined

  const sayWatched = (): void => {
    const paths = placesOf(root, Object.keys(sources?.files ?? {}), known)
      .filter((path) => !isIn(store, path))
    const text = JSON.stringify(paths)
    if (text !== watched) say({ _tag: "Watched", paths })
    watched = text
  }
  /** Finding out what is to be watched reads folders; the first nodes of a plan start before. */
  const sayWatchedSoon = (): void => {
    clearTimeout(soon)
    soon = setTimeout(sayWatched, SOON)
  }
  /** What goes on holds this process; the last that ends lets it go. */
  const endIfDone = (): void => {
    if (retired?.size === 0) Effect.runFork(Deferred.succeed(ended, undefined))
  }

  /** Whether there are GPUs is asked once. */
  const limits = new Map<boolean, Limits>()
  const watchedNow = Effect.gen(function*() {
    if (isAwaited) {
      known = yield* graphOf(profile)
      sayWatched()
      // What changes from here on is seen, so that the first plan need not be made twice.
      yield* Deferred.await(isWatched)
    }
    const all = yield* graphOf(profile)
    known = all
    const { part: graph, names, excluded } = yield* selected(all, selection)
    const wantsGpu = [...graph.nodes.values()].some(({ resources }) => resources.gpu > 0)
    const found = limits.get(wantsGpu) ?? (yield* limitsOf(graph, asked))
    limits.set(wantsGpu, found)
    return { graph, asked: { names, excluded }, limits: found }
  })
  const hear = (said: Said): void => {
    switch (said._tag) {
      case "Planned": {
        const { forecast, planned } = said
        const missing = withStatus(planned, "Missing").map(({ status }) => status.set.title)
        say({
          _tag: "Planned",
          profile: planned.graph.profile,
          run: forecast.counts.WillRun,
          may: forecast.counts.MayRun,
          nodes: withStatus(planned, "WillRun", "MayRun").map(({ node }) => node.name),
          missing: [...new Set(missing)],
          preview: isFirst ? previewOf(planned, forecast) : null,
        })
        isFirst = false
        sayWatchedSoon()
        return
      }
      case "Problem":
        say(said)
        sayWatchedSoon()
        return
      case "Happened":
        return say(said)
      case "Stopping":
        return say(said)
      case "StopElsewhere":
        return say(said)
      case "Ended":
        say(said)
        retired?.delete(said.held.key)
        endIfDone()
        return
      case "Settled": {
        const { summary: { executed, cached, failed, missing, blocked, leftOut }, milliseconds } = said
        say({ _tag: "Settled", executed, cached, failed, stuck: missing + blocked + leftOut, milliseconds })
      }
    }
  }

  const worker = { program: project.program, arguments: ["worker"] }
  const threads = makeThreads(project, { most: Option.getOrElse(asked.jobs, availableParallelism), soon: true })
  yield* Effect.gen(function*() {
    const session = yield* makeSession({
      watched: watchedNow,
      selectors: [...selection.include, ...selection.exclude.flatMap((each) => ["--exclude", each])],
      commit: commitOfSoon(root),
      say: hear,
      mayBegin: Effect.fnUntraced(function*(planned) {
        const { isAgreed } = yield* Deferred.await(begins)
        // What was agreed to is the first plan, and no later one.
        if (!yes && (isNext || !isAgreed)) yield* mayFollow(planned)
        isNext = true
      }),
    })
    const services = yield* Effect.context()
    const run = Effect.runForkWith(services)
    const listener = (raw: unknown) => {
      const message = decodeToEngine(raw)
      switch (message?._tag) {
        case "Changed":
          if (retired !== undefined) return
          if (isOutdated(root, build, sources, known, message.paths)) say({ _tag: "Outdated" })
          else if (isAwaited && message.paths.length === 0) {
            isAwaited = false
            run(Deferred.succeed(isWatched, undefined))
          } else {
            if (concerns(sources, message.paths)) session.changed()
            if (!areData(sources, known, message.paths)) say({ _tag: "Current" })
          }
          return
        case "Begin":
          session.holdElsewhere(message.held)
          run(Deferred.succeed(begins, message))
          return
        case "Retire":
          run(Effect.map(session.retire, (held) => {
            retired = new Set(held.map(({ key }) => key))
            say({ _tag: "Retired", held: [...held] })
            endIfDone()
          }))
          return
        case "Stop":
          return session.stop(message.key)
        case "EndedElsewhere":
          return session.endedElsewhere(message.key)
        case undefined:
      }
    }
    process.on("message", listener)
    // The command is gone: there is nobody to work for.
    const letGo = () => {
      process.kill(process.pid, "SIGTERM")
      // What has not saved by then is ended: nobody else would end this process.
      setTimeout(() => process.exit(143), TO_END).unref()
    }
    process.once("disconnect", letGo)
    // It may have been gone before anybody listened.
    if (!process.connected) letGo()
    yield* Effect.ensuring(
      Deferred.await(ended),
      Effect.sync(() => {
        clearTimeout(soon)
        process.off("message", listener)
        process.off("disconnect", letGo)
      }),
    )
  }).pipe(
    Effect.provide(LocalExecutor.layer(threads, worker)),
    Effect.provideService(Hashing, (title, done, total) => say({ _tag: "Hashing", title, done, total })),
    Effect.scoped,
    // The channel would keep it alive.
    Effect.ensuring(Effect.sync(() => process.connected && process.disconnect())),
  )
})

const previewOf = (planned: Snapshot, forecast: Forecast): string | null => {
  const { counts: { WillRun, MayRun }, missing } = forecast
  return WillRun + MayRun + missing.length === 0 ? null : forecastText(planned.graph, forecast, false)
}
