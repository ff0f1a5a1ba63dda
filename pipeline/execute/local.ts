import { Effect, Layer } from "effect"
import { Disk } from "../store/disk.ts"
import { Store } from "../store/store.ts"
import { executeAction } from "./action.ts"
import { Executor } from "./executor.ts"
import type { StageOf } from "./program.ts"
import { executeInProcess, type WorkerCommand } from "./worker-process.ts"

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
            : executeInProcess(command, job, advanced).pipe(
              Effect.provideService(Store, store),
              Effect.provideService(Disk, disk),
            ),
      })
    }),
  )
