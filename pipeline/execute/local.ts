import { Effect, Layer, type Scope } from "effect"
import { Disk } from "../store/disk.ts"
import { Store } from "../store/store.ts"
import { Executor, type Inline } from "./executor.ts"
import { executeInProcess, type WorkerCommand } from "./worker-process.ts"

/** Executes actions on this machine: inline ones by `inline`, others each in a process of its own. */
export const layer = (
  inline: Effect.Effect<Inline, never, Scope.Scope | Store | Disk>,
  command: WorkerCommand,
): Layer.Layer<Executor, never, Store | Disk> =>
  Layer.effect(
    Executor,
    Effect.gen(function*() {
      const services = yield* Effect.context<Store | Disk>()
      const { alone, inTurn } = yield* inline
      const ways = { inline: alone, process: executeInProcess(command) }
      return Executor.of({
        execute: (job, isolation, advanced) => Effect.provideContext(ways[isolation](job, advanced), services),
        ...(inTurn === undefined ? {} : { inTurn }),
      })
    }),
  )
