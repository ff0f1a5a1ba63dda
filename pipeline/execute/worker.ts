import { Cause, Effect, Exit, Schema } from "effect"
import { DagError, StageError } from "../base/errors.ts"
import { Disk } from "../store/disk.ts"
import { Store } from "../store/store.ts"
import { executeAction } from "./action.ts"
import { memoryHelp } from "./exit.ts"
import { Message } from "./message.ts"
import type { StageOf } from "./program.ts"

/**
 * The other end of the process executor: executes a pending job and sends messages of how it goes.
 *
 * Whatever the stage fails with is sent as a message; only an interruption ends the process without one.
 */
export const work = Effect.fnUntraced(function*(
  name: string,
  stageOf: StageOf,
) {
  const store = yield* Store
  const disk = yield* Disk
  // Without its engine a worker has nobody to work for.
  process.on("disconnect", () => process.exit(1))

  const job = yield* store.job(name)
  if (job === undefined) {
    return yield* new StageError({ message: `no pending job ${name}`, help: "run dag again", transient: false })
  }
  const exit = yield* Effect.exit(Effect.flatMap(stageOf(job.preImage), (stage) =>
    executeAction(
      stage,
      job,
      (advance) => send({ _tag: "Advanced", ...advance }),
      finish(name).pipe(Effect.provideService(Disk, disk), Effect.provideService(Store, store)),
    )))
  if (Exit.isSuccess(exit)) return yield* send({ _tag: "Finished" })
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  if (failure !== undefined && Schema.is(DagError)(failure.error)) {
    return yield* send({ _tag: "Failed", error: failure.error })
  }
  if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.failCause(exit.cause)
  const bug = Cause.squash(exit.cause)
  if (bug instanceof RangeError && bug.message.includes("allocation failed")) {
    const { message } = bug
    const help = memoryHelp(job.resources)
    return yield* send({
      _tag: "Failed",
      error: new StageError({ message: `memory ran out: ${message}`, help, transient: true }),
    })
  }
  return yield* send({ _tag: "Crashed", stack: bug instanceof Error ? bug.stack ?? bug.message : String(bug) })
})

const send = (message: Message): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (process.send === undefined) throw new Error("a worker is started by the engine, not by hand")
    process.send(Schema.encodeSync(Message)(message), () => resume(Effect.void))
  })

const finish = Effect.fnUntraced(function*(name: string) {
  const store = yield* Store
  const disk = yield* Disk
  const printed = yield* disk.read(store.logPath(name))
  return {
    peakMemory: process.resourceUsage().maxRSS / 1024,
    log: printed === undefined || printed === "" ? null : yield* store.putBlob(printed),
  }
})
