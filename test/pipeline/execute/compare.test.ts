import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { Digest } from "../../../pipeline/base/digest.ts"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { type Cause, causesOf } from "../../../pipeline/execute/causes.ts"
import { compareOutputs, type OutputComparison } from "../../../pipeline/execute/compare.ts"
import { stage } from "../../../pipeline/graph/stage.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"

const Row = Schema.Struct({
  name: Schema.String,
  score: Schema.Finite,
  engine: Schema.String.annotate({ madeBy: true }),
  relations: Schema.Array(Schema.Struct({ label: Schema.NullOr(Schema.String) })),
}).annotate({ identifier: "rows" })
type Row = typeof Row.Type

const scored = stage({
  name: "scored",
  params: Schema.Struct({}),
  inputs: {},
  outputs: { rows: Row },
  run: () => Effect.succeed({ rows: [] }),
})

const row = (name: string, score: number, label: string | null = null, engine = "one"): Row => ({
  name,
  score,
  engine,
  relations: [{ label: "A" }, { label }],
})

const environment: ActionRecord["environment"] = {
  host: "here",
  platform: "linux-x64",
  processor: "a processor",
  threads: 2,
  versions: { node: "24.1.0", v8: "13" },
  commit: null,
  dirty: false,
}

/** A record of one output of these rows, and how they are read. */
const made = (rows: ReadonlyArray<Row>, changes: Partial<ActionRecord["environment"]> = {}, varies = false) => {
  const digest: Digest = digestOf(JSON.stringify(rows))
  const record: ActionRecord = {
    key: digestOf("key"),
    preImage: { format: "0", stage: "scored", params: {}, inputs: {}, code: digestOf("code"), outputs: {} },
    node: "scored",
    files: [],
    outputs: { rows: { artifact: "rows", digest, size: 1, rows: rows.length, varies } },
    blobs: [],
    counts: {},
    log: null,
    started: "",
    milliseconds: 0,
    resources: { cpu: 1, memory: 1, gpu: 0 },
    peakMemory: null,
    environment: { ...environment, ...changes },
  }
  const readRows = (_: unknown, __: Digest, range?: { readonly start?: number; readonly end?: number }) =>
    Effect.succeed(rows.slice(range?.start, range?.end))
  return { record, readRows }
}
type Made = ReturnType<typeof made>

const compared = (recorded: Made, again: Made): OutputComparison =>
  Effect.runSync(compareOutputs(scored, recorded, again)).get("rows") ?? { _tag: "Same" }

const causes = (recorded: Made, again: Made): ReadonlyArray<Cause> =>
  causesOf(recorded.record, again.record, [compared(recorded, again)])

const differing = (comparison: OutputComparison) => {
  assert(comparison._tag === "Differs")
  return comparison
}

describe("outputs that were made again", () => {
  const rows = [row("a", 1), row("b", 2), row("c", 3, "B")]

  it("are the same by their digest, whatever they hold", () => {
    assert.deepStrictEqual(compared(made(rows), made(rows)), { _tag: "Same" })
  })

  it("may vary where they are declared to", () => {
    assert.deepStrictEqual(compared(made(rows, {}, true), made([], {}, true)), { _tag: "Varies" })
  })

  it("differ by each column: in how many rows, in which first, at which place, and by how much", () => {
    const { columns } = differing(compared(made(rows), made([row("a", 1), row("b", 2.5), row("c", 2, null)])))
    assert.deepStrictEqual(columns, [
      {
        column: "score",
        rows: 2,
        first: { row: 1, path: "score", recorded: 2, again: 2.5 },
        largest: 1,
        madeBy: false,
      },
      {
        column: "relations",
        rows: 1,
        first: { row: 2, path: "relations[1].label", recorded: "B", again: null },
        largest: undefined,
        madeBy: false,
      },
    ])
  })

  it("differ by their number of rows", () => {
    const found = differing(compared(made(rows), made(rows.slice(0, 2))))
    assert.deepStrictEqual([found.recorded, found.again, found.columns], [3, 2, []])
  })

  it("are compared to their ends, however many rows there are", () => {
    const many = Array.from({ length: 25_000 }, (_, index) => row(`${index}`, index))
    const other = many.with(24_999, row("other", 24_999))
    const [first] = differing(compared(made(many), made(other))).columns
    assert.deepStrictEqual(first?.first, { row: 24_999, path: "name", recorded: "24999", again: "other" })
  })
})

describe("why executions differ", () => {
  const was = made([row("a", 1)])

  it("is unknown where nothing differs that is known to matter", () => {
    assert.deepStrictEqual(causes(was, made([row("a", 2)])), [])
  })

  it("may be the processor, the platform, a version, or the number of threads", () => {
    const again = made([row("a", 2)], {
      processor: "another",
      platform: "darwin-arm64",
      threads: 8,
      versions: { node: "24.2.0", v8: "13" },
    })
    assert.deepStrictEqual(causes(was, again), [
      { _tag: "Processor", recorded: "a processor", again: "another" },
      { _tag: "Platform", recorded: "linux-x64", again: "darwin-arm64" },
      { _tag: "Version", name: "node", recorded: "24.1.0", again: "24.2.0" },
      { _tag: "Threads", recorded: 2, again: 8 },
    ])
  })

  it("may be what made the rows, where a column's Schema says that it names that", () => {
    assert.deepStrictEqual(causes(was, made([row("a", 2, null, "another")])), [
      { _tag: "Column", column: "engine", recorded: "one", again: "another" },
    ])
  })

  it("is no other column, though it has one value in all rows", () => {
    const two = made([row("a", 1), row("a", 1)])
    assert.deepStrictEqual(causes(two, made([row("b", 1), row("b", 1)])), [])
  })
})
