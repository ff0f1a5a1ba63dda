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
    const parts = { "stages/link/stage.ts: link": "1" }
    const code = { program: digestOfValue("program", 1), packages: {}, sources: null, parts, coarse: [] }
    const stages = new Map<string, RunnableStage>([...graph.nodes.values()].map(({ stage }) => [stage.name, stage]))
    const inline = executeHere(
      ({ stage: name }) => Effect.orDie(Effect.fromNullishOr(stages.get(name))),
      Effect.succeed({ peakMemory: null, log: null }),
    )
    const services = LocalExecutor.layer(Effect.succeed(inline), { program: "none", arguments: [] }).pipe(
      Layer.provideMerge(Store.layer(folder).pipe(Layer.provideMerge(disk))),
      Layer.provideMerge(Layer.succeed(CodeBase, { of: () => ({ code, digest: digestOfCode(code) }) })),
      Layer.provideMerge(Layer.succeed(Events, { emit: () => Effect.void })),
    )
    const program = Effect.gen(function*() {
      yield* runGraph(graph, yield* snapshotOf(graph), {
        run: "test",
        selectors: [],
        limits: { jobs: 4, cpu: 4, memory: 8192, gpu: 0 },
        keepGoing: false,
        commit: { commit: null, dirty: false },
      })
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
})
