import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { saveIntervalOf } from "../../../pipeline/store/save-interval.ts"

describe("the save interval", () => {
  it.effect("is that of the environment", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* saveIntervalOf({}), { seconds: 300, steps: Infinity })
      assert.deepStrictEqual(yield* saveIntervalOf({ DAG_SAVE_SECONDS: "60", DAG_SAVE_STEPS: "20" }), {
        seconds: 60,
        steps: 20,
      })
      for (const text of ["often", "0", "-1"]) {
        assert.strictEqual((yield* Effect.flip(saveIntervalOf({ DAG_SAVE_STEPS: text }))).field, "DAG_SAVE_STEPS")
      }
    }))
})
