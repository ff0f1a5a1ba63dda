import { Effect } from "effect"
import { Command } from "effect/cli"
import { some, wrapped } from "../../base/text.ts"
import { type Finding, runIsolated } from "../../doctor/check.ts"
import { checkMachine } from "../../doctor/machine.ts"
import { columns, paint } from "../../report/terminal.ts"
import { exitCodes } from "../exit-codes.ts"
import { jsonFlag, Project } from "../project.ts"
import { settingsInForce } from "../settings.ts"
import { print, printJson } from "../text/output.ts"

/** `dag doctor`: what this machine offers of what is needed, each thing tried, and which settings are in force. */
export const doctor = Command.make("doctor", { json: jsonFlag }, ({ json }) =>
  Effect.gen(function*() {
    const { experiment, program, settings, store } = yield* Project
    const inForce = settingsInForce(settings, { DAG_PROFILE: experiment.defaultProfile, DAG_STORE: store })
    const declared = Object.entries(experiment.checks ?? {})
    const findings: ReadonlyArray<Examined> = [
      ...[...yield* checkMachine(store)].map(([name, finding]) => ({ name, required: true, ...finding })),
      ...yield* Effect.forEach(declared, ([name, { required = false }]) =>
        Effect.map(runIsolated(program, name), (finding) => ({ name, required, ...finding })), { concurrency: 2 }),
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
