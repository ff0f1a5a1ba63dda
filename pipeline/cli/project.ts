import { Context, Effect } from "effect"
import { Flag } from "effect/cli"
import { existsSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import type { ThreadAhead } from "../execute/new-thread.ts"
import { type Declaration, declarationOf } from "../graph/declare.ts"
import { expandDeclared } from "../graph/expand.ts"
import type { Graph } from "../graph/node.ts"
import type { Experiment } from "../report/experiment.ts"
import type { Changed } from "../status/changed.ts"
import { layoutOf } from "../store/layout.ts"
import { GivenFilters } from "./filters.ts"
import { profileIn, type Settings } from "./settings.ts"
import { printNote } from "./text/output.ts"

/** The project that the command was started in. */
export class Project extends Context.Service<Project, {
  readonly root: string
  /** The folder of the store. */
  readonly store: string
  readonly experiment: Experiment
  readonly settings: Settings
  /** This program, for starting workers. */
  readonly program: string
  /** The folder of the build that it belongs to. */
  readonly build: string
  /** What a profile declares, where its function has run already. */
  readonly declaration?: Declaration
  /** What of it a run of all nodes has to look at, where that is only some of them. */
  readonly changed?: Changed
  /** A thread that was started for a stage of what changed. */
  readonly ahead?: ThreadAhead
}>()("redag/Project") {}

/** The flag by which every command that looks at a graph knows which. */
export const profileFlag = Flag.String("profile").pipe(
  Flag.withDescription("A profile of dag.config.ts; DAG_PROFILE, or the default profile, if left out"),
  Flag.withDefault(""),
)

/** The flag for output that machines read. */
export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON"),
  Flag.withDefault(false),
)

/** The flag of commands that write files where the user says. */
export const forceFlag = Flag.Boolean("force").pipe(
  Flag.withDescription("Replace files that are there with other content"),
  Flag.withDefault(false),
)

/** The name of a profile: the one that is given, otherwise that of DAG_PROFILE, otherwise the default. */
export const profileNamed = Effect.fnUntraced(function*(
  given: string,
): Effect.fn.Return<string, InputError, Project> {
  const { experiment, settings } = yield* Project
  return yield* attempt(() => profileIn(experiment, settings, given))
})

/** The graph of a profile ("" where none is given), with its outline where it is `outlined`. */
export const graphOf = Effect.fnUntraced(function*(
  profile: string,
  outlined = false,
): Effect.fn.Return<Graph, InputError, Project> {
  const { experiment, root, declaration } = yield* Project
  const name = yield* profileNamed(profile)
  const filters = yield* GivenFilters
  return yield* attempt(() => {
    const isThis = declaration !== undefined && declaration.profile === name
      && isDeepStrictEqual(declaration.filters, filters)
    return expandDeclared(experiment, isThis ? declaration : declarationOf(experiment, name, root, filters), outlined)
  })
})

/** Whether a folder has more of a store than what a plan remembers. */
const hasRun = (store: string): boolean => {
  const { records, runs } = layoutOf(store)
  return [records, runs].some(({ folder }) => existsSync(folder))
}

/** " (there is no store at … yet)" where there is none: for what a command says that needs one. */
export const withoutStore = Effect.map(
  Project,
  ({ store }) => hasRun(store) ? "" : ` (there is no store at ${store} yet)`,
)

/** Says on standard error where there is no store, for commands that read one and print what they can without it. */
export const noteNoStore = Effect.flatMap(
  Project,
  ({ store }) => hasRun(store) ? Effect.void : printNote(`there is no store at ${store} yet: nothing has run`),
)

/** Nodes that a run leaves out. */
export const notRunFlag = Flag.String("exclude").pipe(
  Flag.withDescription(
    "Do not run these nodes, named as the others are, nor what cannot do without them unless they are up to date; may be given again",
  ),
  Flag.atLeast(0),
)

/** Whether done nodes are printed one by one. */
export const verboseFlag = Flag.Boolean("verbose").pipe(
  Flag.withDescription("Print a line for every node that is done, not one for each stage"),
  Flag.withDefault(false),
)
