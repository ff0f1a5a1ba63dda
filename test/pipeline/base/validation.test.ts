import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { checker, fieldName } from "../../../pipeline/base/validation.ts"

const Positive = Schema.Int.check(Schema.isGreaterThan(0))
const Training = Schema.Struct({
  duration: Schema.Union([Schema.Struct({ epochs: Positive }), Schema.Struct({ maxSteps: Positive })]),
  dropout: Schema.Union([Schema.Literal("model"), Schema.Finite.check(Schema.isLessThan(1))]),
})

const check = checker(Training, { excess: "error" })
const mistake = (value: unknown): string => {
  const found = check(value)
  return Result.isFailure(found) ? `${fieldName(found.failure.path)} ${found.failure.message}` : "none"
}

describe("the mistake that a Schema finds first", () => {
  it("is that of the member of a union to which the value comes closest", () => {
    const duration = (value: object) => mistake({ duration: value, dropout: "model" })
    assert.strictEqual(duration({ maxSteps: 3 }), "none")
    assert.strictEqual(duration({ maxSteps: 0 }), "duration.maxSteps expected a value greater than 0, found 0")
    assert.strictEqual(duration({ epochs: 0 }), "duration.epochs expected a value greater than 0, found 0")
    assert.strictEqual(duration({ maxSteps: 3, days: 1 }), "duration.days is not a name that is known here")
    assert.strictEqual(
      mistake({ duration: { epochs: 1 }, dropout: 2 }),
      "dropout expected a value less than 1, found 2",
    )
  })

  it("is a name that is not known, or one that is missing", () => {
    assert.strictEqual(mistake({ duration: { epochs: 1 }, dropOut: 0 }), "dropOut is not a name that is known here")
    assert.strictEqual(mistake({ duration: { epochs: 1 } }), "dropout missing key")
  })
})
