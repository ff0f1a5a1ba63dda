import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Schema } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { Executor } from "../../../pipeline/execute/executor.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { inPlace } from "./support.ts"

const Row = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "shared" })

/** Two places of as many short nodes as one takes; and more nodes than those. */
const HELD = 256
const MORE = 44

/** A node that so many others take input from, which take no time; and which of them were executed. */
const shortNodes = (folder: string) => {
  const executed: Array<number> = []
  const short = stage({
    name: "short",
    params: Schema.Struct({ by: Schema.Int }),
    inputs: { from: many(Row) },
    outputs: { values: Row },
    run: ({ params: { by } }) =>
      Effect.sync(() => {
        executed.push(by)
        return { values: [{ value: by }] }
      }),
  })
  const graph = expand(
    experiment({
      defaultProfile: "shared",
      profiles: {
        shared: (dag) => {
          const first = dag.add(short, { name: "first", params: { by: 0 }, inputs: { from: [] } }).values
          for (let by = 1; by <= HELD + MORE; by++) {
            dag.add(short, { name: `other-${by}`, params: { by }, inputs: { from: [first] } })
          }
        },
      },
    }),
    "shared",
    folder,
  )
  return { graph, executed }
}

const leasesIn = (store: string): number =>
  existsSync(join(store, "leases")) ? readdirSync(join(store, "leases")).length : 0

/** The clock, which tells of each sleep before it begins. */
const telling = (sleeps: (milliseconds: number) => void): Clock.Clock => {
  const clock = Effect.runSync(Clock.Clock)
  return {
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
    currentTimeMillis: clock.currentTimeMillis,
    currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
    currentTimeNanos: clock.currentTimeNanos,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => {
      sleeps(Duration.toMillis(duration))
      return clock.sleep(duration)
    },
  }
}

describe("two runs on one store", () => {
  it("share many short nodes: what one has before it is not in the way of what comes after that", () =>
    inPlace(async ({ store, run }) => {
      const one = shortNodes(store)
      const other = shortNodes(store)
      const open = Promise.withResolvers<void>()
      const holds = Promise.withResolvers<void>()
      const first = run({
        change: () => one.graph,
        executing: (usual) => {
          const quick: typeof usual.execute = (...asked) =>
            Effect.map(usual.execute(...asked), (record) => ({ ...record, milliseconds: 0 }))
          return Executor.of({
            execute: quick,
            inTurn: (job, advanced) =>
              Effect.promise(() => open.promise).pipe(Effect.andThen(quick(job, "inline", advanced))),
          })
        },
        seen: (event) => {
          if (event._tag === "NodeStarted" && event.node !== "short/first") holds.resolve()
        },
      })
      await Promise.race([holds.promise, first])
      assert.strictEqual(leasesIn(store), HELD)
      // How many nodes the second had started when it first waited for the first run.
      let started = 0
      let startedAtFirst: number | undefined
      const second = await run({
        change: () => other.graph,
        clock: telling((milliseconds) => {
          if (milliseconds < 100) startedAtFirst ??= started
        }),
        seen: (event) => {
          if (event._tag === "NodeStarted") started++
          if (event._tag === "NodeSucceeded" && started === MORE) open.resolve()
        },
      })
      const { exit } = await first
      assert.deepStrictEqual([Exit.isSuccess(exit), Exit.isSuccess(second.exit)], [true, true])
      assert.isAbove(startedAtFirst ?? 0, 0)
      assert.lengthOf(one.executed, 1 + HELD)
      assert.lengthOf(other.executed, MORE)
    }))
})
