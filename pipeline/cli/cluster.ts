import { Effect, Option } from "effect"
import { InputError } from "../base/errors.ts"
import type { Graph } from "../graph/node.ts"
import type { Forecast } from "../status/forecast.ts"
import type { Snapshot } from "../status/snapshot.ts"
import type { Asked } from "./limits.ts"
import { Project } from "./project.ts"

/** A run on a cluster: what its nodes need there, what it may use, and what executes it. Only such a run loads it. */
export const clusterOf = Effect.fnUntraced(function*(part: Graph, whole: Graph, asked: Asked) {
  for (const flag of ["memory", "gpus"] as const) if (Option.isSome(asked[flag])) yield* ofThisMachine(flag)
  const { root, store, program, experiment } = yield* Project
  const { clusterLimits, commandOf, graphOnCluster, isThere, slurmLayer } = yield* Effect.promise(() =>
    import("./slurm.ts")
  )
  for (const [field, path] of [["the project's folder", root], ["the store's folder", store]] as const) {
    // A script says each in a line, and Slurm has no way to say such a character otherwise.
    if (/\p{Cc}/u.test(path)) yield* notInScript(field, path)
  }
  const on = yield* graphOnCluster(part, whole, { root, experiment })
  const limits = yield* clusterLimits(asked.jobs)
  // A terminal that is closed, a login node that is shut down: who comes back finds the jobs again. Ctrl-C means them too.
  let areLeft = false
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.prependOnceListener(signal, () => (areLeft = true))
  process.prependOnceListener("SIGINT", () => (areLeft = false))
  return {
    /** Whether jobs go on though this process was told to end. */
    areLeft: () => areLeft,
    graph: on.graph,
    limits,
    /** Fails where there is no Slurm here: before anything starts, and once. */
    isThere,
    executor: (
      run: string,
      forecast: Forecast,
      project: Project["Service"],
      note: (text: string) => Effect.Effect<void>,
    ) => slurmLayer(on, run, forecast, project, () => areLeft, note),
    /** The scripts that the run would submit. */
    scripts: (planned: Snapshot, forecast: Forecast) =>
      Effect.map(
        Effect.promise(() => import("./slurm-scripts.ts")),
        ({ scriptsText }) => scriptsText(planned, on, forecast, { root, store, command: commandOf(program) }),
      ),
  }
})

const ofThisMachine = (flag: "memory" | "gpus") =>
  new InputError({
    field: `--${flag}`,
    message: "is of this machine, and the run is on Slurm",
    help: flag === "memory"
      ? "give the memory of nodes in slurm.yaml, or execute here with --executor local"
      : "give the GPUs of nodes in slurm.yaml by gres, or execute here with --executor local",
  })

const notInScript = (field: string, path: string) =>
  new InputError({
    field,
    message: `is ${
      JSON.stringify(path)
    }, and no job of Slurm can be given a path with a line break or a control character`,
    help: "give the folder another name, or execute here with --executor local",
  })

export type Cluster = Effect.Success<ReturnType<typeof clusterOf>>
