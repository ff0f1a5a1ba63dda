import { Effect, Layer, Schema } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { StageError } from "../errors.ts"
import type { RunnableStage } from "../graph.ts"
import type { StageFailure } from "../stage.ts"
import { Disk } from "../store/disk.ts"
import type { Job } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { executeAction } from "./action.ts"
import { type Advanced, Executor } from "./executor.ts"
import { Message } from "./protocol.ts"

/** How a worker process is started: the program and the arguments before the key. */
export interface WorkerCommand {
  readonly program: string
  readonly arguments: ReadonlyArray<string>
}

/** Executes actions on this machine: light stages in this process, heavy ones each in a process of its own. */
export const layer = (
  stages: ReadonlyMap<string, RunnableStage>,
  command: WorkerCommand,
): Layer.Layer<Executor, never, Store | Disk> =>
  Layer.effect(
    Executor,
    Effect.gen(function*() {
      const store = yield* Store
      const disk = yield* Disk
      return Executor.of({
        execute: (job, isolation, advanced) => {
          const stage = stages.get(job.preImage.stage)
          if (stage === undefined) throw new Error(`no stage "${job.preImage.stage}" in this profile`)
          return isolation === "inline"
            ? executeAction(stage, job, advanced, Effect.succeed({ peakMemory: null, log: null })).pipe(
              Effect.provideService(Store, store),
            )
            : inProcess(command, job, advanced).pipe(
              Effect.provideService(Store, store),
              Effect.provideService(Disk, disk),
            )
        },
      })
    }),
  )

const inProcess = Effect.fnUntraced(function*(
  command: WorkerCommand,
  job: Job,
  advanced: (advance: Advanced) => Effect.Effect<void>,
) {
  const store = yield* Store
  const disk = yield* Disk
  const log = store.logPath(job.key)
  yield* disk.makeFolder(dirname(log))
  yield* store.publishJob(job)
  const services = yield* Effect.context()
  yield* Effect.callback<void, StageFailure>((resume) => {
    const output = openSync(log, "w")
    const child = fork(command.program, [...command.arguments, job.key], {
      stdio: ["ignore", output, output, "ipc"],
      // Not in the terminal's process group: Ctrl-C is the engine's to handle, once.
      detached: true,
    })
    closeSync(output)
    let ending: Extract<Message, { _tag: "Finished" | "Failed" }> | undefined
    child.on("message", (raw) => {
      const message = Schema.decodeUnknownSync(Message)(raw)
      if (message._tag === "Advanced") Effect.runForkWith(services)(advanced(message))
      else ending = message
    })
    child.on("error", (cause) => {
      resume(Effect.fail(processFailure(`could not be started: ${cause.message}`, log)))
    })
    child.on("close", (code, signal) => {
      if (ending?._tag === "Finished") resume(Effect.void)
      else if (ending?._tag === "Failed") resume(Effect.fail(ending.error))
      else resume(Effect.fail(died(code, signal, log)))
    })
    return stop(child)
  }).pipe(Effect.ensuring(Effect.ignore(store.dropJob(job.key))))
  yield* disk.remove(log)
  const record = yield* store.record(job.key)
  if (record === undefined) {
    return yield* processFailure("said that it had finished, but left no record", log)
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

const died = (code: number | null, signal: NodeJS.Signals | null, log: string): StageError => {
  const lines = readFileSync(log, "utf8").trimEnd().split("\n").slice(-5).join("\n")
  const heap = lines.includes("heap out of memory")
  const how = heap
    ? "ran out of JavaScript heap"
    : signal === null
    ? `exited with code ${code}`
    : `was killed by ${signal}`
  return new StageError({
    message: `its process ${how}${lines === "" || heap ? "" : `; it last printed:\n${lines}`}`,
    help: signal === "SIGKILL" || heap
      ? `most likely memory ran out: lower the batch size or use --jobs 1; what it printed is in ${log}`
      : `what it printed is in ${log}`,
    transient: signal !== null,
  })
}

const processFailure = (message: string, log: string): StageError =>
  new StageError({ message: `its process ${message}`, help: `what it printed is in ${log}`, transient: true })
