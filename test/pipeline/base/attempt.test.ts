import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { attempt, attemptPromise } from "../../../pipeline/base/attempt.ts"
import { InputError, StageError } from "../../../pipeline/base/errors.ts"

const mistake = new InputError({ message: "is wrong", help: "fix it" })
const broken = new StageError({ message: "broke", help: "run again", transient: true })
const bug = new TypeError("undefined is not a function")

/** How code ends: with a value, a failure, or a bug. */
const ending = (exit: Exit.Exit<unknown, unknown>): readonly [string, unknown] => {
  if (Exit.isSuccess(exit)) return ["value", exit.value]
  const failed = exit.cause.reasons.some((reason) => reason._tag === "Fail")
  return [failed ? "failure" : "bug", Cause.squash(exit.cause)]
}

const throwing = (thrown: Error | undefined) => (): number => {
  if (thrown !== undefined) throw thrown
  return 1
}

const stageErrors = (thrown: unknown): StageError | undefined => (thrown instanceof StageError ? thrown : undefined)

const cases: ReadonlyArray<readonly [thrown: Error | undefined, plain: string, foreseeing: string]> = [
  [undefined, "value", "value"],
  [mistake, "failure", "bug"],
  [broken, "bug", "failure"],
  [bug, "bug", "bug"],
]

describe("code that throws", () => {
  it.effect.each(cases)(
    "%s is a %s, and where stage errors are foreseen a %s",
    ([thrown, plain, foreseeing]) =>
      Effect.gen(function*() {
        const call = throwing(thrown)
        const value = thrown ?? 1
        const promise = async () => call()
        assert.deepStrictEqual(ending(yield* Effect.exit(attempt(call))), [plain, value])
        assert.deepStrictEqual(ending(yield* Effect.exit(attemptPromise(promise))), [plain, value])
        assert.deepStrictEqual(ending(yield* Effect.exit(attempt(call, stageErrors))), [foreseeing, value])
        assert.deepStrictEqual(ending(yield* Effect.exit(attemptPromise(promise, stageErrors))), [foreseeing, value])
      }),
  )
})
