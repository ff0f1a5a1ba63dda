import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Graph, Ref } from "../../../pipeline/graph/node.ts"
import { select } from "../../../pipeline/graph/select.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { runGraph } from "../../../pipeline/run/scheduler.ts"
import { lineages } from "../../../pipeline/status/lineage.ts"
import { snapshotOf } from "../../../pipeline/status/snapshot.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { graphOf, options, randomOf, randomSpecs, servicesOf } from "./random.ts"

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
        const specs = randomSpecs(random, 16)
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

const refsOf = (graph: Graph, node: string): ReadonlyArray<string> => {
  const wire = graph.nodes.get(node)?.inputs.get("from")
  return wire?._tag === "Artifacts" ? wire.refs.map((ref) => ref.node) : []
}
