import { Effect } from "effect"
import { expect, it } from "vitest"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import { makeWarning } from "../../../../pipeline/execute/slurm/warning.ts"

const [training, late, other] = ["training", "late", "other"].map((name) => digestOf(name)) as [never, never, never]

it("the warning of the time limit stops what can save, also what only comes to it then, and leaves the rest alone", () =>
  Effect.runPromise(Effect.gen(function*() {
    const warning = makeWarning()
    const stopped: Array<string> = []
    const forked = yield* Effect.forEach(
      Object.entries({ training, late, other }),
      ([name, key]) => Effect.forkChild(Effect.andThen(warning.toStop(key), Effect.sync(() => stopped.push(name)))),
    )
    expect(forked.length).toBe(3)
    yield* Effect.yieldNow
    warning.saves(training)
    yield* Effect.yieldNow
    expect([stopped, warning.hasStopped()]).toEqual([[], false])
    warning.hear()
    yield* Effect.yieldNow
    expect([stopped, warning.hasStopped()]).toEqual([["training"], true])
    warning.saves(late)
    yield* Effect.yieldNow
    expect(stopped).toEqual(["training", "late"])
  })))
