import { Effect, Exit, Schema } from "effect"
import { join } from "node:path"
import { StageError } from "../base/errors.ts"
import type { StageFailure } from "../graph/stage.ts"
import { Disk } from "../store/disk.ts"
import type { ActionRecord, Job } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { Execute, Inline, Lane } from "./executor.ts"
import { memoryHelp } from "./exit.ts"
import { Failed } from "./message.ts"
import type { ThreadAhead } from "./new-thread.ts"
import type { ProgramFolders } from "./program.ts"
import { ThreadPool, type Work, type WorkEnding } from "./thread-pool.ts"
import { recordOfTold } from "./told.ts"

/** How actions are executed in threads. */
export interface ThreadOptions {
  /** The most threads at a time. */
  readonly most: number
  /** The folder of the store that inputs come from, where that is another one. */
  readonly behind?: string
  /** Whether there will be something to execute: then a thread starts now, while the engine does other things. */
  readonly soon: boolean
  /** The first of them, where one was started before this was known. */
  readonly ahead?: ThreadAhead
}

/**
 * Executes actions in threads of this process, each started when there is something to execute and none is idle. The
 * engine itself goes on, so that it answers signals whatever a stage does, and a stage that does not stop is ended with
 * its thread.
 */
export const makeThreads = Effect.fnUntraced(function*(
  { build, root }: ProgramFolders,
  { most, behind, soon, ahead }: ThreadOptions,
) {
  const disk = yield* Disk
  const { layout: { folder, temporaries }, owner: engine, remote } = yield* Store
  const pool = new ThreadPool({ build, root, store: folder, engine, behind, remote: remote?.address }, most, ahead)
  if (soon) pool.start()
  yield* Effect.addFinalizer(() =>
    Effect.promise(() => pool.close()).pipe(
      // A thread that was ended could not remove what it was writing.
      Effect.andThen(Effect.forEach(pool.owners, (owner) => Effect.ignore(disk.remove(join(temporaries, owner))))),
    )
  )
  return executeIn(pool)
})

const executeIn = (pool: ThreadPool): Inline => {
  const work = (job: Job, advanced: Parameters<Execute>[1], lane: Lane, begun: Effect.Effect<void>) =>
    Effect.gen(function*() {
      const services = yield* Effect.context()
      const ending = yield* Effect.callback<WorkEnding>((resume) => {
        // A bug in showing this is a bug of the run, not something to lose in a fiber that nobody waits for.
        const say = (saying: Effect.Effect<void>) => {
          Effect.runForkWith(services)(saying).addObserver((exit) => {
            if (Exit.isFailure(exit)) resume(Effect.failCause(exit.cause))
          })
        }
        const work: Work = {
          job,
          lane,
          advanced: (advance) => say(advanced(advance)),
          begun: () => say(begun),
          ended: (ending) => resume(Effect.succeed(ending)),
        }
        pool.execute(work)
        return Effect.promise(() => pool.stop(work))
      })
      return yield* recordOf(ending, job)
    })
  return {
    alone: (job, advanced) =>
      Effect.flatMap(
        work(job, advanced, {}, Effect.void),
        (record) => (record === undefined ? Effect.die("what is alone in its lane begins") : Effect.succeed(record)),
      ),
    inTurn: work,
  }
}

const decodeFailed = Schema.decodeSync(Failed)

/** The record of an execution; undefined where it was given back before it began. */
const recordOf = (ending: WorkEnding, job: Job): Effect.Effect<ActionRecord | undefined, StageFailure> => {
  switch (ending._tag) {
    case "Done":
      return Effect.succeed(recordOfTold(ending.told, job))
    case "NotBegun":
      return Effect.succeed(undefined)
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
