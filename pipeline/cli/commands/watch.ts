import { Deferred, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type { Digest } from "../../base/digest.ts"
import { InputError, type StoreError } from "../../base/errors.ts"
import { fitted } from "../../base/text.ts"
import { Hashing } from "../../graph/hashing.ts"
import { Store } from "../../store/store.ts"
import { confirmed } from "../confirm.ts"
import { limitFlags, limitsOf } from "../limits.ts"
import { agreedTo, noticeFor, noticeText } from "../notice.ts"
import { graphOf, jsonFlag, notRunFlag, profileFlag, Project, verboseFlag } from "../project.ts"
import { nodesArgument } from "../selecting.ts"
import { onStopping } from "../signals.ts"
import { interruptedText, stoppingText } from "../text/interrupted.ts"
import { print } from "../text/output.ts"
import { engine, isEngine, type Watching } from "../watch/engine.ts"
import { Engines } from "../watch/engines.ts"
import { ignoredIn } from "../watch/places.ts"
import { jsonScreen, screenOf } from "../watch/screen.ts"
import { makeWatcher } from "../watch/watcher.ts"

/** `dag watch`: keeps the selected nodes, or all, up to date as files change. */
export const watch = Command.make("watch", {
  selectors: nodesArgument("Nodes to keep up to date, with all nodes that they depend on; every node if left out"),
  exclude: notRunFlag,
  profile: profileFlag,
  json: jsonFlag,
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDescription("Do not ask before the first run, nor before a later one that an edit makes ask"),
    Flag.withDefault(false),
  ),
  ...limitFlags,
  verbose: verboseFlag,
}, ({ selectors, exclude, profile, json, yes, jobs, memory, gpus, verbose }) =>
  Effect.gen(function*() {
    const watching = { selection: { include: selectors, exclude }, profile, limits: { jobs, memory, gpus } }
    return yield* isEngine() ? engine(watching, yes) : command(watching, { json, yes, verbose })
  })).pipe(Command.withDescription(
    "Bring nodes up to date, then watch the files that they are made of: corpora, templates, code and dag.config.ts. After a change, what it affects runs again; what runs and is no longer wanted is stopped, and what it saved stays. Ctrl-C ends it, as dag run",
  ))

/** Starts engines and watches files until it is interrupted. */
const command = Effect.fnUntraced(function*(
  { profile, limits }: Watching,
  { json, yes, verbose }: { readonly json: boolean; readonly yes: boolean; readonly verbose: boolean },
) {
  const { root, store, settings } = yield* Project
  const { unfinished } = yield* Store
  // A profile or a filter that is not there is a mistake in the command line, which no edit repairs.
  const graph = yield* graphOf(profile)
  yield* limitsOf(graph, limits)
  const screen = json ? jsonScreen(root) : screenOf(root, verbose)
  const ended = yield* Deferred.make<void, InputError | StoreError>()
  const end = (error: InputError | StoreError | undefined): void => {
    Effect.runFork(error === undefined ? Deferred.succeed(ended, undefined) : Deferred.fail(ended, error))
  }
  const running = new Map<string, Digest>()
  const finished = new Set<string>()
  const services = yield* Effect.context<Project | Store>()
  const mayBegin = Effect.fnUntraced(function*(nodes: ReadonlyArray<string>) {
    const notice = yield* noticeFor(nodes.flatMap((name) => graph.nodes.get(name) ?? []))
    if (notice !== undefined && !json) screen.say(noticeText(notice))
    if (yes) return true
    return notice?.asks === undefined ? json || (yield* confirmed) : yield* agreedTo(notice.asks, json)
  })

  const watcher = makeWatcher(ignoredIn(root, store), {
    changed: (paths, lasting) => {
      screen.changed(lasting)
      engines.changed(paths)
    },
    // What happened before a path was watched is found by looking at all.
    settled: () => engines.changed([]),
    failed: (message, help) => screen.say(`warning: ${message}\n  help: ${help}`),
  })
  // What the .env file says is read by each engine, so that an edit of it counts.
  const environment = { ...process.env }
  for (const name of settings.fromFile) delete environment[name]
  let watched = ""
  const hashing = yield* Hashing
  const engines = new Engines(process.argv[1] ?? "", environment, {
    first: (planned) => {
      const { preview, nodes, run, may } = planned
      if (!json && preview !== null) screen.say(preview)
      screen.planned(planned)
      return run + may === 0
        ? Promise.resolve(true)
        : Effect.runPromiseWith(services)(
          Effect.catchTag(mayBegin(nodes), ["InputError", "StoreError"], (error) =>
            Effect.sync(() => {
              end(error)
              return false
            })),
        )
    },
    planned: screen.planned,
    building: screen.building,
    broken: screen.broken,
    problem: screen.problem,
    repaired: screen.repaired,
    happened: ({ event }) => {
      if (event._tag === "NodeElsewhere" && !event.lost && engines.executes(event.key)) return screen.goesOn(event)
      if (event._tag === "NodeStarted") running.set(event.node, event.key)
      if (event._tag === "NodeSucceeded" && !event.shared) finished.add(event.node)
      if (event._tag === "NodeSucceeded" || event._tag === "NodeFailed") running.delete(event.node)
      screen.event(event)
    },
    hashing: ({ title, done, total }) => hashing(title, done, total),
    stopping: (message) => {
      running.delete(message.held.node)
      screen.stopping(message)
    },
    settled: screen.settled,
    watched: (paths) => {
      const text = JSON.stringify(paths)
      if (text !== watched) watcher.watch(paths)
      watched = text
    },
    sees: watcher.sees,
    ended: (wrong) => {
      if (wrong === undefined) return end(undefined)
      if (!("printed" in wrong)) {
        const { message, help, file, line, field } = wrong.failure
        return end(
          new InputError({
            message,
            help,
            ...(file === undefined ? {} : { file }),
            ...(line === undefined ? {} : { line }),
            ...(field === undefined ? {} : { field }),
          }),
        )
      }
      // The build has said it in its own words.
      process.stderr.write(wrong.printed)
      process.exitCode = 1
      return end(undefined)
    },
  })
  yield* onStopping(() => {
    if (running.size > 0 && !json) screen.say(stoppingText)
  })
  yield* Deferred.await(ended).pipe(
    Effect.ensuring(Effect.promise(async () => {
      await Promise.all([watcher.close(), engines.close()])
      screen.close()
    })),
    Effect.onInterrupt(() =>
      Effect.gen(function*() {
        const stopped = yield* Effect.forEach(running, ([node, key]) =>
          Effect.map(
            Effect.orElseSucceed(unfinished(key).isThere, () => false),
            (saved) => ({ node, saved }),
          ))
        if (json) return
        yield* print(fitted(interruptedText(finished.size, stopped), process.stdout.columns))
      })
    ),
  )
}, Effect.scoped)
