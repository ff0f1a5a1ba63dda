import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { GpuHolder } from "../../../pipeline/execute/gpu-leases.ts"
import type { Resources } from "../../../pipeline/graph/stage.ts"
import { type Lent, makePool } from "../../../pipeline/run/pool.ts"

const wishes = fc.record({
  cpu: fc.double({ min: 0, max: 12, noNaN: true }),
  memory: fc.double({ min: 0, max: 5000, noNaN: true }),
  gpu: fc.nat(3),
  share: fc.integer({ min: 1, max: 3 }),
})
const limits = { jobs: 6, cpu: 12, memory: 9000, gpu: 4 }
const ids = ["0", "1", "2", "3"]
const whole = { ...limits, jobs: 1 }

describe("pool", () => {
  it("never lends more than there is, no GPU to more than all that hold it agree to, and all of it again when all is back", () => {
    fc.assert(fc.property(fc.array(fc.oneof(wishes, fc.nat(5))), (steps) => {
      const pool = makePool(limits)
      const lent: Array<Lent> = []
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
        for (const id of ids) {
          const holders = lent.filter(({ gpus }) => gpus?.includes(id))
          assert.isAtMost(holders.length, Math.min(...holders.map(({ share = 1 }) => share), 3))
        }
        if (granted !== undefined) {
          assert.strictEqual(new Set(granted.gpus).size, granted.gpu, "as many different ones as it asked for")
          assert.isTrue(granted.gpus?.every((id) => ids.includes(id)))
        }
      }
      while (lent.length > 0) give(0)
      const all = pool.take({ cpu: 99, memory: 1e6, gpu: 9 })
      assert.deepStrictEqual(all, { cpu: 12, memory: 9000, gpu: 4, gpus: ids })
    }))
  })

  it("grants what wants more than there is all there is, alone", () => {
    const pool = makePool(limits)
    const small = pool.take({ cpu: 1, memory: 1, gpu: 0 })
    assert.isUndefined(pool.take({ cpu: 64, memory: 1, gpu: 0 }))
    if (small !== undefined) pool.give(small)
    assert.deepStrictEqual(pool.take({ cpu: 64, memory: 1, gpu: 0 }), { cpu: 12, memory: 1, gpu: 0, gpus: [] })
    assert.isUndefined(pool.take({ cpu: 1, memory: 1, gpu: 0 }))
  })

  it("fills a GPU that others share before it begins another, and lends one that nobody shares whole", () => {
    const pool = makePool({ ...limits, gpu: 2 })
    const take = (share: number) => pool.take({ cpu: 1, memory: 1, gpu: 1, share })?.gpus
    assert.deepStrictEqual([take(2), take(2), take(1), take(2)], [["0"], ["0"], ["1"], undefined])
  })

  it("counts the GPUs of what an earlier pool lent", () => {
    const before = makePool(limits)
    const carried = before.take({ cpu: 1, memory: 1, gpu: 3 })
    const pool = makePool(limits)
    if (carried !== undefined) pool.hold(carried)
    assert.deepStrictEqual(pool.take({ cpu: 1, memory: 1, gpu: 1 })?.gpus, ["3"])
    assert.isUndefined(pool.take({ cpu: 1, memory: 1, gpu: 1 }))
    if (carried !== undefined) pool.give(carried)
    assert.deepStrictEqual(pool.take({ cpu: 1, memory: 1, gpu: 1 })?.gpus, ["0"])
  })

  it("names no GPUs where there are none, and those that the limits name", () => {
    const wish = { cpu: 1, memory: 1, gpu: 1 }
    assert.deepStrictEqual(makePool({ ...whole, gpu: 0 }).take(wish), { cpu: 1, memory: 1, gpu: 0 })
    // None at all, where that is known: it is to see none either.
    const none = makePool({ ...whole, gpu: 0, gpus: [] }).take(wish)
    assert.deepStrictEqual(none, { cpu: 1, memory: 1, gpu: 0, gpus: [] })
    assert.deepStrictEqual(makePool({ ...whole, gpu: 1, gpus: ["GPU-7a"] }).take(wish), { ...wish, gpus: ["GPU-7a"] })
  })

  it("says that other runs are in the way of a wish only where nothing but their GPUs is", () => {
    const holder = { gpu: "0", pid: 7, share: 1, folder: "/elsewhere" }
    const held = new Map<string, ReadonlyArray<GpuHolder>>([["0", [holder]]])
    const pool = makePool({
      ...limits,
      jobs: 2,
      gpu: 1,
      gpus: ["0"],
      leases: { others: () => held, add: () => {}, remove: () => {}, keep: () => () => {} },
    })
    const gpuWish = { cpu: 1, memory: 1, gpu: 1 }
    assert.isUndefined(pool.take(gpuWish))
    assert.deepStrictEqual(pool.inTheWay(), [holder])
    // It would have to wait for memory of this run too.
    const most = pool.take({ cpu: 11, memory: 9000, gpu: 0 })
    assert.isDefined(most)
    assert.deepStrictEqual(pool.inTheWay(), [])
    assert.isUndefined(pool.take(gpuWish))
    assert.deepStrictEqual(pool.inTheWay(), [])
    if (most !== undefined) pool.give(most)
    assert.isUndefined(pool.take(gpuWish))
    assert.isUndefined(pool.take({ cpu: 1, memory: 1, gpu: 1, share: 2 }))
    assert.deepStrictEqual(pool.inTheWay(), [holder])
    held.clear()
    assert.isDefined(pool.take(gpuWish))
    assert.deepStrictEqual(pool.inTheWay(), [])
    // Its own.
    assert.isUndefined(pool.take(gpuWish))
    assert.deepStrictEqual(pool.inTheWay(), [])
    assert.isDefined(pool.take({ cpu: 1, memory: 1, gpu: 0 }))
    assert.isUndefined(pool.take({ cpu: 1, memory: 1, gpu: 0 }), "only two at a time")
    assert.deepStrictEqual(pool.inTheWay(), [])
  })
})
