import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { wildcard } from "../../../pipeline/graph/wildcards.ts"

describe("a star in a name", () => {
  it("stands for any run of characters", () => {
    const letters = (...all: ReadonlyArray<string>) =>
      fc.array(fc.constantFrom(...all), { maxLength: 8 }).map((parts) => parts.join(""))
    fc.assert(
      fc.property(letters("a", "b", ".", "*"), letters("a", "b", "."), (pattern, name) => {
        const expected = new RegExp(`^${pattern.split("*").map((part) => RegExp.escape(part)).join(".*")}$`, "su")
        assert.strictEqual(wildcard(pattern)(name), expected.test(name))
      }),
    )
  })

  it("row 13: however many there are, takes no time that grows with their number", () => {
    assert.isFalse(wildcard(`${"*a".repeat(200)}*b`)("a".repeat(5000)))
  })
})
