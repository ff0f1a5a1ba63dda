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
const willRun = (unfinished = false): Status => ({
  _tag: "WillRun",
  reasons: [{ _tag: "NeverRun" }],
  after: [],
  preImage,
  action: { key: digestOf("key"), preImage, files: [], unfinished },
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

const machine = { jobs: 2, cpu: 4, memory: 450 }

describe("a forecast", () => {
  it("counts what will run apart from what may, with a time for the first and for both", () => {
    const { counts, stages, time } = forecastOf(
      snapshot({ "quick/1": willRun(), "quick/2": mayRun, "quick/3": mayRun, "slow/1": mayRun }, {
        "quick/1": 100,
        "quick/2": 300,
        "slow/3": 5000,
      }),
      machine,
    )
    assert.deepStrictEqual(counts, { Fresh: 0, WillRun: 1, MayRun: 3, Missing: 0, Blocked: 2, Unneeded: 0 })
    assert.deepStrictEqual(stages, [
      { stage: "quick", willRun: 1, mayRun: 2, time: { least: 200, most: 600 } },
      { stage: "slow", willRun: 0, mayRun: 1, time: { least: 0, most: 5000 } },
    ])
    // Two actions at a time.
    assert.deepStrictEqual(time, { least: 100, most: 2800 })
  })

  it("knows no time where a stage has not run yet", () => {
    const { stages, time } = forecastOf(
      snapshot({ "quick/1": willRun(), "slow/1": willRun() }, { "quick/1": 100 }),
      machine,
    )
    assert.deepStrictEqual(stages.map(({ time }) => time), [{ least: 100, most: 100 }, undefined])
    assert.isUndefined(time)
  })

  it("adds the memory of the largest that run side by side, as far as the machine has it", () => {
    const of = (...names: ReadonlyArray<string>) =>
      forecastOf(snapshot(Object.fromEntries(names.map((name) => [name, willRun()]))), machine).memory
    assert.strictEqual(of("quick/1", "quick/2"), 300)
    assert.strictEqual(of("quick/1", "quick/2", "quick/3", "slow/3"), 450)
  })

  it("counts what goes on from an unfinished execution, and names missing files once", () => {
    const missing: Status = { _tag: "Missing", set: { title: "b", base: "/b", names: ["x"] }, names: ["x"] }
    const other: Status = { _tag: "Missing", set: { title: "a", base: "/a", names: ["x"] }, names: ["x"] }
    const found = forecastOf(
      snapshot({ "quick/1": willRun(true), "quick/2": missing, "quick/3": missing, "slow/1": other }),
      machine,
    )
    assert.strictEqual(found.unfinished, 1)
    assert.deepStrictEqual(found.missing.map(({ set }) => set.base), ["/a", "/b"])
  })
})
