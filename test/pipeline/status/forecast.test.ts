import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Graph } from "../../../pipeline/graph/node.ts"
import { stage } from "../../../pipeline/graph/stage.ts"
import type { PreImage } from "../../../pipeline/identity/pre-image.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { forecastOf } from "../../../pipeline/status/forecast.ts"
import type { NodeSnapshot, Snapshot } from "../../../pipeline/status/snapshot.ts"
import type { Status } from "../../../pipeline/status/status.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const stages = ["quick", "slow"].map((name) =>
  stage({
    name,
    params: Schema.Struct({ n: Schema.Int }),
    inputs: {},
    outputs: { rows: Row },
    resources: ({ n }) => ({ cpu: 1, memory: n, gpu: 0 }),
    run: ({ params }) => Effect.succeed({ rows: [params] }),
  })
)

/** Three nodes of each stage; the memory that a node needs is its number times 100 MiB. */
const graph: Graph = expand(
  experiment({
    defaultProfile: "all",
    profiles: {
      all: (dag) => {
        for (const each of stages) {
          for (const n of [1, 2, 3]) dag.add(each, { name: String(n), params: { n: n * 100 }, inputs: {} })
        }
      },
    },
  }),
  "all",
  ".",
)

const preImage: PreImage = {
  format: "test",
  stage: "quick",
  params: {},
  inputs: {},
  code: digestOf("code"),
  outputs: {},
}
const willRun = (unfinished = false, key = "key"): Status => ({
  _tag: "WillRun",
  reasons: [{ _tag: "NeverRun" }],
  after: [],
  preImage,
  action: { key: digestOf(key), preImage, files: [], unfinished },
})
const mayRun: Status = { _tag: "MayRun", after: ["quick/1"], reasons: [], preImage }

const record = (name: string, milliseconds: number): ActionRecord => ({
  key: digestOf(name),
  preImage: { ...preImage, stage: name.split("/")[0] ?? "" },
  node: name,
  files: [],
  outputs: {},
  blobs: [],
  counts: {},
  log: null,
  started: "2026-11-20T08:15:30.000Z",
  milliseconds,
  resources: { cpu: 1, memory: 1, gpu: 0 },
  peakMemory: null,
  environment: { host: "", platform: "", processor: "", versions: {}, commit: null, dirty: false },
})

/** A snapshot in which nodes have these statuses; those that are left out are blocked. */
const snapshot = (
  statuses: Readonly<Record<string, Status>>,
  times: Readonly<Record<string, number>> = {},
): Snapshot => ({
  graph,
  overrides: { forced: new Set(), frozen: new Set() },
  nodes: new Map(
    [...graph.nodes.values()].map((node): readonly [string, NodeSnapshot] => {
      const took = times[node.name]
      const status = statuses[node.name] ?? { _tag: "Blocked", by: ["other"] }
      return [node.name, { node, status, record: took === undefined ? undefined : record(node.name, took) }]
    }),
  ),
})

const machine = { jobs: 2, cpu: 4, memory: 450, gpu: 0 }
const here = { processor: "", threads: 4 }

describe("a forecast", () => {
  it("counts what will run apart from what may, with a time for the first and for both", () => {
    const { counts, stages, time } = forecastOf(
      snapshot({ "quick/1": willRun(), "quick/2": mayRun, "quick/3": mayRun, "slow/1": mayRun }, {
        "quick/1": 100,
        "quick/2": 300,
        "slow/3": 5000,
      }),
      machine,
      [],
      here,
    )
    assert.deepStrictEqual(counts, { Fresh: 0, WillRun: 1, MayRun: 3, Missing: 0, Blocked: 2, Unneeded: 0 })
    const lastTime = { _tag: "LastTime", isHere: true, nodes: 2 } as const
    assert.deepStrictEqual(stages, [
      {
        stage: "quick",
        willRun: 1,
        mayRun: 2,
        time: { least: 100, most: 600 },
        // The third never ran: it counts as the mean of the other two.
        bases: [lastTime, { _tag: "Mean", of: 2, isHere: true, nodes: 1 }],
      },
      {
        stage: "slow",
        willRun: 0,
        mayRun: 1,
        time: { least: 0, most: 5000 },
        bases: [{ _tag: "Mean", of: 1, isHere: true, nodes: 1 }],
      },
    ])
    // Two at a time: the slow one is longer than all others.
    assert.deepStrictEqual(time, { least: 100, most: 5000 })
  })

  it("names a stage that has not run yet, and gives the time of the others", () => {
    const { stages, time, unmeasured } = forecastOf(
      snapshot({ "quick/1": willRun(), "slow/1": willRun(false, "other") }, { "quick/1": 100 }),
      machine,
      [],
      here,
    )
    assert.deepStrictEqual(stages.map(({ time }) => time), [{ least: 100, most: 100 }, undefined])
    assert.deepStrictEqual(time, { least: 100, most: 100 })
    assert.deepStrictEqual(unmeasured, ["slow"])
  })

  it("counts nodes of one key once", () => {
    const { time, stages } = forecastOf(
      snapshot({ "quick/1": willRun(), "quick/2": willRun(), "quick/3": willRun(false, "other") }, {
        "quick/1": 100,
        "quick/2": 100,
        "quick/3": 100,
      }),
      { ...machine, jobs: 1 },
      [],
      here,
    )
    assert.deepStrictEqual(time, { least: 200, most: 200 })
    assert.deepStrictEqual(stages[0]?.time, { least: 200, most: 200 })
  })

  it("starts the longest first, but keeps the order of the graph where nothing takes a second", () => {
    const orderWith = (times: Readonly<Record<string, number>>) =>
      forecastOf(
        snapshot({ "quick/1": willRun(), "quick/2": willRun(false, "2"), "slow/1": willRun(false, "3") }, times),
        machine,
        [],
        here,
      ).order?.filter((name) => ["quick/1", "quick/2", "slow/1"].includes(name))
    assert.deepStrictEqual(orderWith({ "quick/1": 2000, "quick/2": 9000, "slow/1": 5000 }), [
      "quick/2",
      "slow/1",
      "quick/1",
    ])
    assert.isUndefined(orderWith({ "quick/1": 100, "quick/2": 400, "slow/1": 300 }))
    assert.isUndefined(orderWith({}))
  })

  it("adds the memory of the largest that run side by side, as far as the machine has it", () => {
    const of = (...names: ReadonlyArray<string>) =>
      forecastOf(snapshot(Object.fromEntries(names.map((name) => [name, willRun()]))), machine, [], here).memory
    assert.strictEqual(of("quick/1", "quick/2"), 300)
    assert.strictEqual(of("quick/1", "quick/2", "quick/3", "slow/3"), 450)
  })

  it("counts what goes on from an unfinished execution, and names missing files once", () => {
    const missing: Status = { _tag: "Missing", set: { title: "b", base: "/b", names: ["x"] }, names: ["x"] }
    const other: Status = { _tag: "Missing", set: { title: "a", base: "/a", names: ["x"] }, names: ["x"] }
    const found = forecastOf(
      snapshot({ "quick/1": willRun(true), "quick/2": missing, "quick/3": missing, "slow/1": other }),
      machine,
      [],
      here,
    )
    assert.strictEqual(found.unfinished, 1)
    assert.deepStrictEqual(found.missing.map(({ set }) => set.base), ["/a", "/b"])
  })
})
