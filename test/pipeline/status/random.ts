import { assert } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { digestOfValue } from "../../../pipeline/base/digest.ts"
import { executeHere } from "../../../pipeline/execute/here.ts"
import * as LocalExecutor from "../../../pipeline/execute/local.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { everything } from "../../../pipeline/graph/needed.ts"
import type { Graph, Ref, RunnableStage } from "../../../pipeline/graph/node.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { CodeBase, digestOfCode } from "../../../pipeline/identity/code.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { type Event, Events } from "../../../pipeline/store/events.ts"
import * as Store from "../../../pipeline/store/store.ts"

/** Rows of one number. */
export const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })

/** A run of a few actions at a time that goes on after a failure of none. */
export const options = {
  run: "test",
  selectors: [],
  asked: everything,
  limits: { jobs: 4, cpu: 4, memory: 8192, gpu: 0 },
  keepGoing: false,
  commit: { commit: null, dirty: false },
}

/** The engine in this process, on a store in a folder. */
export const servicesOf = (
  folder: string,
  graph: Graph,
  disk = Disk.layer,
  happened: (event: Event) => void = () => {},
) => {
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
  return LocalExecutor.layer(Effect.succeed({ alone: inline }), { program: "none", arguments: [] }).pipe(
    Layer.provideMerge(Store.layer(folder).pipe(Layer.provideMerge(disk))),
    Layer.provideMerge(Layer.succeed(CodeBase, { of: codeOf })),
    Layer.provideMerge(Layer.succeed(Events, { emit: (event) => Effect.sync(() => happened(event)) })),
  )
}

/** A node of a random graph: which stage, of what, from which nodes before it. */
export interface Spec {
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

/** The graph of nodes, each named by its number. */
export const graphOf = (specs: ReadonlyArray<Spec>): Graph =>
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

/** Numbers below a bound, the same ones for the same seed. */
export const randomOf = (seed: number): (below: number) => number => {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** Nodes of random stages and params, each with up to two sources before it. */
export const randomSpecs = (random: (below: number) => number, length: number): Array<Spec> =>
  Array.from({ length }, (_, index) => ({
    n: random(6),
    stage: random(2),
    from: Array.from({ length: index === 0 ? 0 : random(3) }, () => random(index)),
  }))
