import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type Machine, type Task, wallTimeOf } from "../../../pipeline/status/list-schedule.ts"

const machine: Machine = { jobs: 2, cpu: 4, memory: 1000, gpu: 1 }
const task = (
  name: string,
  milliseconds: number,
  after: ReadonlyArray<string> = [],
  resources: Partial<Task["resources"]> = {},
): Task => ({ name, milliseconds, after, resources: { cpu: 1, memory: 100, gpu: 0, ...resources } })

describe("the time that tasks take on a machine", () => {
  it("is that of what runs side by side, as far as there is room for it", () => {
    assert.strictEqual(wallTimeOf([task("a", 10), task("b", 20), task("c", 5)], machine), 20)
    assert.strictEqual(wallTimeOf([task("a", 10), task("b", 20)], { ...machine, jobs: 1 }), 30)
    const wide = { memory: 600 }
    assert.strictEqual(wallTimeOf([task("a", 10, [], wide), task("b", 20, [], wide), task("c", 9)], machine), 30)
    const trainings = ["a", "b"].map((name) => task(name, 10, [], { gpu: 1 }))
    assert.strictEqual(wallTimeOf([...trainings, task("c", 15)], machine), 20)
  })

  it("grants all there is to a task that wants more", () => {
    assert.strictEqual(wallTimeOf([task("a", 10, [], { memory: 5000 }), task("b", 10)], machine), 20)
  })

  it("waits for what a task takes input from", () => {
    assert.strictEqual(wallTimeOf([task("a", 10), task("b", 10, ["a"]), task("c", 4, ["elsewhere"])], machine), 20)
  })

  it("is longer where the longest is left for the end", () => {
    const long = task("long", 60)
    const short = [1, 2, 3, 4].map((n) => task(`short ${n}`, 20))
    assert.strictEqual(wallTimeOf([long, ...short], machine), 80)
    assert.strictEqual(wallTimeOf([...short, long], machine), 100)
  })

  // What is known of list schedules (Graham 1966): no order is worse than twice the best there is.
  const Tasks = Schema.Array(
    Schema.Struct({
      milliseconds: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
      /** Which of the tasks before it a task waits for, by how far before it they stand. */
      after: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))).check(
        Schema.isMaxLength(3),
      ),
    }),
  ).check(Schema.isMaxLength(30))
  it.prop("stays within what no schedule can beat and what none may exceed", [
    Tasks,
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
  ], ([drawn, jobs]) => {
    const tasks = drawn.map(({ milliseconds, after }, index) =>
      task(String(index), milliseconds, [...new Set(after.map((back) => String(index - back)))])
    )
    const total = tasks.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
    const longest = new Map<string, number>()
    for (const { name, milliseconds, after } of tasks) {
      longest.set(name, milliseconds + Math.max(0, ...after.map((each) => longest.get(each) ?? 0)))
    }
    const path = Math.max(0, ...longest.values())
    const plenty = { jobs, cpu: Infinity, memory: Infinity, gpu: 0 }
    for (const order of [tasks, tasks.toReversed()]) {
      const time = wallTimeOf(order, plenty)
      assert.isAtLeast(time, Math.max(path, total / jobs) - 1e-6)
      assert.isAtMost(time, path + (total - path) / jobs + 1e-6)
    }
  })
})
