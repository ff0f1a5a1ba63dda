import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { StageError } from "../../../pipeline/base/errors.ts"
import { Executor } from "../../../pipeline/execute/executor.ts"
import { makeOutliving } from "../../../pipeline/run/outliving.ts"
import type { Job } from "../../../pipeline/store/record.ts"
import { preImageOf } from "../store/support.ts"

const jobOf = (name: string): Job => ({
  key: digestOf(name),
  preImage: preImageOf(name),
  node: `add/${name}`,
  files: [],
  resources: { cpu: 1, memory: 64, gpu: 0 },
  environment: { commit: null, dirty: false },
})

const listener = { ended: () => undefined, stopping: () => undefined, stopElsewhere: () => undefined }
const noProgress = () => Effect.void

/** Executes nothing: notes what begins and what is stopped. What is "long" has run for a while as soon as it begins. */
const makeExecutions = () => {
  const began: Array<string> = []
  const stopped: Array<string> = []
  const work = (how: string, { node }: Job, begun: Effect.Effect<void>) =>
    Effect.sync(() => void began.push(`${node} ${how}`)).pipe(
      Effect.andThen(node.endsWith("long") ? begun : Effect.void),
      Effect.andThen(Effect.never),
      Effect.onInterrupt(() => Effect.sync(() => void stopped.push(node))),
    )
  const executor = Executor.of({
    execute: (job) => work("alone", job, Effect.void),
    inTurn: (job, _, __, begun) => work("in turn", job, begun),
  })
  return { began, stopped, executor }
}

describe("an execution that a later run takes over", () => {
  it.effect("has run since it began", () => {
    const { executor } = makeExecutions()
    return Effect.gen(function*() {
      const { executor: { execute }, carried: { ran }, handOver } = yield* makeOutliving(listener)
      const job = jobOf("long")
      assert.strictEqual(ran(job.key), 0)
      const run = yield* Effect.forkChild(execute(job, "process", noProgress))
      while (ran(job.key) === 0) yield* Effect.yieldNow
      yield* handOver(run)
      const before = ran(job.key)
      const next = yield* Effect.forkChild(execute(job, "process", noProgress))
      for (let turn = 0; turn < 10; turn++) yield* Effect.yieldNow
      assert.isAtLeast(ran(job.key), before)
      yield* Fiber.interrupt(next)
      assert.strictEqual(ran(job.key), 0)
    }).pipe(Effect.scoped, Effect.provideService(Executor, executor))
  })
})

describe("executions in turn that a run hands over", () => {
  it.effect("end with it where they are short, and go on where they have run for a while", () => {
    const { began, stopped, executor } = makeExecutions()
    return Effect.gen(function*() {
      const { executor: { execute, inTurn }, handOver, list } = yield* makeOutliving(listener)
      if (inTurn === undefined) throw new Error("there are turns")
      const said: Array<string> = []
      const lane = {}
      const run = yield* Effect.forkChild(Effect.forEach(
        ["short", "long"],
        (name) => inTurn(jobOf(name), noProgress, lane, Effect.sync(() => void said.push(name))),
        { concurrency: "unbounded" },
      ))
      while (began.length < 2 || said.length < 1) yield* Effect.yieldNow
      yield* handOver(run)
      assert.deepStrictEqual([began, said], [["add/short in turn", "add/long in turn"], ["long"]])
      assert.deepStrictEqual(stopped, ["add/short"])
      assert.deepStrictEqual(list().map(({ node }) => node), ["add/long"])

      // The next run hears of the one that goes on, and begins the other one again.
      const next = yield* Effect.forkChild(execute(jobOf("long"), "inline", noProgress))
      const again = yield* Effect.forkChild(execute(jobOf("short"), "inline", noProgress))
      while (list().length > 0 || began.length < 3) yield* Effect.yieldNow
      assert.deepStrictEqual(began.slice(2), ["add/short alone"])
      // A run that ends and hands nothing over stops all that it waits for.
      yield* Fiber.interruptAll([next, again])
      assert.isTrue(Exit.isFailure(yield* Fiber.await(next)))
      assert.sameMembers(stopped.slice(1), ["add/long", "add/short"])
    }).pipe(Effect.scoped, Effect.provideService(Executor, executor))
  })
})

describe("an execution that failed", () => {
  it.effect("is executed again under the same key only where it may pass, as where memory ran out", () => {
    const began: Array<string> = []
    const executor = Executor.of({
      execute: ({ node }) =>
        Effect.suspend(() => {
          began.push(node)
          const ranOut = node.endsWith("memory") ? { ranOut: "memory" as const } : {}
          return Effect.fail(new StageError({ message: "failed", help: "", transient: false, ...ranOut }))
        }),
    })
    return Effect.gen(function*() {
      const { executor: { execute } } = yield* makeOutliving(listener)
      for (const name of ["memory", "memory", "good", "good"]) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(execute(jobOf(name), "process", noProgress))))
      }
      assert.deepStrictEqual(began, ["add/memory", "add/memory", "add/good"])
    }).pipe(Effect.scoped, Effect.provideService(Executor, executor))
  })
})
