import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { digestOfValue } from "../../../pipeline/base/digest.ts"
import { executeHere } from "../../../pipeline/execute/here.ts"
import * as LocalExecutor from "../../../pipeline/execute/local.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Graph, Ref, RunnableStage } from "../../../pipeline/graph/node.ts"
import { select } from "../../../pipeline/graph/select.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { CodeBase, digestOfCode } from "../../../pipeline/identity/code.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { runGraph } from "../../../pipeline/run/scheduler.ts"
import { lineages } from "../../../pipeline/status/lineage.ts"
import { snapshotOf } from "../../../pipeline/status/snapshot.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { Events } from "../../../pipeline/store/events.ts"
import * as Store from "../../../pipeline/store/store.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const link = stage({
  name: "link",
  params: Schema.Struct({ n: Schema.Int }),
  inputs: { from: many(Row) },
  outputs: { rows: Row },
  run: ({ params }) => Effect.succeed({ rows: [params] }),
})

/** Cells, each at the end of a chain of five that begins with one node that all stand on, and a node that takes all. */
const tableOf = (cells: number): Graph =>
  expand(
    experiment({
      defaultProfile: "table",
      profiles: {
        table: (dag) => {
          const add = (name: string, n: number, from: ReadonlyArray<Ref<typeof Row.Type>>) =>
            dag.add(link, { name, params: { n }, inputs: { from } }).rows
          const root = add("root", 0, [])
          const last = Array.from({ length: cells }, (_, cell) =>
            [1, 2, 3, 4].reduce((from, step) => add(`${cell}/${step}`, cell * 10 + step, [from]), root))
          add("all", -1, last)
        },
      },
    }),
    "table",
    ".",
  )

const options = {
  run: "test",
  selectors: [],
  limits: { jobs: 4, cpu: 4, memory: 8192, gpu: 0 },
  keepGoing: false,
  commit: { commit: null, dirty: false },
}

/** The engine in this process, on a store in a folder. */
const servicesOf = (folder: string, graph: Graph, disk = Disk.layer) => {
  const stages = new Map<string, RunnableStage>([...graph.nodes.values()].map(({ stage }) => [stage.name, stage]))
  const inline = executeHere(
    ({ stage: name }) => Effect.orDie(Effect.fromNullishOr(stages.get(name))),
    Effect.succeed({ peakMemory: null, log: null }),
  )
  const codeOf = (name: string) => {
    const parts = { [`stages/${name}/stage.ts: ${name}`]: "1" }
    const code = { program: digestOfValue("program", name), packages: {}, sources: null, parts, coarse: [] }
    return { code, digest: digestOfCode(code) }
  }
  return LocalExecutor.layer(Effect.succeed(inline), { program: "none", arguments: [] }).pipe(
    Layer.provideMerge(Store.layer(folder).pipe(Layer.provideMerge(disk))),
    Layer.provideMerge(Layer.succeed(CodeBase, { of: codeOf })),
    Layer.provideMerge(Layer.succeed(Events, { emit: () => Effect.void })),
  )
}

describe("lineages", () => {
  /** Reads of the disk that the lineages of all nodes took, and how many actions they named in all. */
  const readsFor = async (cells: number) => {
    const folder = mkdtempSync(join(tmpdir(), "redag-lineage-"))
    const graph = tableOf(cells)
    let reads = 0
    // The real disk, which counts.
    const disk = Layer.effect(
      Disk.Disk,
      Effect.map(Disk.Disk, (disk) => ({
        ...disk,
        readBytes: (path: string) =>
          Effect.suspend(() => {
            reads++
            return disk.readBytes(path)
          }),
      })),
    ).pipe(Layer.provide(Disk.layer))
    const services = servicesOf(folder, graph, disk)
    const program = Effect.gen(function*() {
      yield* runGraph(graph, yield* snapshotOf(graph), options)
      const snapshot = yield* snapshotOf(graph)
      reads = 0
      const lineageOf = yield* lineages(snapshot)
      const found = new Map<string, ReadonlyArray<string>>()
      for (const name of graph.nodes.keys()) found.set(name, (yield* lineageOf(name)).map(({ record }) => record.node))
      const read = reads
      // As when the heads of every other node were lost.
      const nodes = [...snapshot.nodes].map(([name, node]) =>
        [name, name === "link/all" ? node : { ...node, record: undefined }] as const
      )
      const alone = yield* (yield* lineages({ graph, nodes: new Map(nodes) }))("link/all")
      return { found, reads: read, alone: alone.map(({ record }) => record.node) }
    })
    try {
      return await Effect.runPromise(program.pipe(Effect.provide(services)))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it("of many nodes read what they share once", async () => {
    const { found, reads } = await readsFor(130)
    assert.strictEqual(found.size, 1 + 130 * 4 + 1)
    assert.deepStrictEqual(found.get("link/7/4"), ["link/7/4", "link/7/3", "link/7/2", "link/7/1", "link/root"])
    assert.lengthOf(found.get("link/all") ?? [], found.size)
    // All records were there; the code of the one stage is read, however many lineages there are.
    assert.strictEqual(reads, 1)
  })

  it("know actions that no node stands for any more", async () => {
    const { found, alone } = await readsFor(3)
    assert.deepStrictEqual(alone.toSorted(), [...found.keys()].sort())
  })

  it("row 10: are those of the wires in random graphs in which most nodes make equal bytes", async () => {
    let equal = 0
    let again = 0
    for (let seed = 1; seed <= 12; seed++) {
      const folder = mkdtempSync(join(tmpdir(), "redag-lineage-"))
      try {
        const random = randomOf(seed)
        const specs = Array.from({ length: 16 }, (_, index): Spec => ({
          n: random(6),
          stage: random(2),
          from: Array.from({ length: index === 0 ? 0 : random(3) }, () => random(index)),
        }))
        for (let step = 0; step < 4; step++) {
          const graph = graphOf(specs)
          const snapshot = await Effect.runPromise(
            Effect.gen(function*() {
              yield* runGraph(graph, yield* snapshotOf(graph), options)
              const snapshot = yield* snapshotOf(graph)
              const lineageOf = yield* lineages(snapshot)
              for (const [name, { record }] of snapshot.nodes) {
                const lineage = yield* lineageOf(name)
                const nodes = [...select(graph, [name]).nodes.keys()]
                assert.deepStrictEqual(lineage.map(({ id }) => id).toSorted(), nodes.toSorted())
                assert.strictEqual(lineage[0]?.record, record)
                for (const { node = "", sources, record } of lineage) {
                  assert.strictEqual(record.key, snapshot.nodes.get(node)?.record?.key)
                  assert.deepStrictEqual(sources.map(({ wired = "" }) => wired), refsOf(graph, node))
                  for (const { wired = "", bytes, maker, first } of sources) {
                    assert.strictEqual(bytes, "now")
                    assert.deepStrictEqual(maker, {
                      id: wired,
                      node: wired,
                      key: snapshot.nodes.get(wired)?.record?.key,
                    })
                    if (first !== undefined) again++
                  }
                }
              }
              return snapshot
            }).pipe(Effect.provide(servicesOf(folder, graph))),
          )
          const digests = [...snapshot.nodes.values()].map(({ record }) => record?.outputs["rows"]?.digest)
          equal += digests.length - new Set(digests).size
          const at = random(specs.length)
          const spec = specs[at]
          if (spec !== undefined) specs[at] = { ...spec, n: random(6) }
        }
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
    // What makes this hard did occur.
    assert.isAbove(equal, 12 * 4 * 8)
    assert.isAbove(again, 0)
  })
})

/** A node of a random graph: which stage, of what, from which nodes before it. */
interface Spec {
  readonly n: number
  readonly stage: number
  readonly from: ReadonlyArray<number>
}

/** Stages that can make no more than two different tables. */
const stages = ["few", "fewer"].map((name) =>
  stage({
    name,
    params: Schema.Struct({ n: Schema.Int }),
    inputs: { from: many(Row) },
    outputs: { rows: Row },
    run: ({ params, inputs }) =>
      Effect.gen(function*() {
        let sum = params.n
        for (const table of inputs.from) for (const { n } of yield* table.rows) sum += n
        return { rows: [{ n: sum % 2 }] }
      }),
  })
)

const graphOf = (specs: ReadonlyArray<Spec>): Graph =>
  expand(
    experiment({
      defaultProfile: "random",
      profiles: {
        random: (dag) => {
          const made: Array<Ref<typeof Row.Type>> = []
          for (const [index, { n, stage, from }] of specs.entries()) {
            const of = stages[stage] ?? assert.fail("no such stage")
            const inputs = { from: from.flatMap((source) => made[source] ?? []) }
            made.push(dag.add(of, { name: String(index), params: { n }, inputs }).rows)
          }
        },
      },
    }),
    "random",
    ".",
  )

const refsOf = (graph: Graph, node: string): ReadonlyArray<string> => {
  const wire = graph.nodes.get(node)?.inputs.get("from")
  return wire?._tag === "Artifacts" ? wire.refs.map((ref) => ref.node) : []
}

/** Numbers below a bound, the same ones for the same seed. */
const randomOf = (seed: number): (below: number) => number => {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
