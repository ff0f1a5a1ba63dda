import { Effect, Exit, Layer, Option, Schema } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { StageError } from "../base/errors.ts"
import type { StageFailure } from "../graph/stage.ts"
import { Disk } from "../store/disk.ts"
import { removeStaleTemporaries } from "../store/left-over.ts"
import type { Job } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { executeAction } from "./action.ts"
import { workerVariables } from "./environment.ts"
import { type Advanced, Executor } from "./executor.ts"
import { died } from "./exit.ts"
import { Message } from "./message.ts"
import type { StageOf } from "./program.ts"

/** How a worker process is started: the program and the arguments before the key. */
export interface WorkerCommand {
  readonly program: string
  readonly arguments: ReadonlyArray<string>
}

/** Executes actions on this machine: light stages in this process, heavy ones each in a process of its own. */
export const layer = (
  stageOf: StageOf,
  command: WorkerCommand,
): Layer.Layer<Executor, never, Store | Disk> =>
  Layer.effect(
    Executor,
    Effect.gen(function*() {
      const store = yield* Store
      const disk = yield* Disk
      return Executor.of({
        execute: (job, isolation, advanced) =>
          isolation === "inline"
            ? stageOf(job.preImage).pipe(
              Effect.flatMap((stage) =>
                executeAction(stage, job, advanced, Effect.succeed({ peakMemory: null, log: null }))
              ),
              Effect.provideService(Store, store),
            )
            : inProcess(command, job, advanced).pipe(
              Effect.provideService(Store, store),
              Effect.provideService(Disk, disk),
            ),
      })
    }),
  )

const decodeMessage = Schema.decodeUnknownOption(Message)

const inProcess = Effect.fnUntraced(function*(
  command: WorkerCommand,
  job: Job,
  advanced: (advance: Advanced) => Effect.Effect<void>,
) {
  const store = yield* Store
  const disk = yield* Disk
  const name = yield* store.publishJob(job)
  const log = store.logPath(name)
  yield* disk.makeFolder(dirname(log))
  const kept = store.logPath(job.key)
  /** Keeps what the stage printed, where it printed something, under the action's key. */
  const keep = Effect.flatMap(disk.size(log), (size) => ((size ?? 0) > 0 ? disk.publish(log, kept) : Effect.void))
  const death = (code: number | null, signal: NodeJS.Signals | null) =>
    store.unfinished(job.key).isThere.pipe(
      Effect.orElseSucceed(() => false),
      Effect.map((unfinished) => {
        const printed = readFileSync(log, "utf8")
        return died({ code, signal, printed, log: kept, resources: job.resources, unfinished })
      }),
    )
  const services = yield* Effect.context()
  yield* Effect.callback<void, StageFailure>((resume) => {
    const output = openSync(log, "w")
    const child = fork(command.program, [...command.arguments, name], {
      stdio: ["ignore", output, output, "ipc"],
      env: workerVariables(),
      // Not in the terminal's process group: Ctrl-C is the engine's to handle, once.
      detached: true,
    })
    closeSync(output)
    let ending: Exclude<Message, { _tag: "Advanced" }> | undefined
    child.on("message", (raw) => {
      const message = Option.getOrUndefined(decodeMessage(raw))
      // A stage, or a package that it uses, may use the channel too.
      if (message === undefined) return
      if (message._tag === "Advanced") {
        const { _tag, ...advance } = message
        // A bug in telling is a bug of the run, not something to lose in a fiber that nobody waits for.
        Effect.runForkWith(services)(advanced(advance)).addObserver((exit) => {
          if (Exit.isFailure(exit)) resume(Effect.failCause(exit.cause))
        })
      } else ending = message
    })
    child.on("error", (cause) => {
      resume(Effect.fail(processFailure(`could not be started: ${cause.message}`)))
    })
    child.on("close", (code, signal) => {
      if (ending?._tag === "Finished") resume(Effect.void)
      else if (ending?._tag === "Failed") resume(Effect.fail(ending.error))
      else if (ending?._tag === "Crashed") resume(Effect.die(ending.stack))
      else resume(Effect.flatMap(death(code, signal), Effect.fail))
    })
    return stop(child)
  }).pipe(
    Effect.tapError(() => Effect.ignore(keep)),
    Effect.ensuring(Effect.ignore(Effect.all([store.dropJob(name), disk.remove(log), removeStaleTemporaries]))),
  )
  const record = yield* store.record(job.key)
  if (record === undefined) {
    return yield* processFailure("said that it had finished, but left no record")
  }
  return record
})

/** Ends a worker. It publishes whole files only, so it may be stopped at any moment. */
const stop = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resume(Effect.void)
      return
    }
    const kill = setTimeout(() => child.kill("SIGKILL"), 2000)
    child.once("close", () => {
      clearTimeout(kill)
      resume(Effect.void)
    })
    child.kill("SIGTERM")
  })

const processFailure = (message: string): StageError =>
  new StageError({ message: `its process ${message}`, help: "run again", transient: true })
