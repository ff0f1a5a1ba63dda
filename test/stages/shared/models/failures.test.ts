import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { message } from "redag"
import { EngineError } from "../../../../models/ir/program.ts"
import { TrainingDiverged } from "../../../../models/training/trainer.ts"
import { drainUntil } from "../../../../stages/shared/models/drain.ts"
import { attemptModel } from "../../../../stages/shared/models/failures.ts"

/** What a stage fails with where code of models/ throws this. */
const failing = (thrown: unknown) =>
  attemptModel(() => {
    throw thrown
  })

describe("a failure of models/", () => {
  // As onnxruntime 1.30, TensorFlow and V8 word it.
  it.effect.each([
    new EngineError("onnxruntime", "Failed to allocate memory for requested buffer of size 1073741824"),
    new EngineError("onnxruntime", "Non-zero status code returned while running MatMul node. std::bad_alloc"),
    new EngineError("tensorflow", "OOM when allocating tensor with shape[8,512,32128]"),
    new EngineError(
      "tensorflow",
      message("models/engines/messages.ts", "atNode", "matmul", "", "OOM when allocating tensor"),
      new Error("OOM when allocating tensor with shape[8,512,32128]"),
    ),
    new RangeError("Array buffer allocation failed"),
    new RangeError("Invalid typed array length: 9000000000"),
  ])("is told as a lack of memory: %s", (cause) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(failing(cause))
      assert.strictEqual(error._tag, "StageError")
      assert.strictEqual(error.message, `memory ran out: ${cause.message}`)
      assert.match(error.help, /smaller batches/u)
    }))

  it.effect("is told as what it is where memory is not named", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(failing(new EngineError("onnxruntime", "no kernel for Erf")))
      assert.strictEqual(error.message, "onnxruntime: no kernel for Erf")
      assert.match(error.help, /defect/u)
    }))
})

describe("a loss that is not finite", () => {
  it.effect("is the learning rate's fault from the second step on, and before that the weights'", () =>
    Effect.gen(function*() {
      const first = yield* Effect.flip(failing(new TrainingDiverged(1, Number.NaN, Number.NaN, 0)))
      assert.strictEqual(first.message, "loss NaN, gradient norm NaN at learning rate 0")
      assert.match(first.help, /other weights/u)
      const second = yield* Effect.flip(failing(new TrainingDiverged(2, Infinity, Number.NaN, 0.1)))
      assert.match(second.help, /lower the learning rate/u)
    }))
})

describe("drainUntil", () => {
  it.effect("closes the generator, whether it is left early, fails or ends", () =>
    Effect.gen(function*() {
      let open = 0
      const counting = async function*(fail: boolean) {
        open++
        try {
          for (let count = 0; count < 5; count++) {
            if (fail && count === 3) throw new EngineError("onnxruntime", "broken")
            yield count
          }
        } finally {
          open--
        }
      }
      const seen: Array<number> = []
      const take = (until: number) => (count: number) => Effect.sync(() => seen.push(count) > 0 && count === until)
      yield* drainUntil(counting(false), take(1), Effect.void)
      yield* Effect.flip(drainUntil(counting(true), take(9), Effect.void))
      yield* drainUntil(counting(false), take(9), Effect.void)
      assert.deepStrictEqual(seen, [0, 1, 0, 1, 2, 0, 1, 2, 3, 4])
      assert.strictEqual(open, 0)
    }))
})
