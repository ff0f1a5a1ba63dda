import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Schema } from "effect"
import { StageError } from "../../../pipeline/base/errors.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { eventsOf, inPlace } from "./support.ts"

const Row = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "waiting" })

/** A clock that nobody outlives: what sleeps for half a second or more never wakes. */
const standing: Effect.Effect<Clock.Clock> = Effect.map(Clock.Clock, (clock) => ({
  currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
  currentTimeMillis: clock.currentTimeMillis,
  currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
  currentTimeNanos: clock.currentTimeNanos,
  monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
  monotonicTimeNanos: clock.monotonicTimeNanos,
  sleep: (duration) => Duration.toMillis(duration) >= 500 ? Effect.never : clock.sleep(duration),
}))

describe("a node that waits for another attempt", () => {
  it("fails at once when another node fails and nothing is to start any more", () =>
    inPlace(async ({ run }) => {
      const waits = Effect.runSync(Deferred.make<void>())
      const fails = (name: string, transient: boolean, before: Effect.Effect<void>) =>
        stage({
          name,
          params: Schema.Struct({}),
          inputs: {},
          outputs: { rows: Row },
          resources: () => ({ cpu: 1, memory: 1, gpu: 0, retries: { transient: 2 } }),
          run: () =>
            Effect.andThen(before, Effect.fail(new StageError({ message: name, help: "run again", transient }))),
        })
      const busy = fails("busy", true, Effect.void)
      const wrong = fails("wrong", false, Deferred.await(waits))
      const ran = await run({
        clock: Effect.runSync(standing),
        change: () =>
          expand(
            experiment({
              defaultProfile: "two",
              profiles: {
                two: (dag) => {
                  dag.add(busy, { name: "node", params: {}, inputs: {} })
                  dag.add(wrong, { name: "node", params: {}, inputs: {} })
                },
              },
            }),
            "two",
            ".",
          ),
        seen: ({ _tag }) => {
          if (_tag === "NodeRetried") Effect.runSync(Deferred.succeed(waits, undefined))
        },
      })
      assert.isTrue(Exit.isSuccess(ran.exit), JSON.stringify(ran.exit))
      assert.deepStrictEqual(eventsOf(ran, "busy/node"), ["NodeStarted", "NodeRetried", "NodeFailed"])
      assert.deepStrictEqual(eventsOf(ran, "wrong/node"), ["NodeStarted", "NodeFailed"])
    }))
})
