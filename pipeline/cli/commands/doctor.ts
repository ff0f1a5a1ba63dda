import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { attempt, attemptPromise } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { some, wrapped } from "../../base/text.ts"
import { type Finding, runIsolated } from "../../doctor/check.ts"
import { checkMachine } from "../../doctor/machine.ts"
import { columns, paint } from "../../report/terminal.ts"
import { exitCodes } from "../exit-codes.ts"
import { jsonFlag, Project } from "../project.ts"
import { settingsInForce } from "../settings.ts"
import { print, printJson } from "../text/output.ts"

/** `dag doctor`: what this machine offers of what is needed, each thing tried, and which settings are in force. */
export const doctor = Command.make("doctor", {
  json: jsonFlag,
  slurm: Flag.Boolean("slurm").pipe(
    Flag.withDescription("Also look at the cluster of this machine: Slurm, its limits and partitions, slurm.yaml"),
    Flag.withDefault(false),
  ),
  tryJobs: Flag.Boolean("try").pipe(
    Flag.withDescription(
      "With --slurm: have a small job of each kind that slurm.yaml describes look at its compute node",
    ),
    Flag.withDefault(false),
  ),
}, ({ json, slurm, tryJobs }) =>
  Effect.gen(function*() {
    if (tryJobs && !slurm) yield* triesNothing
    const { experiment, program, settings, store } = yield* Project
    const inForce = settingsInForce(settings, { DAG_PROFILE: experiment.defaultProfile, DAG_STORE: store })
    const declared = Object.entries(experiment.checks ?? {})
    const findings: ReadonlyArray<Examined> = [
      ...[...yield* checkMachine(store)].map(([name, finding]) => ({ name, required: true, ...finding })),
      ...yield* Effect.forEach(declared, ([name, { required = false }]) =>
        Effect.map(runIsolated(program, name), (finding) => ({ name, required, ...finding })), { concurrency: 2 }),
      ...(slurm ? yield* onSlurm(tryJobs) : []),
    ]
    const stopping = findings.filter(({ required, status }) =>
      required && status !== "usable"
    )
    if (stopping.length > 0) {
      process.exitCode = exitCodes.failed
    }
    if (json) {
      yield* printJson({ able: stopping.length === 0, checks: findings, settings: inForce })
      return
    }
    const beside = Math.max(...findings.map(({ name }) =>
      name.length
    )) + 2 + "absent".length + 2
    const room = Math.max(30, (process.stdout.columns ?? Infinity) - beside)
    yield* print(columns(["check", "state", "found"], findings.flatMap((each) => findingRows(each, room))))
    yield* print(
      `\n${columns(["setting", "value", "from"], inForce.map(({ name, value, from }) => [name, value, from]))}\n`,
    )
    yield* print(paint.bold(
      stopping.length === 0
        ? "The experiment can run here."
        : `The experiment cannot run here without: ${some(stopping.map(({ name }) => name))}`,
    ))
  })).pipe(Command.withDescription("Try what this machine offers of what is needed, and list the settings in force"))

const triesNothing = Effect.fail(
  new InputError({ field: "--try", message: "needs --slurm", help: "write both: dag doctor --slurm --try" }),
)

/** What is found of the cluster: nothing can run on it where one of these is not usable. */
const onSlurm = Effect.fnUntraced(function*(tryJobs: boolean) {
  const { root, store, experiment } = yield* Project
  const { checkSlurm } = yield* attemptPromise(() => import("../../doctor/slurm.ts"))
  const { layer } = yield* attemptPromise(() => import("../../execute/slurm/client.ts"))
  const { graphOf } = yield* attemptPromise(() => import("../slurm.ts"))
  const { readSlurmFile, slurmFile } = yield* attemptPromise(() => import("../../execute/slurm/slurm-file.ts"))
  const profiles = Object.keys(experiment.profiles)
  const graphs = () => profiles.flatMap((profile) => graphOf(profile, experiment, root))
  const look = Effect.gen(function*() {
    const found = yield* checkSlurm({ root, store, profiles, graphs })
    if (!tryJobs) return [...found]
    // Where one of its rules asks for what is not there, the others may be tried.
    const isRead = yield* Effect.isSuccess(attempt(() => readSlurmFile(root, profiles)))
    const unusable = [...found].flatMap(([name, { status }]) =>
      status === "usable" || (name === slurmFile && isRead) ? [] : [name]
    )
    if (unusable.length > 0) {
      const notTried: Finding = {
        status: "absent",
        detail: `none was tried: ${some(unusable)} cannot be used`,
        help: "fix that, then run again: dag doctor --slurm --try",
      }
      return [...found, ["jobs", notTried] as const]
    }
    const { tryJobsOn } = yield* attemptPromise(() => import("../../doctor/slurm-try.ts"))
    return [...found, ...yield* tryJobsOn({ root, store })]
  })
  return (yield* Effect.provide(look, layer)).map(([name, finding]) => ({ name, required: true, ...finding }))
})

interface Examined extends Finding {
  readonly name: string
  readonly required: boolean
}

/** What was found in lines of at most `room` characters, broken at words. */
const findingRows = (
  { name, status, detail, help, required }: Examined,
  room: number,
): ReadonlyArray<ReadonlyArray<string>> => {
  const [first = "", ...rest] = wrapped(detail, room)
  const lines = help === undefined
    ? rest
    : [
      ...rest,
      ...wrapped(`help: ${help}`, room).map((line, at) => at === 0 ? line.replace("help:", paint.cyan("help:")) : line),
    ]
  return [[name, label(status, required), first], ...lines.map((line) => ["", "", line])]
}

const label = (status: Finding["status"], required: boolean): string => {
  switch (status) {
    case "usable":
      return paint.green(status)
    case "absent":
      return required ? paint.red(status) : paint.yellow(status)
    case "broken":
      return paint.red(status)
  }
}
