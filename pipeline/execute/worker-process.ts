import { Effect, Exit, Option, Schema } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { dirname } from "node:path"
import { getHeapStatistics } from "node:v8"
import { StageError } from "../base/errors.ts"
import type { Advance, StageFailure } from "../graph/stage.ts"
import { Disk } from "../store/disk.ts"
import { removeStaleTemporaries } from "../store/left-over.ts"
import type { Execution, Job } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { workerVariables } from "./environment.ts"
import type { Execute } from "./executor.ts"
import { exitError } from "./exit.ts"
import { Message, Saves } from "./message.ts"
import { endStarted } from "./started.ts"

/** How a worker process is started: the program and the arguments before the name of the job. */
export interface WorkerCommand {
  readonly program: string
  readonly arguments: ReadonlyArray<string>
  /** How long a worker may take to save what it has done, in ms; 10,000 where it is left out. */
  readonly toStop?: number
  /** Is told of a job whose stage may save what is not done, once. */
  readonly saves?: (job: Job) => void
}

/** How a worker ended: with a message that says so, or without one. */
type Ending =
  | Exclude<Message, { readonly _tag: "Advanced" }>
  | { readonly _tag: "Exited"; readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** Executes an action in a process of its own. What it prints stays in the store's logs where it fails. */
export const executeInProcess = (command: WorkerCommand): Execute<Store | Disk> =>
  Effect.fnUntraced(function*(job, advanced) {
    const store = yield* Store
    const disk = yield* Disk
    const name = yield* store.publishJob(job)
    const log = store.logPath(name)
    const logOfFailure = store.logPath(job.key)

    const saveLog = Effect.flatMap(
      disk.size(log),
      (size) => ((size ?? 0) > 0 ? disk.publish(log, logOfFailure) : Effect.void),
    )
    const executionIn = Effect.fnUntraced(function*(ending: Ending): Effect.fn.Return<Execution, StageFailure> {
      switch (ending._tag) {
        case "Finished":
          return ending.execution
        case "Failed":
          return yield* Effect.fail(ending.error)
        case "Crashed":
          return yield* Effect.die(ending.stack)
        case "Exited": {
          const { code, signal } = ending
          const printed = (yield* disk.read(log)) ?? ""
          const unfinished = yield* Effect.orElseSucceed(store.unfinished(job.key).isThere, () => false)
          return yield* exitError({ code, signal, printed, log: logOfFailure, resources: job.resources, unfinished })
        }
      }
    })

    const execution = yield* disk.makeFolder(dirname(log)).pipe(
      Effect.andThen(runWorker(command, name, job, log, advanced)),
      Effect.flatMap(executionIn),
      Effect.tapError(() => Effect.ignore(saveLog)),
      Effect.ensuring(Effect.ignore(Effect.all([store.dropJob(name), disk.remove(log), removeStaleTemporaries]))),
    )
    const record = yield* store.record(job.key)
    if (record === undefined) return yield* processError("said that it had finished, but left no record")
    return { ...record, ...execution }
  })

const decodeMessage = Schema.decodeUnknownOption(Message)
const isSaves = Schema.is(Saves)

/** Runs a worker on a job to its end, passes on how far it is, and stops it when interrupted. */
const runWorker = Effect.fnUntraced(function*(
  { program, arguments: words, toStop = TO_STOP, saves }: WorkerCommand,
  name: string,
  job: Job,
  log: string,
  advanced: (advance: Advance) => Effect.Effect<void>,
) {
  const { gpus, memory } = job.resources
  const services = yield* Effect.context()
  const disk = yield* Disk
  const output = yield* disk.output(log)
  return yield* Effect.callback<Ending, StageError>((resume) => {
    const child = fork(program, [...words, name], {
      stdio: ["ignore", output.file, output.file, "ipc"],
      env: workerVariables(name, gpus),
      execArgv: [...process.execArgv, ...heapFlag(memory)],
      // Not in the terminal's process group: Ctrl-C is the engine's to handle, once.
      detached: true,
    })
    output.close()
    // Also where this process is made to exit at once: nobody else would end one that does not listen.
    const endAtOnce = () => {
      signal(child, "SIGKILL")
      endStarted(name)
    }
    process.on("exit", endAtOnce)
    let ending: Ending | undefined
    child.on("message", (raw) => {
      if (isSaves(raw)) {
        saves?.(job)
        return
      }
      const message = Option.getOrUndefined(decodeMessage(raw))
      // A stage, or a package that it uses, may use the channel too.
      if (message === undefined) return
      if (message._tag !== "Advanced") {
        ending = message
        return
      }
      const { _tag, ...advance } = message
      // A bug in showing this is a bug of the run, not something to lose in a fiber that nobody waits for.
      Effect.runForkWith(services)(advanced(advance)).addObserver((exit) => {
        if (Exit.isSuccess(exit)) return
        endAtOnce()
        resume(Effect.failCause(exit.cause))
      })
    })
    child.on("error", (cause) => {
      process.off("exit", endAtOnce)
      resume(processError(`could not be started: ${cause.message}`))
    })
    // Before what it was granted is given back: what it started may hold a GPU still, in its group or out of it.
    child.on("exit", endAtOnce)
    child.on("close", (code, signal) => {
      process.off("exit", endAtOnce)
      resume(Effect.succeed(ending ?? { _tag: "Exited", code, signal }))
    })
    return stop(child, toStop)
  })
})

/** How long a worker may take to save what it has done, in ms: its stage may be in the middle of a step. */
const TO_STOP = 10_000

/** V8's limit of the JavaScript heap, in MiB, where a worker was granted more memory than V8 would take by itself. */
const heapFlag = (memory: number): ReadonlyArray<string> =>
  memory > getHeapStatistics().heap_size_limit / 2 ** 20 ? [`--max-old-space-size=${Math.floor(memory)}`] : []

/** Sends a signal to a worker, which may have ended, and to what is left of its process group, which it leads. */
const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // Nothing of the group is left, or the system has no groups.
    child.kill(name)
  }
}

/**
 * Stops a worker, and ends what does not stop; what it started ends with it at the latest, whether it heard, listened, or
 * left the group. It publishes whole files only, so it may end at any moment.
 */
const stop = (child: ChildProcess, toStop: number) =>
  Effect.callback<void>((resume) => {
    if (child.pid === undefined) {
      resume(Effect.void)
      return
    }
    const kill = setTimeout(() => signal(child, "SIGKILL"), toStop)
    child.once("close", () => {
      clearTimeout(kill)
      resume(Effect.void)
    })
    signal(child, "SIGTERM")
  })

const processError = (message: string): StageError =>
  new StageError({ message: `its process ${message}`, help: "run again", transient: true })
