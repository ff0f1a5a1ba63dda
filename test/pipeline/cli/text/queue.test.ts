import { assert, describe, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import { Digest } from "../../../../pipeline/base/digest.ts"
import { makeBoard, measuredLeft } from "../../../../pipeline/cli/text/board.ts"
import { eventText } from "../../../../pipeline/cli/text/event.ts"
import { executingText, leftText } from "../../../../pipeline/cli/text/holder.ts"
import { waitText } from "../../../../pipeline/cli/text/queue.ts"
import { stoppedText } from "../../../../pipeline/cli/text/stopped.ts"
import { underwayText } from "../../../../pipeline/cli/text/underway.ts"
import type { JobPlace, JobWait } from "../../../../pipeline/store/batch.ts"
import type { Event } from "../../../../pipeline/store/events.ts"

const key = Digest.make("0".repeat(64))
const resources = { cpu: 1, memory: 1, gpu: 0 }
const job = (id: string, host?: string): JobPlace => ({
  id,
  name: "redag-b1",
  output: "b1.0.log",
  ...(host === undefined ? {} : { host }),
})
const queued = (node: string, wait: JobWait): Event => ({
  _tag: "NodeQueued",
  node,
  key,
  ...wait,
  queued: 1,
  running: 0,
})
const long = "finetune/scifive-large-pubmed-pmc-and-more/chemprot/full/seed0"

describe("what waits in a queue", () => {
  const board = (events: ReadonlyArray<Event>) => {
    const made = makeBoard({ ...measuredLeft, ofRun: () => ["finetune"] })
    made.take({ _tag: "RunStarted", run: "r", profile: "demo", nodes: 140_000, selectors: [] })
    for (const event of events) made.take(event)
    const plain = (text: string | undefined) => stripVTControlCharacters(text ?? "")
    return {
      lines: (width: number) => made.lines(width).map(plain),
      total: (width: number) => plain(made.total(width)),
    }
  }

  it("is told as what it is, with its job and Slurm's reason where they are known", () => {
    assert.deepStrictEqual(
      ([
        { state: "collected" },
        { state: "queued", job: job("1234_5") },
        { state: "queued", reason: "Resources", job: job("1234_5") },
        { state: "held", reason: "JobHeldUser", job: job("1234_5") },
        { state: "turn", job: job("1234_5", "n2") },
        { state: "again", reason: "BeginTime", job: job("1234_5") },
      ] satisfies ReadonlyArray<JobWait>).map((wait) => waitText(wait)),
      [
        "waits to be submitted to Slurm",
        "waiting in the queue (Slurm job 1234_5)",
        "waiting in the queue (Slurm job 1234_5: Resources)",
        "held: JobHeldUser (Slurm job 1234_5)",
        "waits for its turn in Slurm job 1234_5 on n2",
        "waits to begin again (Slurm job 1234_5: BeginTime)",
      ],
    )
  })

  it.each([80, 140])("has a line for each thing that is waited for, below what runs, at %i columns", (width) => {
    const { lines, total } = board([
      { _tag: "NodeStarted", node: "learn/a", key, resources, job: job("12_0", "n2"), queued: 0, running: 1 },
      { _tag: "NodeProgressed", node: "learn/a", done: 1, total: 10, unit: "steps" },
      queued("score/a", { state: "queued", reason: "Priority", job: job("13_0") }),
      queued("score/b", { state: "queued", reason: "Priority", job: job("13_1") }),
      queued("score/c", { state: "queued", reason: "Priority", job: job("14_0") }),
      queued(long, { state: "held", reason: "JobHeldUser", job: job("15_0") }),
    ])
    assert.match(lines(width)[0] ?? "", /^running {2}learn\/a {2}\[#\.{9}\] 1\/10 steps, \d+\.\d s, on n2$/u)
    assert.deepStrictEqual(lines(width).slice(1), [
      width === 140
        ? `held     ${long}  held: JobHeldUser (Slurm job 15_0)`
        : "held     finetune/scifive-…mprot/full/seed0  held: JobHeldUser (Slurm job 15_0)",
      "queued   3 nodes  waiting in the queue (Slurm jobs 13, 14: Priority)",
    ])
    for (const line of lines(width)) assert.isBelow(line.length, width)
    // What has no room is left out whole.
    assert.strictEqual(
      total(width),
      `0 of 140,000 nodes, 1 run, 4 queued${width === 140 ? ", time unknown until a first finetune has run" : ""}`,
    )
  })

  it("is no line any more once it runs, and is one again where it is put back into the queue", () => {
    const start: Event = { _tag: "NodeStarted", node: "a", key, resources, job: job("12_0", "n1") }
    const one = queued("a", { state: "queued", job: job("12_0") })
    const again = queued("a", { state: "again", reason: "BeginTime", job: job("12_0") })
    assert.match(board([one, start]).lines(80).join("\n"), /^running {2}a {2}\d+\.\d s, on n1$/u)
    assert.deepStrictEqual(board([one, start, again]).lines(80), [
      "waits    a  waits to begin again (Slurm job 12_0: BeginTime)",
    ])
    assert.lengthOf(board([one, start, again, start]).lines(80), 1)
  })

  it("of another run has one line that stays, and then one that changes, with how far it is", () => {
    const elsewhere = { _tag: "NodeElsewhere", node: "a", key, pid: 1, lost: false, job: job("12_0", "n1") } as const
    assert.strictEqual(
      stripVTControlCharacters(eventText(elsewhere) ?? ""),
      "waits    a  Slurm job 12_0 of a run that ended executes it on n1",
    )
    assert.isUndefined(eventText({ ...elsewhere, changed: true }))
    const { lines } = board([elsewhere, { _tag: "NodeProgressed", node: "a", done: 1, total: 2, unit: "steps" }])
    assert.match(lines(80).join("\n"), /^running {2}a {2}\[#{5}\.{5}\] 1\/2 steps, \d+\.\d s, on n1$/u)
    const waits = { ...elsewhere, wait: { state: "queued", reason: "Priority", job: job("12_0") } } as const
    assert.deepStrictEqual(board([waits]).lines(80), [
      "queued   a  waiting in the queue (Slurm job 12_0: Priority)",
    ])
  })
})

describe("a line of dag status", () => {
  const holder = { node: "a", pid: 1, key, isInGraph: true }
  const textOf = (wait: JobWait | undefined, place: JobPlace) =>
    stripVTControlCharacters(executingText({
      ...holder,
      queued: { job: place, run: "r1", wait, since: undefined, advance: { done: 3, total: 10, unit: "steps" } },
    }))

  it("names the job of a node, its machine, and the run", () => {
    assert.deepStrictEqual(
      [
        textOf(undefined, job("12_0", "n2")),
        textOf({ state: "queued", reason: "Resources", job: job("12_0") }, job("12_0")),
        textOf({ state: "held", reason: "JobHeldUser", job: job("12_0") }, job("12_0")),
      ],
      [
        "running  a  on n2, 3 of 10 steps (Slurm job 12_0), in redag-b1 of run r1",
        "queued   a  waiting in the queue (Slurm job 12_0: Resources), in redag-b1 of run r1",
        "held     a  held: JobHeldUser (Slurm job 12_0), in redag-b1 of run r1",
      ],
    )
    const queued = { job: job("12_0"), run: "r1", since: undefined, advance: undefined }
    const wait = { state: "again", reason: "BeginTime", job: job("12_0") } as const
    assert.strictEqual(
      stripVTControlCharacters(leftText({ node: "a", key, queued: { ...queued, wait } })),
      "waits    a  waits to begin again (Slurm job 12_0: BeginTime), in redag-b1 of run r1, which ended: run again to wait for it",
    )
  })
})

describe("what did not come to its end", () => {
  it("is told with its run, its job and its machine, and what became of the job", () => {
    const ran = { run: "r1", isInterrupted: true, wait: undefined, job: job("12_0", "n2") }
    const waited = { ...ran, wait: { state: "queued", job: job("12_0") }, job: job("12_0") } as const
    assert.deepStrictEqual(
      [
        stoppedText("a", ran, false),
        stoppedText("a", waited, false),
        stoppedText("a", { ...waited, isInterrupted: false }, true),
        stoppedText("a", { ...ran, job: undefined }, false),
      ],
      [
        "a did not come to its end: run r1 was interrupted while this ran in Slurm job 12_0 (redag-b1) on n2; the job was cancelled",
        "a did not come to its end: run r1 was interrupted; until then: waiting in the queue (Slurm job 12_0); the job was cancelled",
        "a did not come to its end: run r1 ended before it did; until then: waiting in the queue (Slurm job 12_0); its job is in the queue still: run again to wait for it",
        "a did not come to its end: run r1 was interrupted",
      ],
    )
  })

  it("is not called running by dag show, however far it came before", () => {
    const reached = { done: 3, total: 10, unit: "steps" }
    const soFar = { began: "2026-01-01T00:00:00Z", at: "2026-01-01T00:01:00Z", reached, outputs: new Map() }
    const state = { _tag: "Running", holder: { node: "heavy/a", pid: 7 } } as const
    const text = (wait: JobWait | undefined) =>
      stripVTControlCharacters(
        underwayText({ key, soFar, state }, undefined, {
          job: job("5_2"),
          run: "r",
          wait,
          since: undefined,
          advance: undefined,
        }),
      )
    assert.strictEqual(
      text({ state: "again", reason: "Resources", job: job("5_2") }),
      "not running now at 3 of 10 steps: waits to begin again (Slurm job 5_2: Resources)",
    )
    assert.match(text(undefined), /^running at 3 of 10 steps: /u)
  })
})
