import { Effect, Layer, Option } from "effect"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import type { Executor } from "../execute/executor.ts"
import * as SlurmClient from "../execute/slurm/client.ts"
import * as SlurmExecutor from "../execute/slurm/executor.ts"
import { type OnCluster, onCluster } from "../execute/slurm/on-cluster.ts"
import { readSlurmFile } from "../execute/slurm/slurm-file.ts"
import { expand } from "../graph/expand.ts"
import type { Graph } from "../graph/node.ts"
import type { Experiment } from "../report/experiment.ts"
import type { Limits } from "../run/pool.ts"
import type { Forecast } from "../status/forecast.ts"
import type { Disk } from "../store/disk.ts"
import type { Store } from "../store/store.ts"
import type { Project } from "./project.ts"

/** So many actions are in the queue at a time where nobody says otherwise: controllers hold ten thousand jobs. */
const JOBS = 5000

/** What a run may use of a cluster: the cluster knows what it has. */
export const clusterLimits = (jobs: Option.Option<number>): Effect.Effect<Limits, InputError> => {
  const asked = Option.getOrElse(jobs, () => JOBS)
  return asked >= 1
    ? Effect.succeed({ jobs: asked, cpu: Infinity, memory: Infinity, gpu: Infinity })
    : Effect.fail(
      new InputError({ field: "--jobs", message: `must be 1 or more, got ${asked}`, help: "give a number of actions" }),
    )
}

/** A part of a graph whose nodes need what slurm.yaml of the project says that they need on a cluster. */
export const graphOnCluster = (
  part: Graph,
  whole: Graph,
  { root, experiment }: Pick<Project["Service"], "root" | "experiment">,
): Effect.Effect<OnCluster, InputError> =>
  attempt(() => {
    const profiles = Object.keys(experiment.profiles)
    let graphs: ReadonlyArray<Graph> | undefined
    const all = () => graphs ??= profiles.flatMap((profile) => graphOf(profile, experiment, root))
    return onCluster(readSlurmFile(root, profiles), part, whole, all)
  })

/** The graph of a profile, in a list; one that cannot be declared now has none. */
export const graphOf = (profile: string, experiment: Experiment, root: string): ReadonlyArray<Graph> => {
  try {
    return [expand(experiment, profile, root)]
  } catch (error) {
    if (error instanceof InputError) return []
    throw error
  }
}

/** How a program is started on a compute node. */
export const commandOf = (program: string): ReadonlyArray<string> => [process.execPath, program]

/** Fails where Slurm's commands are not on this machine. */
export const isThere = Effect.flatMap(SlurmClient.Slurm, ({ version }) => version).pipe(
  Effect.asVoid,
  Effect.provide(SlurmClient.layer),
)

/** Executes the nodes of a graph in jobs of the cluster that this machine belongs to. */
export const slurmLayer = (
  { graph, classOf }: OnCluster,
  run: string,
  { durations }: Pick<Forecast, "durations">,
  { root, program }: Pick<Project["Service"], "root" | "program">,
  areLeft: () => boolean,
  note: (text: string) => Effect.Effect<void>,
): Layer.Layer<Executor, never, Store | Disk> =>
  SlurmExecutor.layer({
    run,
    root,
    command: commandOf(program),
    classOf,
    expected: (node) => durations.get(node)?.milliseconds,
    isMeant: (node) => graph.nodes.has(node),
    areLeft,
    note,
  }).pipe(Layer.provide(SlurmClient.layer))
