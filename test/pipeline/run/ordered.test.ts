import { assert, describe, it } from "@effect/vitest"
import { Ordered } from "../../../pipeline/run/ordered.ts"

describe("names in the order of a list", () => {
  it("come in that order, whatever the order in which they were put in and taken out", () => {
    for (const length of [0, 1, 31, 32, 33, 1024, 1025, 40_000]) {
      const names = Array.from({ length }, (_, place) => `n${place}`)
      const [ordered, there] = [new Ordered(names), new Set<number>()]
      // A fixed walk that visits places far from each other.
      for (let step = 0; step < Math.min(length * 3, 3000); step++) {
        const place = (step * 7919 + (step % 3)) % length
        if (step % 4 === 3) {
          ordered.delete(`n${place}`)
          there.delete(place)
        } else {
          ordered.add(`n${place}`)
          there.add(place)
        }
      }
      const expected = [...there].toSorted((one, other) => one - other).map((place) => `n${place}`)
      assert.deepStrictEqual([...ordered], expected)
      assert.strictEqual(ordered.size, expected.length)
      for (const name of expected) ordered.delete(name)
      assert.deepStrictEqual([[...ordered], ordered.size], [[], 0])
    }
  })

  it("can be taken out while they are gone through", () => {
    const ordered = new Ordered(["a", "b", "c", "d"])
    for (const name of ["d", "b", "a"]) ordered.add(name)
    const seen: Array<string> = []
    for (const name of ordered) {
      seen.push(name)
      ordered.delete(name)
      if (name === "a") ordered.delete("b")
    }
    assert.deepStrictEqual([seen, ordered.size], [["a", "d"], 0])
  })
})
