import { Context, Effect } from "effect"
import { Flag } from "effect/cli"
import { isAbsolute, join } from "node:path"
import { attempt } from "../base/attempt.ts"
import type { InputError } from "../base/errors.ts"
import { expand } from "../graph/expand.ts"
import type { Graph } from "../graph/node.ts"
import type { Experiment } from "../report/experiment.ts"

/** The project that the command was started in. */
export class Project extends Context.Service<Project, {
  readonly root: string
  /** The folder of the store. */
  readonly store: string
  readonly experiment: Experiment
  /** This program, for starting workers. */
  readonly program: string
  /** The folder of the build that it belongs to. */
  readonly build: string
}>()("redag/Project") {}

/** Where the store of a project is: `artifacts/`, or the folder that DAG_STORE names. */
export const storeFolder = (root: string): string => {
  const named = process.env["DAG_STORE"] ?? ""
  return named === "" ? join(root, "artifacts") : isAbsolute(named) ? named : join(root, named)
}

/** The flag by which every command that looks at a graph knows which. */
export const profileFlag = Flag.String("profile").pipe(
  Flag.withDescription("Which of the profiles of dag.config.ts; its default where left out"),
  Flag.withDefault(""),
)

/** The flag for output that machines read. */
export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON"),
  Flag.withDefault(false),
)

/** The graph of a profile ("" for the default one). */
export const graphOf = Effect.fnUntraced(function*(profile: string): Effect.fn.Return<Graph, InputError, Project> {
  const { experiment, root } = yield* Project
  return yield* attempt(() => expand(experiment, profile === "" ? experiment.defaultProfile : profile, root))
})
