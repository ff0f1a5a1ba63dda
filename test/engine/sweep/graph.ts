import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { BlobRef } from "../../../pipeline/base/blob-ref.ts"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Graph } from "../../../pipeline/graph/node.ts"
import { Blobs, files, many, one, Progress, stage, Unfinished } from "../../../pipeline/graph/stage.ts"
import { type CodeBase, digestOfCode } from "../../../pipeline/identity/code.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"

const Row = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "values" })
const Weights = Schema.Struct({ file: BlobRef }).annotate({ identifier: "weights" })

/** A graph of the kinds of work that a store sees, and what was executed of it, by stage and param. */
export interface Work {
  readonly graph: Graph
  readonly executed: ReadonlyArray<string>
  readonly code: CodeBase["Service"]
}

/** Ten nodes: a file that is read, a chain, twins of one key, a training that saves its state, and what uses its weights. */
export const workIn = (folder: string): Work => {
  const executed: Array<string> = []
  const note = (what: string) => Effect.sync(() => void executed.push(what))

  const read = stage({
    name: "read",
    params: Schema.Struct({}),
    inputs: { text: files },
    outputs: { values: Row },
    run: Effect.fnUntraced(function*({ inputs }) {
      yield* note("read")
      return {
        values: readFileSync(inputs.text[0]?.path ?? "", "utf8").split(" ").map((text) => ({ value: Number(text) })),
      }
    }),
  })
  const add = stage({
    name: "add",
    params: Schema.Struct({ by: Schema.Int }),
    inputs: { from: many(Row) },
    outputs: { values: Row },
    run: Effect.fnUntraced(function*({ params: { by }, inputs }) {
      yield* note(`add ${by}`)
      const rows = yield* Effect.forEach(inputs.from, (table) => table.rows)
      yield* Effect.yieldNow
      return { values: rows.flat().map(({ value }) => ({ value: value + by })) }
    }),
  })
  // Three steps; the state is saved after each, and what is read from it is where the next execution goes on.
  const train = stage({
    name: "train",
    params: Schema.Struct({ steps: Schema.Int }),
    inputs: { from: one(Row) },
    outputs: { weights: Weights },
    isolation: "process",
    run: Effect.fnUntraced(function*({ params, inputs }) {
      yield* note(`train ${params.steps}`)
      const blobs = yield* Blobs
      const unfinished = yield* Unfinished
      const progress = yield* Progress
      const saved = (yield* unfinished.restore)?.["weights"]
      let weights = saved === undefined
        ? Buffer.from((yield* inputs.from.rows).map(({ value }) => value).join(","))
        : readFileSync(saved.path)
      for (let step = weights.filter((byte) => byte === 33).length; step < params.steps; step++) {
        weights = Buffer.concat([weights, Buffer.from("!")])
        yield* unfinished.save({ weights: [weights], history: [Buffer.from(String(step))] })
        yield* progress.advance({ done: step + 1, total: params.steps, unit: "steps" })
      }
      return { weights: [{ file: yield* blobs.put(weights) }] }
    }),
  })
  const use = stage({
    name: "use",
    params: Schema.Struct({}),
    inputs: { model: one(Weights) },
    outputs: { values: Row },
    run: Effect.fnUntraced(function*({ inputs }) {
      yield* note("use")
      const blobs = yield* Blobs
      const [weights] = yield* inputs.model.rows
      if (weights === undefined) throw new Error("no weights")
      const path = yield* blobs.path(weights.file)
      yield* blobs.putFile(path)
      return { values: [{ value: readFileSync(path).length }] }
    }),
  })
  const graph = expand(
    experiment({
      defaultProfile: "sweep",
      profiles: {
        sweep: (dag) => {
          const text = { title: "text", base: folder, names: ["numbers.txt"] }
          const first = dag.add(read, { name: "first", params: {}, inputs: { text } }).values
          const plus = (name: string, by: number, ...from: ReadonlyArray<typeof first>) =>
            dag.add(add, { name, params: { by }, inputs: { from } }).values
          const one = plus("one", 1, first)
          const twin = plus("twin", 1, first)
          const two = plus("two", 2, one)
          const three = plus("three", 3, two, twin)
          const trained = dag.add(train, { name: "long", params: { steps: 3 }, inputs: { from: three } }).weights
          const other = dag.add(train, { name: "short", params: { steps: 1 }, inputs: { from: first } }).weights
          const used = dag.add(use, { name: "long", params: {}, inputs: { model: trained } }).values
          const others = dag.add(use, { name: "short", params: {}, inputs: { model: other } }).values
          plus("all", 0, used, others, three)
        },
      },
    }),
    "sweep",
    folder,
  )
  return {
    graph,
    executed,
    code: {
      of: (name) => {
        const parts = { [`stages/${name}/stage.ts: ${name}`]: "1" }
        const code = { program: digestOf(name), packages: {}, sources: null, parts, coarse: [] }
        return { code, digest: digestOfCode(code) }
      },
    },
  }
}
