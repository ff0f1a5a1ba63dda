import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import type { Digest } from "../../base/digest.ts"
import { InputError } from "../../base/errors.ts"
import { counted, fitted, some } from "../../base/text.ts"
import { commitOf } from "../../execute/environment.ts"
import * as LocalExecutor from "../../execute/local.ts"
import { makeThreads } from "../../execute/threads.ts"
import type { Asked } from "../../graph/needed.ts"
import { isPartial } from "../../graph/node.ts"
import { runGraph } from "../../run/scheduler.ts"
import { type Forecast, forecastOf } from "../../status/forecast.ts"
import { measuredBeside } from "../../status/measured.ts"
import { plannedRun } from "../../status/planned.ts"
import { rememberFresh } from "../../status/remember-fresh.ts"
import { type Snapshot, withStatus } from "../../status/snapshot.ts"
import type { Overrides } from "../../status/status.ts"
import { makeTimeLeft } from "../../status/time-left.ts"
import type { Disk } from "../../store/disk.ts"
import { Events } from "../../store/events.ts"
import { freeBytes } from "../../store/free.ts"
import type { FreshPlan } from "../../store/fresh-plan.ts"
import { removeStaleTemporaries } from "../../store/left-over.ts"
import { makeRunLog, newRunId } from "../../store/run-log.ts"
import { Store } from "../../store/store.ts"
import { confirmed } from "../confirm.ts"
import { noteUnusable } from "../damaged.ts"
import { exitCodes } from "../exit-codes.ts"
import { limitFlags, limitsOf } from "../limits.ts"
import { agreedTo, noticeOf, noticeText } from "../notice.ts"
import { graphOf, jsonFlag, notRunFlag, profileFlag, Project, verboseFlag } from "../project.ts"
import { nodesArgument, selected, selectedBy } from "../selecting.ts"
import { onStopping } from "../signals.ts"
import type { TimeLeft } from "../text/board.ts"
import { foldedByStage, notFolded } from "../text/folded.ts"
import { forecastText } from "../text/forecast.ts"
import { interruptedText, stoppingText } from "../text/interrupted.ts"
import { lookOfOutput, print, printJson, printNote } from "../text/output.ts"
import { jsonReporter, liveReporter, plainReporter, type Reporter } from "../text/progress.ts"
import { summaryText } from "../text/summary.ts"
import { printPlan } from "./plan.ts"
import { printResults } from "./results.ts"

/** `dag run`: brings the selected nodes, or all, up to date. */
export const run = Command.make(
  "run",
  {
    selectors: nodesArgument("Nodes to bring up to date, with all nodes that they depend on; every node if left out"),
    exclude: notRunFlag,
    profile: profileFlag,
    json: jsonFlag,
    yes: Flag.Boolean("yes").pipe(
      Flag.withAlias("y"),
      Flag.withDescription("Do not ask before running"),
      Flag.withDefault(false),
    ),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withAlias("n"),
      Flag.withDescription("Only print what would run, why, and what it takes; nothing is executed or recorded"),
      Flag.withDefault(false),
    ),
    verbose: verboseFlag,
    keepGoing: Flag.Boolean("keep-going").pipe(
      Flag.withAlias("k"),
      Flag.withDescription(
        "After a failure, still run what does not depend on it; also where named nodes miss files, without which a run of them does not begin",
      ),
      Flag.withDefault(false),
    ),
    ...limitFlags,
    force: Flag.Boolean("force").pipe(
      Flag.withDescription(
        "Execute the named nodes again though they are up to date, but not those that they depend on; * names all",
      ),
      Flag.withDefault(false),
    ),
    replace: Flag.Boolean("replace").pipe(
      Flag.withDescription("With --force: other bytes that a node makes count instead of those that the store has"),
      Flag.withDefault(false),
    ),
    freeze: Flag.String("freeze").pipe(
      Flag.withDescription("Nodes that stay as they last were in this run, whatever changed; may be given again"),
      Flag.atLeast(0),
    ),
  },
  (
    { selectors, exclude, profile, json, yes, dryRun, verbose, keepGoing, jobs, memory, gpus, force, replace, freeze },
  ) =>
    Effect.gen(function*() {
      if (replace && !force) yield* replacesNothing
      // What is asked for by a few words is remembered as a whole.
      const isOfAll = selectors.length + exclude.length + freeze.length === 0 && !force
      const all = yield* graphOf(profile, isOfAll)
      const { part: graph, chosen, ...asked } = yield* selected(all, { include: selectors, exclude })
      const limits = yield* limitsOf(graph, { jobs, memory, gpus })
      if (force && selectors.length === 0) yield* forcesNothing
      const overrides = yield* overridesOf(force ? chosen : new Set(), yield* selectedBy(graph, freeze))
      if (!dryRun) yield* Effect.flatMap(Store, ({ known }) => known.remember)
      const { planned, needed } = yield* plannedRun(graph, asked, overrides)
      const beside = yield* measuredBeside(all, planned)
      const forecast = yield* attempt(() => forecastOf(planned, limits, beside))
      const { store } = yield* Project
      yield* noteUnusable
      const { counts, missing } = forecast
      const toRun = counts.WillRun + counts.MayRun
      const frozen = withStatus(planned, "Fresh").filter(({ status }) => status.frozen === true)
      if (frozen.length > 0) {
        const names = some(frozen.map(({ node }) => node.name))
        yield* printNote(
          `${frozen.length === 1 ? "this node stays as it" : "these nodes stay as they"} last ${
            frozen.length === 1 ? "was" : "were"
          }, whatever changed: ${names}`,
        )
      }

      const isLacking = withStatus(planned, "Missing", "Blocked").some(({ node }) => needed.has(node.name))
      const goesOn = !isLacking || keepGoing
      const notice = dryRun || goesOn ? yield* noticeOf(planned) : undefined
      if (dryRun) yield* printPlan(planned, json, { ...forecast, notice })
      if (!json && toRun + missing.length > 0) {
        yield* print(forecastText(graph, forecast, isLacking, freeBytes(store)))
      }
      if (!json && notice !== undefined) yield* print(noticeText(notice))
      if (!goesOn) {
        if (json && !dryRun) yield* printJson({ missing: missing.map(({ set, names }) => ({ ...set, names })) })
        return yield* new InputError({
          message: `${counted(missing.length, "file set")} of this profile ${
            missing.length === 1 ? "is" : "are"
          } missing`,
          help: "put the files where they are expected, or use --keep-going to run what does not need them",
          lacksFiles: true,
        })
      }
      if (dryRun) return yield* json ? Effect.void : print("Nothing was done: --dry-run.")
      if (toRun > 0 && !yes) {
        const agrees = notice?.asks !== undefined ? yield* agreedTo(notice.asks, json) : json || (yield* confirmed)
        if (!agrees) return yield* print("Nothing was done.")
      }
      // In one line, as the events that follow.
      if (json && notice !== undefined) yield* print(JSON.stringify({ notice: notice.facts }))
      const { summary, conflicts, failed, since } = yield* execute(planned, {
        selectors: [...selectors, ...exclude.flatMap((each) => ["--exclude", each])],
        asked,
        limits,
        forecast,
        keepGoing,
        replace,
        json,
        verbose,
      })
      const isWhole = summary.failed + summary.missing + summary.blocked === 0
      if (summary.failed > 0) process.exitCode = exitCodes.failed
      else if (!isWhole) process.exitCode = exitCodes.missing
      else if (conflicts > 0) process.exitCode = exitCodes.found
      if (json) return
      const project = yield* Project
      const node = graph.nodes.get(project.experiment.results?.node ?? "")
      const remember = (results: FreshPlan["results"]) =>
        isOfAll && isWhole && since !== undefined ? rememberFresh(planned, project, since, results) : Effect.void
      if (node === undefined) yield* remember(null)
      // Results that were left out are not those of this run.
      if (node === undefined || planned.overrides.leftOut?.has(node.name) === true) return
      if (isWhole) {
        const printed = yield* printResults(graph)
        if (printed !== undefined) yield* remember({ ...printed, look: lookOfOutput() })
        return
      }
      // What there is is worth printing also where something failed: where it gathers that, and did not fail itself.
      if (isPartial(node) && !failed.has(node.name)) yield* Effect.ignore(printResults(graph))
    }),
).pipe(Command.withDescription(
  "Bring nodes up to date: execute those that are not. Where they hold the results, as all nodes do, the table of what there is follows. Exit code 0: done, 1: a node failed, 3: a node of --force made other bytes than the store has, and they do not count, 6: files are missing",
))

const replacesNothing = Effect.fail(
  new InputError({
    field: "--replace",
    message: "needs --force",
    help: "name the nodes to execute again: dag run NODE --force --replace",
  }),
)

const forcesNothing = Effect.fail(
  new InputError({
    field: "--force",
    message: "needs the nodes to execute again",
    help: "name them: dag run NODE --force; * names all",
  }),
)

/** The nodes that are to run, or to stay, whatever changed. */
const overridesOf = (
  forced: ReadonlySet<string>,
  frozen: ReadonlySet<string>,
): Effect.Effect<Overrides, InputError> => {
  const both = [...forced].find((name) => frozen.has(name))
  return both === undefined ? Effect.succeed({ forced, frozen }) : Effect.fail(
    new InputError({
      field: both,
      message: "is to be executed by --force and to stay as it is by --freeze",
      help: "name it in one of them",
    }),
  )
}

const execute = Effect.fnUntraced(function*(
  planned: Snapshot,
  { selectors, asked, limits, forecast, keepGoing, replace, json, verbose }: {
    readonly selectors: ReadonlyArray<string>
    readonly asked: Asked
    readonly limits: Parameters<typeof runGraph>[2]["limits"]
    readonly forecast: Forecast
    readonly keepGoing: boolean
    readonly replace: boolean
    readonly json: boolean
    readonly verbose: boolean
  },
) {
  const project = yield* Project
  const { graph } = planned
  const id = newRunId(new Date())
  const { processes, unfinished } = yield* Store
  yield* processes.named(id)
  const toRun = [...planned.nodes.values()].filter(({ status }) => status._tag === "WillRun").map(({ node }) => node)
  // A store that cannot be written to at all is one error, before anything starts.
  if (toRun.length > 0) yield* processes.begin
  yield* removeStaleTemporaries
  // Whether a process of another machine has died is seen only by who watches its heartbeat for a while.
  const services = yield* Effect.context<Store | Disk>()
  processes.eachBeat(Effect.provideContext(Effect.ignore(removeStaleTemporaries), services))
  const started = Date.now()
  let finished = 0
  let conflicts = 0
  const failed = new Set<string>()
  /** The keys of nodes that were not up to date before; undefined where that is not all that became of nodes. */
  let since: Map<string, Digest> | undefined = new Map()
  const running = new Map<string, Digest>()
  const log = yield* makeRunLog(id)
  const timeLeft = makeTimeLeft(planned, forecast, limits)
  const left: TimeLeft = {
    ofRun: () => timeLeft.ofRun(Date.now()),
    ofNode: (node, measured) => timeLeft.ofNode(node, Date.now()) ?? measured,
  }
  const facts = { folded: verbose ? notFolded : foldedByStage(planned), left }
  const reporter: Reporter = json ? jsonReporter() : process.stdout.isTTY ? liveReporter(facts) : plainReporter(facts)
  const threads = { most: limits.jobs, soon: toRun.some(({ stage }) => stage.isolation === "inline") }
  const options = Effect.sync(() => ({
    run: id,
    selectors,
    asked,
    limits,
    keepGoing,
    replace,
    ...(forecast.order === undefined ? {} : { order: forecast.order }),
    // Asking git costs more than a run with nothing to do.
    commit: toRun.length > 0 ? commitOf(project.root) : { commit: null, dirty: false },
  }))
  const worker = { program: project.program, arguments: ["worker"] }
  // What runs may take up to ten seconds to save what it has done.
  yield* onStopping(() => {
    if (running.size > 0) reporter.say(stoppingText)
  })
  const summary = yield* Effect.flatMap(options, (how) => runGraph(graph, planned, how)).pipe(
    Effect.provideService(Events, {
      emit: (event) => {
        timeLeft.take(event, Date.now())
        if (event._tag === "NodeStarted") running.set(event.node, event.key)
        if (
          event._tag === "NodeSucceeded" || event._tag === "NodeFailed" || event._tag === "NodeRetried"
          || event._tag === "ObjectDamaged"
        ) {
          running.delete(event.node)
        }
        if (event._tag === "NodeFailed") failed.add(event.node)
        if (event._tag === "ObjectDamaged") since = undefined
        if (event._tag === "NodeSucceeded" || (event._tag === "NodeCached" && event.elsewhere === true)) {
          since?.set(event.node, event.key)
        }
        if (event._tag === "NodeSucceeded") {
          finished++
          if (event.again === "other") conflicts++
        }
        return Effect.andThen(log(event), reporter.show(event))
      },
    }),
    Effect.provide(LocalExecutor.layer(makeThreads(project, threads), worker)),
    Effect.onInterrupt(() =>
      Effect.gen(function*() {
        yield* reporter.close
        const stopped = yield* Effect.forEach(running, ([node, key]) =>
          Effect.map(
            Effect.orElseSucceed(unfinished(key).isThere, () => false),
            (saved) => ({ node, saved }),
          ))
        if (!json) {
          yield* print(fitted(interruptedText(finished, stopped), process.stdout.columns))
        }
      })
    ),
    Effect.ensuring(reporter.close),
  )
  if (!json) yield* print(summaryText(summary, Date.now() - started))
  return { summary, conflicts, failed, since }
}, Effect.scoped)
