import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { statSync } from "node:fs"
import { resolve } from "node:path"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { onPath } from "../../base/system.ts"
import { some } from "../../base/text.ts"
import { commitOf } from "../../execute/environment.ts"
import * as LocalExecutor from "../../execute/local.ts"
import { makeThreads } from "../../execute/threads.ts"
import { expand } from "../../graph/expand.ts"
import { type Graph, isPartial } from "../../graph/node.ts"
import { matching, partOf } from "../../graph/select.ts"
import type { Experiment } from "../../report/experiment.ts"
import type { ResultsView } from "../../report/results.ts"
import type { Scoring, ToScore } from "../../report/scoring.ts"
import { runGraph } from "../../run/scheduler.ts"
import { plannedRun } from "../../status/planned.ts"
import { withStatus } from "../../status/snapshot.ts"
import { Events, type Failure } from "../../store/events.ts"
import { removeStaleTemporaries } from "../../store/left-over.ts"
import { makeRunLog, newRunId } from "../../store/run-log.ts"
import { Store } from "../../store/store.ts"
import { heldResults } from "../held-results.ts"
import { limitsOf } from "../limits.ts"
import { jsonFlag, profileFlag, profileNamed, Project } from "../project.ts"
import { print, printJson } from "../text/output.ts"

/** `dag score`: scores files of predictions, and compares them with what a profile has. */
export const scoreCommand = ({ scoring }: Pick<Experiment, "scoring">) => {
  const own = Object.fromEntries(
    Object.entries(scoring?.flags ?? {}).map(([name, description]) =>
      [name, Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)] as const
    ),
  )
  return Command.make("score", {
    predictions: Flag.String("predictions").pipe(
      Flag.withDescription("A file of predictions; give it again for more files, which are compared together"),
      Flag.atLeast(0),
    ),
    own,
    profile: profileFlag,
    json: jsonFlag,
  }, ({ predictions, own: given, profile, json }) =>
    Effect.gen(function*() {
      const { experiment } = yield* Project
      const { results: view } = experiment
      if (scoring === undefined || view === undefined) {
        return yield* new InputError({
          file: "dag.config.ts",
          message: "does not say how predictions are scored",
          help: "declare `scoring` and `results`, or run what the experiment has: dag run",
        })
      }
      const asked = yield* attempt(() => askedOf(predictions, given))
      const graph = yield* graphFor(scoring, asked, profile)
      yield* bringUpToDate(graph, scoring)
      // The table is looked up as that of any profile, under the name that scoring gives it.
      const project = yield* Project
      const { tables, provenance } = yield* heldResults(graph, false).pipe(
        Effect.provideService(Project, {
          ...project,
          experiment: { ...experiment, results: { ...view, node: scoring.results } satisfies ResultsView },
        }),
      )
      yield* json
        ? printJson(scoring.facts(asked, tables, provenance))
        : print(scoring.text(asked, tables, provenance, process.stdout.columns))
    })).pipe(Command.withDescription(
      "Score files of predictions that somebody made, and compare them with what a profile has; nothing is trained. Exit code 0: done, 1: something is wrong in a file, 6: a file is missing",
    ))
}

/** What the user asks for; throws an InputError on a file that is not there. */
const askedOf = (
  predictions: ReadonlyArray<string>,
  given: Readonly<Record<string, Option.Option<string>>>,
): ToScore => {
  if (predictions.length === 0) {
    throw new InputError({
      field: "--predictions",
      message: "is missing",
      help: "name a file of predictions: --predictions FILE",
    })
  }
  for (const file of predictions) {
    const there = onPath(file, "read", "name a file of predictions", () => statSync(file, { throwIfNoEntry: false }))
    if (there?.isFile() === true) continue
    throw there === undefined
      ? new InputError({
        field: "--predictions",
        message: `there is no file ${file}`,
        help: "name a file of predictions",
        lacksFiles: true,
      })
      : new InputError({
        field: "--predictions",
        message: `${file} is ${there.isDirectory() ? "a folder" : "no file"}`,
        help: "name a file of predictions",
      })
  }
  const flags = Object.entries(given).flatMap(([name, value]) =>
    Option.isSome(value) ? [[name, value.value] as const] : []
  )
  return { files: predictions.map((file) => resolve(file)), flags: Object.fromEntries(flags) }
}

/** The graph of a profile with what scores the files. */
const graphFor = Effect.fnUntraced(function*(scoring: Scoring, asked: ToScore, profile: string) {
  const { experiment, root } = yield* Project
  const name = yield* profileNamed(profile)
  const graph = yield* attempt(() => {
    const profiles = scoring.profiles(asked)
    return expand({ ...experiment, profiles }, name, root)
  })
  if (graph.nodes.has(scoring.results)) return graph
  const others = Object.keys(experiment.profiles).filter((other) =>
    other !== name
    && hasScores(() => expand({ ...experiment, profiles: scoring.profiles(asked) }, other, root), scoring)
  )
  return yield* new InputError({
    field: "--profile",
    message: `the profile "${name}" has nothing that such predictions are scored with`,
    help: others.length === 0 ? "no profile has; name other predictions" : `name one that has: ${others.join(", ")}`,
  })
})

/** Whether a profile has what scores the files; one that cannot be expanded has not. */
const hasScores = (expanded: () => Graph, { results }: Scoring): boolean => {
  try {
    return expanded().nodes.has(results)
  } catch (cause) {
    if (cause instanceof InputError) return false
    throw cause
  }
}

/** Executes what scores the files, where the store does not have it; fails with the first failure. */
const bringUpToDate = Effect.fnUntraced(function*(whole: Graph, { scores }: Scoring) {
  const project = yield* Project
  const names = new Set(scores.flatMap((name) => matching(whole, name)))
  // The table is made of what there is: it is no part of the run, which would else train.
  for (const name of names) {
    const node = whole.nodes.get(name)
    if (node !== undefined && isPartial(node)) names.delete(name)
  }
  const graph = partOf(whole, names)
  const asked = { names, excluded: new Set<string>() }
  const { planned } = yield* plannedRun(graph, asked)
  const missing = withStatus(planned, "Missing").map(({ node }) => node.name)
  if (missing.length > 0) {
    return yield* new InputError({
      message: `files are missing that the scores are made with: ${some(missing)}`,
      help: `"dag plan --profile ${graph.profile}" says which, and where to get them`,
      lacksFiles: true,
    })
  }
  if (withStatus(planned, "Fresh").length === graph.nodes.size) return
  const { processes, known, leases } = yield* Store
  yield* known.remember
  const id = newRunId(new Date())
  yield* processes.named(id)
  yield* leases.named(id)
  yield* processes.begin
  yield* removeStaleTemporaries
  const log = yield* makeRunLog(id)
  const limits = yield* limitsOf(graph)
  let failed: Failure | undefined
  yield* runGraph(graph, planned, {
    run: id,
    selectors: [...names],
    asked,
    limits,
    keepGoing: false,
    commit: commitOf(project.root),
  }).pipe(
    Effect.provideService(Events, {
      emit: (event) => {
        if (event._tag === "NodeFailed") failed ??= event.failure
        return log(event)
      },
    }),
    Effect.provide(
      LocalExecutor.layer(makeThreads(project, { most: limits.jobs, soon: true }), {
        program: project.program,
        arguments: ["worker"],
      }),
    ),
  )
  if (failed === undefined) return
  const { message, help, file, line, field } = failed
  return yield* new InputError({
    message,
    help,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(field === undefined ? {} : { field }),
  })
}, Effect.scoped)
