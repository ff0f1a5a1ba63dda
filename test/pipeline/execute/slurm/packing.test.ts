import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LONG, MOST, pack, TASK, type Waiting } from "../../../../pipeline/execute/slurm/packing.ts"

const waiting: fc.Arbitrary<ReadonlyArray<Waiting<number>>> = fc.array(
  fc.record({
    class: fc.constantFrom("one", "other"),
    expected: fc.option(fc.integer({ min: 0, max: 2 * LONG }), { nil: undefined }),
  }),
  { maxLength: 300 },
).map((all) =>
  all.map((each, item) => ({
    ...each,
    item,
    // What differs in these is of another class.
    together: each.class === "one" ? 1 : 3,
    limit: each.class === "one" ? undefined : 40_000,
  }))
)

describe("pack", () => {
  it("gives each action to one task of its class, in an array that is not too large", () => {
    fc.assert(fc.property(waiting, fc.integer({ min: 1, max: 20 }), fc.nat(50), (all, arraySize, idle) => {
      const arrays = pack(all, { arraySize, idle: () => idle })
      const items = arrays.flatMap(({ tasks }) => tasks.flat())
      expect(items.toSorted((one, other) => one - other)).toEqual(all.map(({ item }) => item))
      for (const { class: name, tasks } of arrays) {
        expect(tasks.length).toBeGreaterThan(0)
        expect(tasks.length).toBeLessThanOrEqual(arraySize)
        expect(tasks.every((task) => task.length > 0)).toBe(true)
        expect(new Set(tasks.flat().map((item) => all[item]?.class))).toEqual(new Set([name]))
      }
    }))
  })

  it("has long ones, and those of which nothing is known, alone or as many as run at the same time", () => {
    fc.assert(fc.property(waiting, (all) => {
      for (const { tasks } of pack(all, { arraySize: 1000 })) {
        for (const task of tasks) {
          const own = task.flatMap((item) => all[item] ?? [])
          const isLong = own.some(({ expected = LONG }) => expected >= LONG)
          if (isLong) expect(own.length).toBeLessThanOrEqual(own[0]?.together ?? 1)
        }
      }
    }))
  })

  it("packs short ones so that no task takes much longer than another", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 500 }), (times) => {
        const all = times.map((expected, item) => ({ item, class: "", together: 1, limit: undefined, expected }))
        const tasks = pack(all, { arraySize: 1000 }).flatMap((each) => each.tasks)
        const longest = Math.max(...times)
        for (const task of tasks) {
          const time = task.reduce((sum, item) => sum + (times[item] ?? 0), 0)
          expect(time).toBeLessThanOrEqual(TASK + longest)
          expect(task.length).toBeLessThanOrEqual(MOST)
        }
        const total = times.reduce((sum, time) => sum + time, 0)
        expect(tasks.length).toBeLessThanOrEqual(Math.ceil(total / TASK) + Math.ceil(times.length / MOST) + 1)
      }),
    )
  })

  it("packs 2,000 actions of 50 ms into five tasks, and 2,000 that take no time at all into two", () => {
    const of = (expected: number, idle?: number) =>
      pack(
        Array.from({ length: 2000 }, (_, item) => ({ item, class: "", together: 1, limit: undefined, expected })),
        { arraySize: 1000, ...(idle === undefined ? {} : { idle: () => idle }) },
      ).map(({ tasks }) => tasks.map((task) => task.length))
    expect(of(50)).toEqual([[400, 400, 400, 400, 400]])
    expect(of(0)).toEqual([[1000, 1000]])
    // Where so many tasks can begin at once, there are as many, unless they would be short or long.
    expect(of(50, 4)).toEqual([[500, 500, 500, 500]])
    expect(of(50, 1000)[0]).toHaveLength(20)
    expect(of(50, 1)).toEqual([[400, 400, 400, 400, 400]])
  })

  it("has as many in one task as run at the same time, however long each takes", () => {
    const of = (...times: ReadonlyArray<number | undefined>) =>
      pack(times.map((expected, item) => ({ item, class: "", together: 2, limit: undefined, expected })), {
        arraySize: 1000,
      }).flatMap(({ tasks }) => tasks)
    expect(of(LONG, 1000)).toEqual([[0, 1]])
    expect(of(1000, undefined, 1000)).toEqual([[1, 0], [2]])
    expect(of(1000, 1000)).toEqual([[0, 1]])
  })

  it("splits an array that would be larger than the controller allows", () => {
    const all = Array.from({ length: 7 }, (_, item) => ({
      item,
      class: "",
      together: 1,
      limit: undefined,
      expected: undefined,
    }))
    expect(pack(all, { arraySize: 3 }).map(({ tasks }) => tasks.flat())).toEqual([[0, 1, 2], [3, 4, 5], [6]])
  })
})
