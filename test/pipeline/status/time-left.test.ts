import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import type { Duration } from "../../../pipeline/status/durations.ts"
import type { Snapshot } from "../../../pipeline/status/snapshot.ts"
import type { Status } from "../../../pipeline/status/status.ts"
import { makeTimeLeft } from "../../../pipeline/status/time-left.ts"
import type { Event } from "../../../pipeline/store/events.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const train = stage({
  name: "train",
  params: Schema.Struct({}),
  inputs: {},
  outputs: { rows: Row },
  run: () => Effect.succeed({ rows: [] }),
})
const names = ["a", "b", "c", "d"]
const graph = expand(
  experiment({
    defaultProfile: "all",
    profiles: { all: (dag) => names.forEach((name) => dag.add(train, { name, params: {}, inputs: {} })) },
  }),
  "all",
  ".",
)
const status: Status = {
  _tag: "MayRun",
  after: [],
  reasons: [],
  preImage: { format: "test", stage: "train", params: {}, inputs: {}, code: digestOf(""), outputs: {} },
}
const planned: Snapshot = {
  graph,
  overrides: { forced: new Set(), frozen: new Set() },
  nodes: new Map([...graph.nodes].map(([name, node]) => [name, { node, status, record: undefined }])),
}
const machine = { jobs: 2, cpu: 2, memory: 10_000, gpu: 0 }

/** Each node is expected to take that many milliseconds; undefined where nothing is known. */
const following = (each: number | undefined, amounts: ReadonlyMap<string, number> = new Map()) => {
  const durations = new Map<string, Duration>(
    each === undefined
      ? []
      : names.map((name) => [`train/${name}`, { milliseconds: each, basis: { _tag: "Mean", of: 1 }, isHere: true }]),
  )
  return makeTimeLeft(planned, { durations, amounts, order: undefined }, machine)
}
const resources = { cpu: 1, memory: 256, gpu: 0 }
const started = (name: string): Event => ({
  _tag: "NodeStarted",
  node: `train/${name}`,
  key: digestOf(name),
  resources,
})
const progressed = (name: string, done: number, unit = "steps"): Event => ({
  _tag: "NodeProgressed",
  node: `train/${name}`,
  done,
  total: 100,
  unit,
})
const succeeded = (name: string, milliseconds: number): Event => ({
  _tag: "NodeSucceeded",
  node: `train/${name}`,
  key: digestOf(name),
  milliseconds,
  rows: {},
  counts: {},
  shared: false,
})

describe("the time left", () => {
  it("of a run is that of all that is to run, as many at a time as the machine runs, and goes down with the clock", () => {
    const left = following(10_000)
    assert.strictEqual(left.ofRun(0), 20_000)
    assert.strictEqual(left.ofRun(500), 19_500)
    left.take(started("a"), 0)
    left.take(started("b"), 0)
    assert.strictEqual(left.ofRun(4000), 16_000)
    left.take({ _tag: "NodeCached", node: "train/c", key: digestOf("c") }, 4000)
    assert.strictEqual(left.ofRun(6000), 14_000)
    left.take({ _tag: "NodeCached", node: "train/d", key: digestOf("d") }, 6000)
    assert.strictEqual(left.ofRun(8000), 2000)
  })

  it("of a node is what it was expected to take, until its own progress says better", () => {
    const left = following(10_000)
    left.take(started("a"), 0)
    assert.strictEqual(left.ofNode("train/a", 1000), 9000)
    left.take(progressed("a", 10), 2000)
    left.take(progressed("a", 20), 6000)
    // Ten steps in four seconds, and 80 are left.
    assert.strictEqual(left.ofNode("train/a", 6000), 32_000)
    assert.strictEqual(left.ofNode("train/a", 7000), 31_000)
    left.take(progressed("a", 5, "documents"), 8000)
    assert.strictEqual(left.ofNode("train/a", 8000), 2000)
    // It takes longer than was expected: nobody knows how much.
    assert.isUndefined(left.ofNode("train/a", 10_001))
    assert.isUndefined(left.ofNode("train/b", 0))
  })

  it("is corrected by what took longer in this run, and known as soon as one of a new stage has ended", () => {
    const known = following(10_000)
    for (const name of ["a", "b"]) known.take(started(name), 0)
    for (const name of ["a", "b"]) known.take(succeeded(name, 30_000), 30_000)
    assert.strictEqual(known.ofRun(30_000), 30_000)
    const unknown = following(undefined)
    assert.deepStrictEqual(unknown.ofRun(0), ["train"])
    unknown.take(started("a"), 0)
    unknown.take(succeeded("a", 5000), 5000)
    assert.strictEqual(unknown.ofRun(5000), 10_000)
  })

  it("of a first run is that of the work that is left, at the speed of what has ended", () => {
    const left = following(undefined, new Map([["train/a", 10], ["train/b", 10], ["train/c", 40], ["train/d", 20]]))
    left.take(started("a"), 0)
    left.take(progressed("a", 1), 0)
    assert.deepStrictEqual(left.ofRun(0), ["train"])
    left.take(succeeded("a", 5000), 5000)
    // 40 units take 20 s, beside 10 and 20 in 15 s.
    assert.strictEqual(left.ofRun(5000), 20_000)
  })
})
