import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Digest } from "../../../../pipeline/base/digest.ts"
import { lookedIn, queueFileOf } from "../../../../pipeline/execute/slurm/queue-file.ts"
import { noteLooked, waitOf } from "../../../../pipeline/execute/slurm/stand.ts"
import { newTask, type Task } from "../../../../pipeline/execute/slurm/task.ts"
import type { Batch } from "../../../../pipeline/store/batch.ts"

const key = Digest.make("a".repeat(64))
const batch: Batch = {
  id: "b1",
  submitter: "me",
  run: "r1",
  began: "",
  class: "",
  memory: 1,
  seconds: null,
  warning: 60,
  together: 1,
  tasks: [],
}
const taskOf = (index: number, changes: Partial<Task> = {}): Task => ({
  ...newTask(batch, index, Effect.succeed([])),
  array: "12",
  ...changes,
})
/** A task that is at work on n1 since some time, on this action where it is given. */
const atWork = (running: ReadonlyArray<Digest>, beganAt = 0) =>
  taskOf(0, {
    isAtWork: true,
    hasBegun: true,
    begins: 1,
    beganAt,
    host: "n1",
    running: new Set(running),
    began: new Map(running.map((each) => [each, ""])),
  })
const after = (task: Task, state: string, reason: string, asked = 1) => {
  noteLooked(task, { state, reason }, asked)
  return waitOf(task, key)
}
const place = { id: "12_0", name: "redag-b1", output: "b1.0.log" }

describe("how an action stands whose task is in Slurm's queue", () => {
  it("waits, for the reason that squeue gives, or for a person", () => {
    expect(waitOf(taskOf(0), key)).toEqual({ state: "queued", job: place })
    expect(after(taskOf(0), "PENDING", "Resources")).toEqual({ state: "queued", reason: "Resources", job: place })
    expect(after(taskOf(0), "PENDING", "None")).toEqual({ state: "queued", job: place })
    expect(after(taskOf(0), "PENDING", "JobHeldUser")).toEqual({ state: "held", reason: "JobHeldUser", job: place })
    expect(after(taskOf(0), "PENDING", "launch failed requeued held")?.state).toBe("held")
    // What runs before its worker does.
    expect(after(taskOf(0), "RUNNING", "None")).toEqual({ state: "turn", job: place })
  })

  it("runs, or waits for its turn where its task is at others", () => {
    expect(waitOf(atWork([key]), key)).toBeUndefined()
    expect(waitOf(atWork([]), key)).toEqual({ state: "turn", job: { ...place, host: "n1" } })
    expect(after(atWork([key]), "RUNNING", "None")).toBeUndefined()
    expect(after(atWork([key]), "SUSPENDED", "None")).toMatchObject({ state: "held", reason: "suspended" })
  })

  it("waits to begin again where its job is put back, but not by an answer from before it began", () => {
    expect(after(atWork([key]), "PENDING", "BeginTime")).toEqual({ state: "again", reason: "BeginTime", job: place })
    expect(after(atWork([key], 2), "PENDING", "Resources")).toBeUndefined()
  })

  it("is written down for others, who leave out what is said of a task that has begun since", () => {
    const pending = { state: "PENDING", reason: "Priority" }
    const file = queueFileOf("12", [
      ...[0, 1, 2, 7].map((index) => taskOf(index, { looked: pending })),
      taskOf(3, { looked: { state: "RUNNING", reason: "None" } }),
      taskOf(4, { looked: { state: "PENDING", reason: "BeginTime" }, begins: 1 }),
      taskOf(5),
    ])
    expect(file).toEqual({
      job: "12",
      waits: [
        { ...pending, begins: 0, tasks: "0-2,7" },
        { state: "PENDING", reason: "BeginTime", begins: 1, tasks: "4" },
      ],
    })
    expect(lookedIn(file, 2, 0)).toEqual(pending)
    expect(lookedIn(file, 2, 1)).toBeUndefined()
    expect(lookedIn(file, 3, 0)).toBeUndefined()
    expect(lookedIn(file, 4, 1)).toEqual({ state: "PENDING", reason: "BeginTime" })
  })
})
