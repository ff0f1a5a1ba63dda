import { Effect, Exit, Schema } from "effect"
import { StageError } from "../base/errors.ts"
import { Disk } from "../store/disk.ts"
import { executionOf } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { executeHere, failedMessage } from "./here.ts"
import { Message, Saves } from "./message.ts"
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
  // An engine that was killed while this process was loading is heard of by nobody.
  if (process.send !== undefined && !process.connected) process.exit(1)

  const job = yield* store.job(name)
  if (job === undefined) {
    return yield* new StageError({ message: `no pending job ${name}`, help: "run dag again", transient: false })
  }
  const finishing = finish(name).pipe(Effect.provideService(Disk, disk), Effect.provideService(Store, store))
  let isSaid = false
  const saves = Effect.suspend(() => {
    if (isSaid) return Effect.void
    isSaid = true
    return send({ _tag: "Saves" })
  })
  const execute = executeHere(stageOf, finishing, saves)
  const exit = yield* execute(job, (advance) => send({ _tag: "Advanced", ...advance })).pipe(
    // Should the engine die, nobody else is to begin as long as this process does not hear of it.
    (executing) => Effect.andThen(store.leases.attend(job.key, job.node), executing),
    Effect.scoped,
    Effect.exit,
  )
  if (Exit.isSuccess(exit)) return yield* send({ _tag: "Finished", execution: executionOf(exit.value) })
  const failed = failedMessage(exit.cause, job)
  return yield* (failed === undefined ? exit : send(failed))
})

const encode = Schema.encodeSync(Schema.Union([Message, Saves]))

const send = (message: Message | typeof Saves.Type): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (process.send === undefined) throw new Error("a worker is started by the engine, not by hand")
    process.send(encode(message), () => resume(Effect.void))
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
