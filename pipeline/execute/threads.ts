import { Effect, Exit, Schema } from "effect"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { StageError } from "../base/errors.ts"
import type { Advance, StageFailure } from "../graph/stage.ts"
import { Disk } from "../store/disk.ts"
import type { ActionRecord, Job } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { workerVariables } from "./environment.ts"
import type { Execute } from "./executor.ts"
import { memoryHelp } from "./exit.ts"
import { Failed } from "./message.ts"
import type { ProgramFolders } from "./program.ts"
import type { Reply, Request, ThreadData } from "./thread.ts"

/** How long a thread that has heard that it is to stop may take to do so, and how long one may take to hear, in ms. */
const TO_STOP = 10_000
const TO_HEAR = 1000

/** For how long one thread is given all that there is to execute before another is started, in ms. */
const SHORT_WORK = 100

/** How an execution in a thread ended. */
type Ending =
  | Exclude<Reply, { readonly _tag: "Ready" | "Advanced" | "Stopping" }>
  /** The thread itself ended. */
  | { readonly _tag: "Ended"; readonly cause: unknown; readonly code: number }

/** An action that is to be executed, and whoever waits for it. */
interface Work {
  readonly job: Job
  readonly advanced: (advance: Advance) => void
  ended: (ending: Ending) => void
}

/** A thread, and what it executes. */
interface Thread {
  readonly worker: Worker
  work: Work | undefined
  /** Whether it answered that it is to stop. */
  hears: boolean
}

/** How actions are executed in threads. */
export interface ThreadOptions {
  /** The most threads at a time. */
  readonly most: number
  /** The folder of the store that inputs come from, where that is another one. */
  readonly behind?: string
  /** Whether there will be something to execute: then a thread starts now, while the engine does other things. */
  readonly soon: boolean
}

/**
 * Executes actions in threads of this process, each started when there is something to execute and none is idle. The
 * engine itself goes on, so that it answers signals whatever a stage does, and a stage that does not stop is ended with
 * its thread.
 */
export const makeThreads = Effect.fnUntraced(function*(
  { build, root }: ProgramFolders,
  { most, behind, soon }: ThreadOptions,
) {
  const disk = yield* Disk
  const { layout: { folder, temporaries }, owner: engine } = yield* Store
  const pool = new Pool(join(build, "thread.mjs"), { build, root, store: folder, engine, behind }, most)
  if (soon) pool.start()
  yield* Effect.addFinalizer(() =>
    Effect.promise(() => pool.close()).pipe(
      // A thread that was ended could not remove what it was writing.
      Effect.andThen(Effect.forEach(pool.owners, (owner) => Effect.ignore(disk.remove(join(temporaries, owner))))),
    )
  )
  return executeIn(pool)
})

const executeIn = (pool: Pool): Execute => (job, advanced) =>
  Effect.gen(function*() {
    const services = yield* Effect.context()
    const ending = yield* Effect.callback<Ending>((resume) => {
      const work: Work = {
        job,
        // A bug in showing this is a bug of the run, not something to lose in a fiber that nobody waits for.
        advanced: (advance) => {
          Effect.runForkWith(services)(advanced(advance)).addObserver((exit) => {
            if (Exit.isFailure(exit)) resume(Effect.failCause(exit.cause))
          })
        },
        ended: (ending) => resume(Effect.succeed(ending)),
      }
      pool.execute(work)
      return Effect.promise(() => pool.stop(work))
    })
    return yield* recordOf(ending, job)
  })

const decodeFailed = Schema.decodeSync(Failed)

const recordOf = (ending: Ending, job: Job): Effect.Effect<ActionRecord, StageFailure> => {
  switch (ending._tag) {
    case "Done":
      return Effect.succeed(ending.record)
    case "Stopped":
      return Effect.interrupt
    case "Failed": {
      const failed = decodeFailed(ending.failed)
      return failed._tag === "Failed" ? Effect.fail(failed.error) : Effect.die(failed.stack)
    }
    case "Ended": {
      const { cause, code } = ending
      if (cause === undefined) {
        const message = `its thread ended itself with code ${code}`
        return new StageError({ message, help: "a stage gives its outputs or fails: fix it", transient: false })
      }
      if (!(cause instanceof Error)) return Effect.die(cause)
      if ("code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY") {
        const help = `${memoryHelp(job.resources)}; or let the stage run in a process of its own`
        return new StageError({
          message: "its thread ran out of JavaScript heap",
          help,
          transient: true,
          ranOut: "memory",
        })
      }
      return Effect.die(cause.stack ?? cause.message)
    }
  }
}

/** Threads of one program: idle ones, those at work, and those that are being started. */
class Pool {
  /** By whose names the threads that ever ran here write their temporary files. */
  readonly owners = new Set<string>()
  readonly #file: string
  readonly #data: ThreadData
  readonly #most: number
  readonly #living = new Set<Thread>()
  readonly #idle: Array<Thread> = []
  readonly #waiting: Array<Work> = []
  #starting = 0
  #another: NodeJS.Timeout | undefined

  constructor(file: string, data: ThreadData, most: number) {
    this.#file = file
    this.#data = data
    this.#most = most
  }

  /** Executes an action as soon as there is a thread for it. */
  execute(work: Work): void {
    this.#waiting.push(work)
    this.#lend()
  }

  /** Stops an action, and ends its thread where that does not stop. */
  async stop(work: Work): Promise<void> {
    const at = this.#waiting.indexOf(work)
    if (at >= 0) this.#waiting.splice(at, 1)
    const thread = [...this.#living].find((each) => each.work === work)
    if (thread === undefined) return
    await new Promise<void>((done) => {
      const end = () => void thread.worker.terminate()
      const hear = setTimeout(() => thread.hears || end(), TO_HEAR)
      const kill = setTimeout(end, TO_STOP)
      work.ended = () => {
        clearTimeout(hear)
        clearTimeout(kill)
        done()
      }
      this.#post(thread, { _tag: "Stop" })
    })
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    clearTimeout(this.#another)
    await Promise.all([...this.#living].map(({ worker }) => worker.terminate()))
  }

  #post({ worker }: Thread, request: Request): void {
    worker.postMessage(request, [])
  }

  #lend(): void {
    for (let thread = this.#idle.at(-1); thread !== undefined; thread = this.#idle.at(-1)) {
      const work = this.#waiting.shift()
      if (work === undefined) return
      this.#idle.pop()
      thread.work = work
      thread.hears = false
      this.#post(thread, { _tag: "Execute", job: work.job })
    }
    if (this.#waiting.length <= this.#starting || this.#living.size >= this.#most) return
    if (this.#living.size === 0) this.start()
    else if (this.#starting === 0) this.#another ??= setTimeout(() => this.#startAnother(), SHORT_WORK)
  }

  /** Trivial work is over before another thread has started, which takes all processors a while. */
  #startAnother(): void {
    this.#another = undefined
    if (this.#waiting.length > this.#starting && this.#living.size < this.#most) this.start()
    this.#lend()
  }

  /** Starts a thread, for whatever there will be to execute. */
  start(): void {
    const worker = new Worker(this.#file, { env: workerVariables(), workerData: this.#data })
    const thread: Thread = { worker, work: undefined, hears: false }
    this.#living.add(thread)
    this.#starting++
    let isReady = false
    const started = () => {
      if (!isReady) this.#starting--
      isReady = true
    }
    let cause: unknown
    worker.on("message", (reply: Reply) => {
      switch (reply._tag) {
        case "Ready":
          this.owners.add(reply.owner)
          started()
          this.#idle.push(thread)
          this.#lend()
          break
        case "Advanced":
          thread.work?.advanced(reply.advance)
          break
        case "Stopping":
          thread.hears = true
          break
        default:
          this.#end(thread, reply)
          this.#idle.push(thread)
          this.#lend()
      }
    })
    worker.on("error", (thrown: unknown) => {
      cause = thrown
    })
    worker.on("exit", (code) => {
      this.#living.delete(thread)
      const at = this.#idle.indexOf(thread)
      if (at >= 0) this.#idle.splice(at, 1)
      // One that cannot even start would not the next time either.
      if (!isReady) this.#waiting.shift()?.ended({ _tag: "Ended", cause, code })
      started()
      this.#end(thread, { _tag: "Ended", cause, code })
      this.#lend()
    })
  }

  #end(thread: Thread, ending: Ending): void {
    const { work } = thread
    thread.work = undefined
    work?.ended(ending)
  }
}
