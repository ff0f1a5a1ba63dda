import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { digestOf } from "../../../pipeline/base/digest.ts"
import type { Builder } from "../../../pipeline/graph/builder.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Graph } from "../../../pipeline/graph/node.ts"
import { one, stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { durationsOf } from "../../../pipeline/status/durations.ts"
import { roomOf } from "../../../pipeline/status/room.ts"
import type { NodeSnapshot, Snapshot } from "../../../pipeline/status/snapshot.ts"
import type { Status } from "../../../pipeline/status/status.ts"
import { worksOf } from "../../../pipeline/status/work.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const model = stage({
  name: "model",
  params: Schema.Struct({}),
  inputs: {},
  outputs: { weights: Row },
  work: ({ expected: { bytes } }) => (bytes === undefined ? {} : { keeps: bytes }),
  run: () => Effect.succeed({ weights: [] }),
})
/** A training of which the work is the bytes of its model times its epochs. */
const train = stage({
  name: "train",
  params: Schema.Struct({ epochs: Schema.Int, engine: Schema.String }),
  inputs: { model: one(Row) },
  outputs: { weights: Row },
  uses: ({ engine }) => ({ engine: [engine] }),
  work: ({ params: { epochs }, inputs: { model: { bytes } } }) =>
    bytes === undefined ? {} : { amount: bytes * epochs, keeps: bytes, scratch: 3 * bytes },
  run: () => Effect.succeed({ weights: [] }),
})

const graphOf = (declare: (dag: Builder) => void): Graph =>
  expand(experiment({ defaultProfile: "all", profiles: { all: declare } }), "all", ".")

/** What a made-up execution of a node was. */
interface Ran {
  readonly milliseconds: number
  readonly bytes: number
  readonly processor?: string
  readonly threads?: number
}

const outputOf = (name: string): string => `output of ${name}`

const recordOf = (graph: Graph, name: string, ran: Ran): ActionRecord => {
  const node = graph.nodes.get(name)
  if (node === undefined) throw new Error(`no node ${name}`)
  const { milliseconds, bytes, processor = "this", threads = 2 } = ran
  return {
    key: digestOf(name),
    preImage: {
      format: "test",
      stage: node.stage.name,
      params: { ...node.params },
      inputs: Object.fromEntries(
        [...node.inputs].flatMap(([role, wire]) =>
          wire._tag === "Files"
            ? []
            : [[role, {
              _tag: "Artifacts" as const,
              artifact: "rows",
              digests: wire.refs.map((ref) => digestOf(outputOf(ref.node))),
            }]]
        ),
      ),
      code: digestOf("code"),
      outputs: {},
    },
    node: name,
    files: [],
    outputs: { weights: { artifact: "rows", digest: digestOf(outputOf(name)), size: 0, rows: 1, varies: false } },
    blobs: [{ digest: digestOf(`blob of ${name}`), size: bytes }],
    counts: {},
    log: null,
    started: "2026-11-20T08:15:30.000Z",
    milliseconds,
    resources: { cpu: 1, memory: 256, gpu: 0 },
    peakMemory: null,
    environment: { host: "", platform: "", processor, threads, versions: {}, commit: null, dirty: false },
  }
}

/** A snapshot in which these nodes ran before, and those will run. */
const snapshotOf = (
  graph: Graph,
  ran: Readonly<Record<string, Ran>>,
  toRun: ReadonlyArray<string>,
): { readonly snapshot: Snapshot; readonly toRun: ReadonlyArray<NodeSnapshot> } => {
  const nodes = new Map(
    [...graph.nodes.values()].map((node): readonly [string, NodeSnapshot] => {
      const own = ran[node.name]
      const record = own === undefined ? undefined : recordOf(graph, node.name, own)
      const blocked: Status = { _tag: "Blocked", by: [] }
      const fresh: Status = record === undefined ? blocked : { _tag: "Fresh", key: record.key, record }
      const mayRun: Status = {
        _tag: "MayRun",
        after: [],
        reasons: [],
        preImage: { format: "test", stage: node.stage.name, params: {}, inputs: {}, code: digestOf(""), outputs: {} },
      }
      return [node.name, { node, status: toRun.includes(node.name) ? mayRun : fresh, record }]
    }),
  )
  const snapshot = { graph, overrides: { forced: new Set<string>(), frozen: new Set<string>() }, nodes }
  return { snapshot, toRun: [...nodes.values()].filter(({ node }) => toRun.includes(node.name)) }
}

const here = { processor: "this", threads: 2 }
const durations = (graph: Graph, ran: Readonly<Record<string, Ran>>, names: ReadonlyArray<string>) => {
  const { snapshot, toRun } = snapshotOf(graph, ran, names)
  const measured = [...snapshot.nodes.values()]
  return durationsOf(measured, toRun, worksOf(snapshot, measured, toRun), here)
}

/** A training of each of two models, for some epochs and with some engine; the large one is ten times as large. */
const trainings = (
  ...which: ReadonlyArray<readonly [name: string, model: "small" | "large", epochs: number, engine?: string]>
) =>
  graphOf((dag) => {
    const weights = {
      small: dag.add(model, { name: "small", params: {}, inputs: {}, expected: { bytes: 100 } }).weights,
      large:
        dag.add(model, { name: "large", params: {}, inputs: {}, expected: { bytes: 1000, download: 1000 } }).weights,
    }
    for (const [name, of, epochs, engine = "cpu"] of which) {
      dag.add(train, { name, params: { epochs, engine }, inputs: { model: weights[of] } })
    }
  })
const small: Ran = { milliseconds: 1, bytes: 100 }

describe("the expected time of a node", () => {
  it("is its own work at the speed of other trainings of its stage", () => {
    const graph = trainings(["a", "small", 2], ["b", "small", 6], ["c", "large", 3])
    const found = durations(graph, { "model/small": small, "train/a": { milliseconds: 4000, bytes: 100 } }, [
      "train/b",
      "train/c",
      "model/large",
    ])
    const basis = { _tag: "Speed", of: 1 } as const
    assert.deepStrictEqual(found.get("train/b"), { milliseconds: 12_000, basis, isHere: true })
    // The large model is still to be fetched: what it is expected to be says how large it is.
    assert.deepStrictEqual(found.get("train/c"), { milliseconds: 60_000, basis, isHere: true })
  })

  it("comes from the median of those that are nearest in work, and of the same options where there are some", () => {
    const others = ["b", "c", "d"].map((name) => [name, "small", 10] as const)
    const graph = trainings(["a", "small", 10], ...others, ["gpu", "small", 10, "gpu"], ["new", "small", 20, "gpu"])
    const ran = {
      "model/small": small,
      "train/b": { milliseconds: 1000, bytes: 100 },
      // It was interrupted, and what went on from that took but a moment.
      "train/c": { milliseconds: 1, bytes: 100 },
      "train/d": { milliseconds: 1200, bytes: 100 },
      "train/gpu": { milliseconds: 50, bytes: 100 },
    }
    const found = durations(graph, ran, ["train/a", "train/new"])
    assert.strictEqual(found.get("train/a")?.milliseconds, 1000)
    assert.strictEqual(found.get("train/new")?.milliseconds, 100)
  })

  it("takes records of another kind of machine where there is none of this kind", () => {
    const graph = trainings(["a", "small", 1], ["b", "small", 1], ["c", "small", 1])
    const there: Ran = { milliseconds: 9000, bytes: 100, processor: "other" }
    const ran = { "model/small": small, "train/a": there }
    assert.deepStrictEqual(durations(graph, ran, ["train/c"]).get("train/c"), {
      milliseconds: 9000,
      basis: { _tag: "Speed", of: 1 },
      isHere: false,
    })
    const both = { ...ran, "train/b": { milliseconds: 700, bytes: 100 } }
    assert.strictEqual(durations(graph, both, ["train/c"]).get("train/c")?.milliseconds, 700)
  })

  it("is the last time, or the mean, where a stage does not say how much work a node is", () => {
    const graph = trainings(["a", "small", 1], ["b", "small", 1], ["c", "small", 1])
    // Without the model's record and expected bytes nobody knows how large it was.
    const bare = graphOf((dag) => {
      const { weights } = dag.add(model, { name: "small", params: {}, inputs: {} })
      for (const name of ["a", "b", "c"]) {
        dag.add(train, { name, params: { epochs: 1, engine: "cpu" }, inputs: { model: weights } })
      }
    })
    const ran = { "train/a": { milliseconds: 100, bytes: 0 }, "train/b": { milliseconds: 300, bytes: 0 } }
    const found = durations(bare, ran, ["train/a", "train/c"])
    assert.deepStrictEqual(found.get("train/a"), { milliseconds: 100, basis: { _tag: "LastTime" }, isHere: true })
    assert.deepStrictEqual(found.get("train/c"), {
      milliseconds: 200,
      basis: { _tag: "Mean", of: 2 },
      isHere: true,
    })
    assert.strictEqual(durations(graph, {}, ["train/a"]).size, 0)
  })
})

describe("the room that a run takes", () => {
  it("is what is fetched and kept, and what as many as run side by side need meanwhile", () => {
    const graph = trainings(["a", "large", 1], ["b", "large", 2], ["c", "small", 1])
    const { snapshot, toRun } = snapshotOf(graph, { "model/small": small }, [
      "model/large",
      "train/a",
      "train/b",
      "train/c",
    ])
    const room = (sideBySide: number) =>
      roomOf(snapshot, toRun, worksOf(snapshot, [...snapshot.nodes.values()], toRun), sideBySide)
    const kept = 1000 + 1000 + 1000 + 100
    assert.deepStrictEqual(room(1), { download: 1000, fetching: 1, disk: kept + 1000 + 3000, unknown: [] })
    assert.strictEqual(room(3).disk, kept + 1000 + 3000 + 3000 + 300)
  })
})
