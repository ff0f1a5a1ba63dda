import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { makeAdopt } from "../../../../pipeline/execute/slurm/adopt.ts"
import type { Queued } from "../../../../pipeline/execute/slurm/answers.ts"
import { Slurm } from "../../../../pipeline/execute/slurm/client.ts"
import { classOf } from "../../../../pipeline/execute/slurm/resource-class.ts"
import type { Task, Waiter } from "../../../../pipeline/execute/slurm/task.ts"
import type { Batch, BatchJob } from "../../../../pipeline/store/batch.ts"
import { Disk } from "../../../../pipeline/store/disk.ts"
import { newOwner } from "../../../../pipeline/store/owner.ts"
import { Store } from "../../../../pipeline/store/store.ts"
import { inFolder, recordOf, storeLayer } from "../../store/support.ts"

const { key, preImage, node, files, resources, environment } = recordOf(1, {})
const jobOf = (again: boolean): BatchJob => ({
  job: { key, preImage, node, files, resources, environment },
  isolation: "process",
  timeout: null,
  again,
})
const waiterOf = (again: boolean): Waiter => ({
  job: jobOf(again),
  class: classOf(resources, {}),
  expected: undefined,
  begun: () => Effect.void,
  waits: () => Effect.void,
  advanced: () => Effect.void,
  ended: () => {},
  losses: 0,
  halvings: 0,
  saved: undefined,
  hasBegun: false,
  isLeft: false,
})

/** A batch whose submitter is dead: its process of this machine began at another time. */
const batchOf = (again: boolean): Batch => ({
  id: "b1",
  submitter: newOwner().replace(/-(\d+)-([0-9a-f]{8})$/u, "-1-$2"),
  run: "r",
  began: new Date(0).toISOString(),
  class: "c",
  memory: 100,
  seconds: null,
  warning: 120,
  together: 1,
  tasks: [{ jobs: [jobOf(again)] }],
})

/** A cluster in whose queue the one task of the batch waits. */
const clusterOf = (cancelled: Array<string>) => {
  const never = Effect.die("this is not asked")
  const waiting: Queued = { job: "7", task: 0, state: "PENDING", reason: "Resources", name: "redag-b1" }
  return Layer.succeed(Slurm, {
    version: never,
    limits: never,
    submit: () => never,
    queue: (names) => Effect.succeed(names.includes(waiting.name) ? [waiting] : []),
    idleCores: () => never,
    details: () => never,
    cancel: (ids) => Effect.sync(() => void cancelled.push(...ids)),
    cancelNamed: () => never,
    requeue: () => never,
  })
}

/** Does something with what a dead engine left in the queue. */
const withLeft = <A>(again: boolean, use: Effect.Effect<A, unknown, Store | Disk | Slurm>) => {
  const cancelled: Array<string> = []
  return Effect.promise(() =>
    inFolder((folder) =>
      Effect.runPromise(
        Effect.gen(function*() {
          const { files: { batches } } = yield* Store
          yield* batches.publish("b1", batchOf(again))
          return { value: yield* use, cancelled }
        }).pipe(
          Effect.provide(Layer.merge(storeLayer(folder), clusterOf(cancelled))),
          Effect.provide(TestClock.layer()),
          Effect.scoped,
        ),
      )
    )
  )
}

describe("what an engine that died left in Slurm's queue", () => {
  /** Whether the task is adopted for an action, where it was submitted so. */
  const isAdopted = (submittedAgain: boolean, again: boolean) =>
    Effect.map(
      withLeft(
        submittedAgain,
        Effect.gen(function*() {
          const tasks = new Set<Task>()
          const { adopt } = yield* makeAdopt(tasks, () => Effect.void, () => false, () => false)
          const rest = yield* adopt([waiterOf(again)])
          assert.strictEqual(rest.length, 1 - tasks.size)
          return tasks.size === 1
        }),
      ),
      ({ value }) => value,
    )

  it.effect("serves who is to execute an action anew only where it would do that", () =>
    Effect.gen(function*() {
      // It leaves out what has a record by the time that it begins, as where `dag run --force` asks for it.
      assert.isFalse(yield* isAdopted(false, true))
      assert.isTrue(yield* isAdopted(true, true))
      assert.isTrue(yield* isAdopted(false, false))
      assert.isTrue(yield* isAdopted(true, false))
    }))

  /** What a run that ends cancels of a task with nothing left to do. */
  const cancelledBeside = (run: string | null) =>
    Effect.map(
      withLeft(
        false,
        Effect.gen(function*() {
          const { layout } = yield* Store
          const disk = yield* Disk
          yield* disk.makeFolder(layout.processes.folder)
          const heartbeat = { host: "h", run, began: new Date().toISOString(), beat: 1, at: Date.now(), seconds: 60 }
          yield* disk.overwrite(layout.processes.path(newOwner()), `${JSON.stringify(heartbeat)}\n`)
          const { tidy } = yield* makeAdopt(new Set(), () => Effect.void, (each) => each === key, () => false)
          const fiber = yield* Effect.forkChild(tidy)
          while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust(1000)
          return Exit.isSuccess(yield* Fiber.await(fiber))
        }),
      ),
      ({ cancelled }) => new Set(cancelled),
    )

  it.effect("is cancelled with nothing left to do by a run that ends, unless another one lives that may wait for it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* cancelledBeside(null), new Set(["7_0"]))
      assert.deepStrictEqual(yield* cancelledBeside("another"), new Set())
    }))
})
