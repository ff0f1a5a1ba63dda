import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { existsSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Executor } from "../../../pipeline/execute/executor.ts"
import { inPlace } from "./support.ts"

const leasesIn = (store: string): ReadonlyArray<string> =>
  existsSync(join(store, "leases")) ? readdirSync(join(store, "leases")) : []

describe("what a run took", () => {
  // A process looks after its leases as often as it beats.
  const before = process.env["DAG_LEASE_SECONDS"]
  beforeEach(() => {
    process.env["DAG_LEASE_SECONDS"] = "1"
  })
  afterEach(() => {
    if (before === undefined) delete process.env["DAG_LEASE_SECONDS"]
    else process.env["DAG_LEASE_SECONDS"] = before
  })

  it("is let go where the run is interrupted before it begins with it, though the process lives on", () =>
    inPlace(async ({ store, run }) => {
      const controller = new AbortController()
      let taken: ReadonlyArray<string> = []
      let left: ReadonlyArray<string> | undefined
      const { exit, executed } = await run({
        signal: controller.signal,
        seen: (event) => {
          if (event._tag === "NodeStarted" && event.node !== "read/first") {
            taken = leasesIn(store)
            controller.abort()
          }
          if (event._tag === "RunFinished") left = leasesIn(store)
        },
      })
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(executed, ["read"])
      assert.lengthOf(taken, 2)
      assert.deepStrictEqual(left, [])
    }))

  it("and another took over is executed here no more, also where it waits for its turn in a lane", () =>
    inPlace(async ({ store, run }) => {
      const ends: Array<string> = []
      let isFirst = true
      const { exit, executed } = await run({
        executing: (usual) =>
          Executor.of({
            // Executions that take no time are short, whatever else the machine does.
            execute: (...asked) => Effect.map(usual.execute(...asked), (record) => ({ ...record, milliseconds: 0 })),
            inTurn: (job, advanced) => {
              if (job.node !== "add/three" || !isFirst) return usual.execute(job, "inline", advanced)
              isFirst = false
              // As whoever takes this process for dead removes its files; nothing ever comes of this turn.
              for (const name of leasesIn(store)) if (name.startsWith(job.key)) rmSync(join(store, "leases", name))
              return Effect.onInterrupt(Effect.never, () => Effect.sync(() => ends.push("interrupted")))
            },
          }),
      })
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(ends, ["interrupted"])
      assert.lengthOf(executed.filter((each) => each === "add 3"), 1)
    }))
})
