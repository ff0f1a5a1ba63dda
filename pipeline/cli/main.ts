import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Layer, Schema } from "effect"
import { CliConfig, CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import { attempt, attemptPromise } from "../base/attempt.ts"
import { DagError, InputError } from "../base/errors.ts"
import { indent } from "../base/text.ts"
import { version } from "../base/version.ts"
import { sendFinding } from "../doctor/check.ts"
import { apartWord } from "../execute/again.ts"
import { stagesFrom } from "../execute/program.ts"
import { work } from "../execute/worker.ts"
import { Hashing } from "../graph/hashing.ts"
import * as Programs from "../identity/programs.ts"
import type { Experiment } from "../report/experiment.ts"
import { forErrors } from "../report/terminal.ts"
import { failureOf } from "../run/failure.ts"
import * as Apart from "../store/apart.ts"
import * as Disk from "../store/disk.ts"
import type { Failure } from "../store/events.ts"
import { newOwner, ownerIn, processOwner } from "../store/owner.ts"
import * as Store from "../store/store.ts"
import { commandsFor, isCommand, onlyPrints } from "./commands.ts"
import { completeWord } from "./completion/scripts.ts"
import { exitCodeOf, exitCodes } from "./exit-codes.ts"
import { Project } from "./project.ts"
import { takeRemote } from "./remote.ts"
import { remoteAddress, storeFolder } from "./settings.ts"
import { isInterrupted, runInterruptibly } from "./signals.ts"
import type { Started } from "./started.ts"
import { outliveStreams } from "./streams.ts"
import { failureText } from "./text/failure.ts"
import { hashingNotes } from "./text/hashing.ts"
import { helpPresenter, usageError } from "./text/help.ts"
import { hasPrinted, printNow } from "./text/output.ts"

/** The command line of an experiment, with the command that its first word names. */
const commandLine = (first: string | undefined, experiment: Experiment) =>
  Effect.map(commandsFor(first, experiment), (commands) =>
    Command.make("dag").pipe(
      Command.withDescription("Relation-extraction experiments as a content-addressed DAG"),
      Command.withSubcommands(commands),
    ))

/** Flags of every command. */
const builtIns = [GlobalFlag.Help, GlobalFlag.Version]

/** "dag help plan" as the flag that it stands for; a command that is not there stays one. */
const asFlag = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, ...rest] = words
  const [named] = rest
  if (first !== "help") return words
  return named === undefined || named.startsWith("-") || isCommand(named) ? [...rest, "--help"] : rest
}

/** Runs the command line, or as a worker the action or the check that the engine asks for. */
export const main = async (
  { load, root, build, program, settings: read, declaration, changed, ahead }: Started,
): Promise<void> => {
  const words = process.argv.slice(2)
  const [first, name = ""] = words
  outliveStreams(first !== undefined && onlyPrints(first))
  if (first === "worker" || first === apartWord) {
    // A worker executes a program, whatever the project declares by now; it has the settings of the engine.
    // It works under the name of its engine, whose job it is.
    const job = words.at(-1) ?? ""
    const owner = processOwner(ownerIn(job) ?? newOwner())
    const storage = first === "worker"
      ? storageIn(storeFolder(root), owner)
      : Layer.provideMerge(
        Apart.layer({ scratch: name, behind: storeFolder(root), remote: remoteAddress() }, owner),
        Disk.layer,
      )
    return runWorker(work(job, stagesFrom({ build, root })).pipe(Effect.provide(storage)))
  }
  if (first === "batch") {
    const { runTask } = await import("./batch.ts")
    // Jobs get no secret from who submits them: those of the project's .env they read themselves.
    return runWorker(
      Effect.andThen(
        attempt(read),
        Effect.suspend(() => runTask(name, Number(words[2]), { build, root, program }, storageIn(storeFolder(root)))),
      ),
    )
  }
  await runToEnd(Effect.gen(function*() {
    const settings = yield* attempt(read)
    yield* attempt(() => takeRemote(words, root))
    const { default: experiment } = yield* attemptPromise(load, notLoaded)
    if (first === completeWord) {
      const { answer } = yield* attemptPromise(() => import("./completion/answer.ts"))
      return yield* answer(words.slice(1), experiment, root)
    }
    if (first === "check") return yield* sendFinding(experiment.checks ?? {}, name)
    const store = storeFolder(root)
    const services = Layer.mergeAll(
      Layer.succeed(Project, {
        root,
        store,
        experiment,
        settings,
        program,
        build,
        ...(declaration === undefined ? {} : { declaration }),
        ...(changed === undefined ? {} : { changed }),
        ...(ahead === undefined ? {} : { ahead }),
      }),
      Layer.succeed(Hashing, hashingNotes(words)),
      Programs.layer(build),
      storageIn(store),
      NodeServices.layer,
    )
    const line = asFlag(words)
    const command = yield* commandLine(line[0], experiment)
    yield* Command.runWith(command, { version })(line).pipe(
      Effect.provide(services),
      Effect.provideService(CliConfig.CliConfig, { builtIns }),
      Effect.provideService(CliOutput.Presenter, helpPresenter),
    )
  }))
}

const storageIn = (folder: string, owner?: string) =>
  Store.layer(folder, owner, remoteAddress()).pipe(Layer.provideMerge(Disk.layer))

/** What a project's dag.config.ts throws while it is loaded. */
const notLoaded = (thrown: unknown): DagError =>
  Schema.is(DagError)(thrown) ? thrown : new InputError({
    file: "dag.config.ts",
    message: `cannot be loaded: ${thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)}`,
    help: "fix dag.config.ts, or the module that the stack names",
  })

/** Runs a command, which signals interrupt, and sets the exit code by how it ended. */
const runToEnd = async (command: Effect.Effect<unknown, unknown>): Promise<void> => {
  const { exit, code } = await runInterruptibly(command, true)
  if (Exit.isSuccess(exit)) return
  process.exitCode = isInterrupted(exit) ? code : exitCodeOf(Cause.squash(exit.cause))
  if (!isInterrupted(exit)) report(exit.cause)
}

/** Runs a worker, which its engine stops: twice where the whole process group is told to, so that only once counts. */
const runWorker = async (command: Effect.Effect<unknown, unknown>): Promise<void> => {
  const { exit, code } = await runInterruptibly(command, false)
  // What it was at may take long, and nobody waits for it any more.
  if (isInterrupted(exit)) process.exit(code)
  if (Exit.isFailure(exit)) {
    process.exitCode = exitCodes.failed
    report(exit.cause)
  }
  // Its channel to the engine would keep it alive.
  if (process.connected) process.disconnect()
}

/**
 * Prints an error: what was foreseen with its place and help, a bug with its stack. With `--json`, standard output gets
 * it as JSON where the command had printed nothing yet.
 */
const report = (cause: Cause.Cause<unknown>): void => {
  const error = Cause.squash(cause)
  const isUsage = CliError.isCliError(error)
  // Help without an error is what was asked for, or all that there is to say.
  if (isUsage && error._tag === "ShowHelp" && error.errors.length === 0) return
  const failure: Failure = isUsage
    ? { error: "UsageError", ...usageOf(error) }
    : failureOf(cause)
  const label = isUsage || Schema.is(DagError)(error) ? "error" : "bug"
  const [head = "", ...rest] = failureText(failure).split("\n")
  process.stderr.write(forErrors(`${label}: ${head}\n${rest.length > 0 ? `${indent(rest.join("\n"), 2)}\n` : ""}`))
  if (process.argv.includes("--json") && !hasPrinted()) {
    const { error: kind, ...facts } = failure
    printNow(JSON.stringify({ error: { kind, exitCode: exitCodeOf(error), ...facts } }))
  }
}

const usageOf = (error: CliError.CliError) =>
  error._tag === "ShowHelp" ? usageError(error) : { message: error.message, help: "dag help says how dag is used" }
