import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { attempt, attemptPromise } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import { Project } from "./project.ts"
import { settingOf } from "./settings.ts"

/** Where actions are executed: on this machine, or by the jobs of a cluster. */
export const executorNames = ["local", "slurm"] as const
type ExecutorName = (typeof executorNames)[number]

const isExecutor = (word: string): word is ExecutorName => executorNames.some((name) => name === word)

/** The flag that says where actions are executed. */
export const executorFlag = Flag.String("executor").pipe(
  Flag.withDescription(
    "Where to execute: local (this machine) or slurm (jobs of a cluster); DAG_EXECUTOR, or what slurm.yaml says of the profile, if left out",
  ),
  Flag.optional,
)

/** Where the actions of a profile are executed: as the flag says, otherwise DAG_EXECUTOR, otherwise slurm.yaml. */
export const executorFor = Effect.fnUntraced(function*(asked: Option.Option<string>, profile: string) {
  const { root, settings, experiment } = yield* Project
  const flag = Option.getOrUndefined(asked)
  const word = flag ?? settingOf("DAG_EXECUTOR")
  if (word === undefined) {
    // Most projects have none: nothing is loaded for it.
    if (!existsSync(join(root, "slurm.yaml"))) return "local"
    const { readSlurmFile } = yield* attemptPromise(() => import("../execute/slurm/slurm-file.ts"))
    const { profiles } = yield* attempt(() => readSlurmFile(root, Object.keys(experiment.profiles)))
    return profiles.includes(profile) ? "slurm" : "local"
  }
  if (isExecutor(word)) return word
  return yield* new InputError({
    ...(flag === undefined && settings.sources.get("DAG_EXECUTOR") === ".env" ? { file: ".env" } : {}),
    field: flag === undefined ? "DAG_EXECUTOR" : "--executor",
    message: `is "${word}"`,
    help: `set it to one of: ${executorNames.join(", ")}`,
  })
})
