import { Effect, Layer } from "effect"
import * as Slurm from "../execute/slurm/client.ts"
import { warningSignal } from "../execute/slurm/script.ts"
import { makeWarning } from "../execute/slurm/warning.ts"
import { type WorkerPrograms, workOnTask } from "../execute/slurm/worker.ts"
import type { Disk } from "../store/disk.ts"
import type { Store } from "../store/store.ts"

/**
 * Executes a task of a batch, as a job of a cluster does that `dag run` submitted. It stops as any worker does; where
 * Slurm says that its time limit comes, what can save stops.
 */
export const runTask = (
  batch: string,
  task: number,
  programs: WorkerPrograms,
  storage: Layer.Layer<Store | Disk>,
): Effect.Effect<void, unknown> =>
  Effect.suspend(() => {
    const warning = makeWarning()
    process.on(warningSignal, warning.hear)
    return workOnTask(batch, task, programs, warning).pipe(Effect.provide(Layer.merge(storage, Slurm.layer)))
  })
