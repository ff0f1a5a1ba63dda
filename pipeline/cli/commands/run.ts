import { Effect, Option } from "effect"
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
import { isMeasured, plannedPart } from "../../status/changed-plan.ts"
import { type Forecast, forecastOf } from "../../status/forecast.ts"
import { measuredBeside } from "../../status/measured.ts"
import { plannedToRun } from "../../status/planned-to-run.ts"
import { rememberFresh } from "../../status/remember-fresh.ts"
import { type Snapshot, withStatus } from "../../status/snapshot.ts"
import { makeTimeLeft } from "../../status/time-left.ts"
import type { Disk } from "../../store/disk.ts"
import { Events } from "../../store/events.ts"
import { freeBytes } from "../../store/free.ts"
import type { FreshPlan } from "../../store/fresh-plan.ts"
import { removeStaleTemporaries } from "../../store/left-over.ts"
import { makeRunLog, newRunId } from "../../store/run-log.ts"
import { Store } from "../../store/store.ts"
import { type Cluster, clusterOf } from "../cluster.ts"
import { confirmed } from "../confirm.ts"
import { noteUnusable } from "../damaged.ts"
import { executorFlag, executorFor } from "../executor.ts"
import { exitCodes } from "../exit-codes.ts"
import { limitFlags, limitsOf } from "../limits.ts"
import { agreedTo, noticeOf, noticeText } from "../notice.ts"
import { forcesNothing, overridesOf, replacesNothing } from "../overrides.ts"
import { graphOf, jsonFlag, notRunFlag, profileFlag, profileNamed, Project, verboseFlag } from "../project.ts"
import { noteForgotten, noteGone } from "../remote.ts"
import { nodesArgument, selected, selectedBy } from "../selecting.ts"
import { sharedBy } from "../sharing.ts"
import { onStopping } from "../signals.ts"
import type { TimeLeft } from "../text/board.ts"
import { foldedByStage, notFolded } from "../text/folded.ts"
import { forecastText } from "../text/forecast.ts"
import { interruptedText, leftText, stoppingText } from "../text/interrupted.ts"
import { noteText, print, printJson, printNote } from "../text/output.ts"
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
    executor: executorFlag,
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
    noPush: Flag.Boolean("no-push").pipe(
      Flag.withDescription("Do not push what is executed to the remote"),
      Flag.withDefault(false),
    ),
    freeze: Flag.String("freeze").pipe(
      Flag.withDescription("Nodes that stay as they last were in this run, whatever changed; may be given again"),
      Flag.atLeast(0),
    ),
  },
  (given) =>
    Effect.gen(function*() {
      const agreed = yield* runOnce(given, noneAgreed, true)
      // What was found damaged is seen by a plan of all nodes.
      if (agreed !== undefined) yield* runOnce(given, agreed, false)
    }),
).pipe(Command.withDescription(
  "Bring nodes up to date: execute those that are not. Where they hold the results, as all nodes do, the table of what there is follows. Exit code 0: done, 1: a node failed, 3: a node of --force made other bytes than the store has, and they do not count, 6: files are missing",
))

/** What the command line says. */
interface Given extends NonNullable<Parameters<typeof limitsOf>[1]> {
  readonly selectors: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
  readonly profile: string
  readonly json: boolean
  readonly yes: boolean
  readonly dryRun: boolean
  readonly verbose: boolean
  readonly keepGoing: boolean
  readonly executor: Option.Option<string>
  readonly force: boolean
  readonly replace: boolean
  readonly noPush: boolean
  readonly freeze: ReadonlyArray<string>
}

/** Brings nodes up to date on this machine, whatever executes the profile otherwise. */
export const runOnThisMachine = (given: Pick<Given, "selectors" | "profile" | "yes" | "jobs">) =>
  Effect.gen(function*() {
    const whole: Given = { ...given, ...plainly }
    const agreed = yield* runOnce(whole, noneAgreed, false)
    if (agreed !== undefined) yield* runOnce(whole, agreed, false)
  })

/** What a command line says that says nothing but what to run. */
const plainly = {
  exclude: [],
  json: false,
  dryRun: false,
  verbose: false,
  keepGoing: true,
  executor: Option.some("local"),
  memory: Option.none(),
  gpus: Option.none(),
  force: false,
  replace: false,
  noPush: false,
  freeze: [],
} as const

/** The nodes that the user has agreed to run, and those that a notice asked about before. */
interface Agreed {
  readonly nodes: ReadonlySet<string>
  readonly noticed: ReadonlySet<string>
}

const noneAgreed: Agreed = { nodes: new Set(), noticed: new Set() }

/**
 * Plans and runs, or only looks at what changed since all was up to date where it `mayBePart`. Where that does not do, it is
 * to be done once more with all nodes, and this gives what has been agreed to: nobody is asked for the same twice.
 */
const runOnce = Effect.fnUntraced(function*(given: Given, before: Agreed, mayBePart: boolean) {
  const { selectors, exclude, profile, json, yes, dryRun, verbose, keepGoing, force, replace, noPush, freeze } = given
  if (replace && !force) yield* replacesNothing
  // What is asked for by a few words is remembered as a whole.
  const isOfAll = selectors.length + exclude.length + freeze.length === 0 && !force
  if (!dryRun) yield* Effect.flatMap(Store, ({ known }) => known.remember)
  const project = yield* Project
  const { experiment, changed, store } = project
  const isOnCluster = (yield* executorFor(given.executor, yield* profileNamed(profile))) === "slurm"
  const found = isOfAll && mayBePart && changed !== undefined && !isOnCluster
    ? yield* plannedPart(experiment, changed)
    : undefined
  const all = found?.planned.graph ?? (yield* graphOf(profile, isOfAll))
  const { part, chosen, ...asked } = yield* selected(all, { include: selectors, exclude })
  const cluster = isOnCluster ? yield* clusterOf(part, all, given) : undefined
  const graph = cluster?.graph ?? part
  const limits = cluster?.limits ?? (yield* limitsOf(graph, given))
  if (force && selectors.length === 0) yield* forcesNothing
  const overrides = yield* overridesOf(force ? chosen : new Set(), yield* selectedBy(graph, freeze))
  const { planned, needed } = found
    ?? (yield* Effect.tap(plannedToRun(graph, asked, overrides), ({ gone }) => noteGone(gone)))
  yield* noteForgotten(planned)
  const whole = found === undefined || isMeasured(planned) ? all : yield* graphOf(profile)
  const beside = yield* measuredBeside(whole, planned)
  const forecast = yield* attempt(() => forecastOf(planned, limits, beside))
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
      message: `${counted(missing.length, "file set")} of this profile ${missing.length === 1 ? "is" : "are"} missing`,
      help: "put the files where they are expected, or use --keep-going to run what does not need them",
      lacksFiles: true,
    })
  }
  if (dryRun) {
    if (!json && cluster !== undefined && toRun > 0) yield* print(yield* cluster.scripts(planned, forecast))
    if (!json) yield* print("Nothing was done: --dry-run.")
    return undefined
  }
  if (cluster !== undefined && toRun > 0) yield* cluster.isThere
  const agreed: Agreed = {
    nodes: new Set(withStatus(planned, "WillRun", "MayRun").map(({ node }) => node.name)),
    noticed: notice?.asks === undefined ? before.noticed : notice.nodes,
  }
  if (toRun > 0 && !yes) {
    const agrees = notice?.asks !== undefined && !notice.nodes.isSubsetOf(before.noticed)
      ? yield* agreedTo(notice.asks, json)
      : json || agreed.nodes.isSubsetOf(before.nodes) || (yield* confirmed)
    if (!agrees) {
      // What ran before that was said where it ended.
      yield* print(before === noneAgreed ? "Nothing was done." : "Nothing more was done.")
      return undefined
    }
  }
  // In one line, as the events that follow.
  if (json && notice !== undefined) yield* print(JSON.stringify({ notice: notice.facts }))
  const { summary, conflicts, failed, since } = yield* execute(planned, {
    selectors: [...selectors, ...exclude.flatMap((each) => ["--exclude", each])],
    asked,
    limits,
    cluster,
    forecast,
    keepGoing,
    replace,
    noPush,
    json,
    verbose,
  })
  if (summary.damaged !== undefined) return agreed
  const isWhole = summary.failed + summary.missing + summary.blocked === 0
  if (summary.failed > 0) process.exitCode = exitCodes.failed
  else if (!isWhole) process.exitCode = exitCodes.missing
  else if (conflicts > 0) process.exitCode = exitCodes.found
  if (json) return undefined
  const view = experiment.results
  // Results speak of all nodes.
  const shown = found === undefined || view === undefined ? graph : yield* graphOf(profile)
  const node = shown.nodes.get(view?.node ?? "")
  const remember = (results: FreshPlan["results"]) =>
    isOfAll && isWhole && since !== undefined
      ? rememberFresh(planned, project.build, since, results, found?.changed)
      : Effect.void
  if (node === undefined) yield* remember(null)
  // Results that were left out are not those of this run.
  if (node === undefined || planned.overrides.leftOut?.has(node.name) === true) return undefined
  if (isWhole) {
    const printed = yield* printResults(shown)
    if (printed !== undefined) yield* remember(printed)
    return undefined
  }
  // What there is is worth printing also where something failed: where it gathers that, and did not fail itself.
  if (isPartial(node) && !failed.has(node.name)) yield* Effect.ignore(printResults(shown))
  return undefined
})

const execute = Effect.fnUntraced(function*(
  planned: Snapshot,
  { selectors, asked, limits, cluster, forecast, keepGoing, replace, noPush, json, verbose }: {
    readonly selectors: ReadonlyArray<string>
    readonly asked: Asked
    readonly limits: Parameters<typeof runGraph>[2]["limits"]
    readonly cluster: Cluster | undefined
    readonly forecast: Forecast
    readonly keepGoing: boolean
    readonly replace: boolean
    readonly noPush: boolean
    readonly json: boolean
    readonly verbose: boolean
  },
) {
  const project = yield* Project
  const { graph } = planned
  const id = newRunId(new Date())
  const { processes, leases, unfinished } = yield* Store
  yield* processes.named(id)
  yield* leases.named(id)
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
  const shared = yield* sharedBy(!noPush, (text) => json ? printNote(text) : Effect.sync(() => reporter.say(text)))
  const threads = {
    most: limits.jobs,
    soon: toRun.some(({ stage }) => stage.isolation === "inline"),
    ...(project.ahead === undefined ? {} : { ahead: project.ahead }),
  }
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
  /** On a terminal, above what is drawn there anew each moment. */
  const note = (text: string) =>
    json || !process.stdout.isTTY ? printNote(text) : Effect.sync(() => reporter.say(noteText(text)))
  const executor = cluster !== undefined
    ? cluster.executor(id, forecast, project, note)
    : LocalExecutor.layer(makeThreads(project, threads), { program: project.program, arguments: ["worker"] })
  // What runs may take up to ten seconds to save what it has done.
  yield* onStopping(() => {
    if (running.size > 0 && cluster?.areLeft() !== true) reporter.say(stoppingText)
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
        return Effect.all([log(event), reporter.show(event), shared.heard(event)], { discard: true })
      },
    }),
    Effect.provide(executor),
    Effect.tap(() => shared.end),
    Effect.onError(() => shared.stop),
    Effect.onInterrupt(() =>
      Effect.gen(function*() {
        yield* reporter.close
        const stopped = yield* Effect.forEach(running, ([node, key]) =>
          Effect.map(
            Effect.orElseSucceed(unfinished(key).isThere, () => false),
            (saved) => ({ node, saved }),
          ))
        if (!json) {
          const text = cluster?.areLeft() === true ? leftText(finished) : interruptedText(finished, stopped)
          yield* print(fitted(text, process.stdout.columns))
        }
      })
    ),
    Effect.ensuring(reporter.close),
  )
  // A run that is known to have nothing to do would not push it either.
  if (yield* shared.owes) since = undefined
  if (!json) yield* print(summaryText(summary, Date.now() - started))
  return { summary, conflicts, failed, since }
}, Effect.scoped)
