import { describe, expect, it } from "vitest"
import { type Details, detailsIn } from "../../../../pipeline/execute/slurm/answers.ts"
import { beginsLine, endingOf } from "../../../../pipeline/execute/slurm/endings.ts"
import { heldUp } from "../../../../pipeline/execute/slurm/held-up.ts"
import { type EndedTask, verdictOn } from "../../../../pipeline/execute/slurm/verdict.ts"

/** What `scontrol --oneliner show job` says of a job. */
const shown = (state: string, reason = "None", exitCode = "0:0"): Details => {
  const [details] = detailsIn(
    `JobId=7 ArrayJobId=5 ArrayTaskId=2 JobName=x JobState=${state} Reason=${reason} Restarts=0 ExitCode=${exitCode}\n`,
  )
  if (details === undefined) throw new Error("a line of a job is read")
  return details
}

const stepd = "slurmstepd-n1: error: "
const overMemory = `${stepd}StepId=1.batch exceeded memory limit (366575616 > 314572800), being killed\n`
  + `${stepd}Exceeded job memory limit\n${stepd}*** JOB 1 ON n1 CANCELLED AT 2026-01-01T13:04:56 ***\n`
const ended = (why: string) => `${stepd}*** JOB 3 ON n2 CANCELLED AT 2026-01-01T13:06:04${why} ***\n`

const task: EndedTask = {
  job: "5_2",
  memory: 300,
  seconds: 3600,
  log: "logs/x.log",
  unfinished: false,
  takenAway: 0,
}

describe("what became of a task of Slurm", () => {
  it("knows what outgrew its memory where Slurm calls it a job that could not be started", () => {
    expect(endingOf(shown("FAILED", "JobLaunchFailure", "0:9"), overMemory)).toEqual({ _tag: "OutOfMemory", used: 350 })
    expect(endingOf(shown("OUT_OF_MEMORY", "OutOfMemory", "0:125"), "")).toEqual({
      _tag: "OutOfMemory",
      used: undefined,
    })
    const byCgroups =
      `${stepd}Detected 1 oom_kill event in StepId=3.batch. Some of the step tasks have been OOM Killed.\n`
    expect(endingOf(shown("FAILED", "NonZeroExitCode", "137:0"), byCgroups)._tag).toBe("OutOfMemory")
  })

  it("knows it by the output once Slurm has forgotten the job", () => {
    expect(endingOf(undefined, overMemory)).toEqual({ _tag: "OutOfMemory", used: 350 })
    expect(endingOf(undefined, ended(" DUE TO TIME LIMIT"))).toEqual({ _tag: "OutOfTime" })
    expect(endingOf(undefined, ended(" DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS")))
      .toEqual({ _tag: "TakenAway", why: "node" })
    expect(endingOf(undefined, ended(" DUE TO PREEMPTION"))).toEqual({ _tag: "TakenAway", why: "preempted" })
    expect(endingOf(undefined, ended(" DUE TO JOB REQUEUE"))).toEqual({ _tag: "TakenAway", why: "requeued" })
    expect(endingOf(undefined, ended(""))).toEqual({ _tag: "Cancelled" })
    expect(endingOf(undefined, "a word of the stage\n")).toEqual({ _tag: "Forgotten" })
  })

  it("takes nothing from what the task printed in an earlier start", () => {
    const output = `${beginsLine("5_2", 0)}\n${overMemory}${beginsLine("5_2", 1)}\nstep 3\n`
    expect(endingOf(undefined, output)).toEqual({ _tag: "Forgotten" })
    expect(endingOf(shown("COMPLETED"), output)).toEqual({ _tag: "Exited", code: 0, signal: 0 })
  })

  it("takes what the warning of the time limit ended, as a long setup, for out of time", () => {
    expect(endingOf(shown("FAILED", "NonZeroExitCode", "0:10"), "")).toEqual({ _tag: "OutOfTime", warned: true })
  })

  it("knows what Slurm was told to kill, which is not cancelled", () => {
    // As Slurm 22.05 shows a job after scancel --batch --signal=KILL; without --batch it is cancelled.
    const killed = endingOf(shown("FAILED", "JobLaunchFailure", "0:9"), ended(""))
    expect(killed).toEqual({ _tag: "Killed" })
    expect(verdictOn(killed, task)).toMatchObject({
      error: { transient: true, message: "its job 5_2 was killed by signal 9 (by whom Slurm does not say)" },
    })
    expect(endingOf(shown("FAILED", "JobLaunchFailure", "0:9"), "")).toEqual({ _tag: "Exited", code: 0, signal: 9 })
  })

  it("knows the states that say it themselves", () => {
    expect(endingOf(shown("TIMEOUT", "TimeLimit", "0:1"), "")).toEqual({ _tag: "OutOfTime" })
    expect(endingOf(shown("NODE_FAIL", "NodeDown"), "")).toEqual({ _tag: "TakenAway", why: "node" })
    expect(endingOf(shown("PREEMPTED"), "")).toEqual({ _tag: "TakenAway", why: "preempted" })
    expect(endingOf(shown("CANCELLED", "None", "0:15"), ended(""))).toEqual({ _tag: "Cancelled" })
    expect(endingOf(shown("FAILED", "NonZeroExitCode", "7:0"), "")).toEqual({ _tag: "Exited", code: 7, signal: 0 })
    expect(endingOf(shown("FAILED", "JobLaunchFailure"), "")).toEqual({ _tag: "TakenAway", why: "launch" })
  })
})

describe("what that comes to", () => {
  it("asks for more of what ran out, and says what the job had", () => {
    const memory = verdictOn({ _tag: "OutOfMemory", used: 350 }, task)
    expect(memory).toMatchObject({
      _tag: "Failed",
      error: {
        ranOut: "memory",
        message: "its job 5_2 used 350 MiB of memory, more than the 300 MiB that it asked for",
      },
    })
    const time = verdictOn({ _tag: "OutOfTime" }, task)
    expect(time).toMatchObject({
      _tag: "Failed",
      error: { ranOut: "time", message: "its job 5_2 did not end within 1 h 0 min, its time limit" },
    })
    expect(verdictOn({ _tag: "OutOfTime", warned: true }, task)).toMatchObject({
      error: {
        ranOut: "time",
        message: "its job 5_2 was warned of its time limit of 1 h 0 min, and this had saved nothing by then",
      },
    })
    // A kill that nobody told of is the kernel's, for memory.
    expect(verdictOn({ _tag: "Exited", code: 0, signal: 9 }, task)).toMatchObject({ error: { ranOut: "memory" } })
  })

  it("costs nothing where the cluster took the task away, until that goes on for ever", () => {
    const ending = { _tag: "TakenAway", why: "node" } as const
    expect(verdictOn(ending, task)).toEqual({ _tag: "Again", why: "was lost with its node" })
    expect(verdictOn(ending, { ...task, takenAway: 9 })._tag).toBe("Again")
    expect(verdictOn(ending, { ...task, takenAway: 10 })).toMatchObject({
      _tag: "Failed",
      error: { transient: false, message: "its job 5_2 was lost with its node, like 10 before it" },
    })
  })

  it("says that the next run goes on where something was saved", () => {
    const cancelled = verdictOn({ _tag: "Cancelled" }, { ...task, unfinished: true })
    expect(cancelled).toMatchObject({
      error: {
        transient: true,
        help: "run again; the next run goes on from what it saved; what it printed is in logs/x.log",
      },
    })
  })
})

it("names no file of a job that never began", () => {
  const cancelled = verdictOn({ _tag: "Cancelled" }, { ...task, log: undefined })
  expect(cancelled).toMatchObject({
    error: { message: "its job 5_2 was cancelled before it began", help: "run again" },
  })
})

describe("a job that waits", () => {
  const waiting = (reason: string, state = "PENDING") => ({ job: "5", task: 2, state, reason, name: "redag-x" })

  it("is told of where it will not begin until somebody does something", () => {
    expect(heldUp(waiting("JobHeldUser"))).toBe(
      "job 5_2 is held (JobHeldUser) and does not begin: let it go with scontrol release",
    )
    expect(heldUp(waiting("launch failed requeued held"))).toMatch(/is held/u)
    expect(heldUp(waiting("PartitionConfig"))).toMatch(/asks for what no node of its partition has .*slurm\.yaml/u)
    expect(heldUp(waiting("PartitionTimeLimit"))).toMatch(/more time than it may have/u)
  })

  it("is not told of where it waits for its turn, or runs", () => {
    for (const reason of ["Resources", "Priority", "BeginTime", "None", "Dependency"]) {
      expect(heldUp(waiting(reason))).toBeUndefined()
    }
    expect(heldUp(waiting("JobHeldUser", "RUNNING"))).toBeUndefined()
  })
})
