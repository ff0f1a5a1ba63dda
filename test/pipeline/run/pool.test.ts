import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Resources } from "../../../pipeline/graph/stage.ts"
import { makePool } from "../../../pipeline/run/pool.ts"

const wishes = fc.record({
  cpu: fc.double({ min: 0, max: 12, noNaN: true }),
  memory: fc.double({ min: 0, max: 5000, noNaN: true }),
  gpu: fc.nat(3),
})
const limits = { jobs: 3, cpu: 4, memory: 1000, gpu: 1 }

describe("pool", () => {
  it("never lends more than there is, and lends all of it again when all is back", () => {
    fc.assert(fc.property(fc.array(fc.oneof(wishes, fc.nat(5))), (steps) => {
      const pool = makePool(limits)
      const lent: Array<Resources> = []
      const give = (index: number) => {
        const [back] = lent.splice(index % lent.length, 1)
        if (back !== undefined) pool.give(back)
      }
      for (const step of steps) {
        if (typeof step === "number") {
          if (lent.length > 0) give(step)
          continue
        }
        const granted = pool.take(step)
        if (granted !== undefined) lent.push(granted)
        else assert.isAbove(lent.length, 0, "refused though nothing was lent")
        const sum = (of: (each: Resources) => number) => lent.reduce((total, each) => total + of(each), 0)
        assert.isAtMost(lent.length, limits.jobs)
        assert.isAtMost(sum((each) => each.cpu), limits.cpu + 1e-9)
        assert.isAtMost(sum((each) => each.memory), limits.memory + 1e-9)
        assert.isAtMost(sum((each) => each.gpu), limits.gpu)
        assert.strictEqual(pool.isFull(), lent.length === limits.jobs)
      }
      while (lent.length > 0) give(0)
      assert.deepStrictEqual(pool.take({ cpu: 99, memory: 1e6, gpu: 9 }), { cpu: 4, memory: 1000, gpu: 1 })
    }))
  })

  it("grants what wants more than there is all there is, alone", () => {
    const pool = makePool(limits)
    const small = pool.take({ cpu: 1, memory: 1, gpu: 0 })
    assert.isUndefined(pool.take({ cpu: 64, memory: 1, gpu: 0 }))
    if (small !== undefined) pool.give(small)
    assert.deepStrictEqual(pool.take({ cpu: 64, memory: 1, gpu: 0 }), { cpu: 4, memory: 1, gpu: 0 })
    assert.isUndefined(pool.take({ cpu: 1, memory: 1, gpu: 0 }))
  })
})
