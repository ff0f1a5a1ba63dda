import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { type Action, type Outcome, type State, States } from "../../../pipeline/run/transition.ts"

const Row = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "rows" })

const op = stage({
  name: "op",
  params: Schema.Struct({}),
  inputs: { from: many(Row) },
  outputs: { rows: Row },
  run: () => Effect.succeed({ rows: [] }),
})

/** Two nodes without sources, and one that takes input from both. */
const graph = expand(
  {
    defaultProfile: "three",
    profiles: {
      three: (dag) => {
        const made = ["a", "b"].map((name) => dag.add(op, { name, params: {}, inputs: { from: [] } }).rows)
        dag.add(op, { name: "c", params: {}, inputs: { from: made } })
      },
    },
  },
  "three",
  "/",
)

const key = digestOf("key")
const action: Action = {
  key,
  preImage: { format: "", stage: "op", params: {}, inputs: {}, code: key, outputs: {} },
  files: [],
}
const blocked: Outcome = { _tag: "Blocked", by: ["op/a"] }
const failed: Outcome = {
  _tag: "Failed",
  key,
  failure: { error: "StageError", message: "broke", help: "run again" },
}

const states: Readonly<Record<State["_tag"], State>> = {
  Waiting: { _tag: "Waiting", on: 0 },
  Ready: { _tag: "Ready", action },
  Running: { _tag: "Running", action },
  Elsewhere: { _tag: "Elsewhere", action },
  Following: { _tag: "Following", key },
  Settled: { _tag: "Settled", outcome: blocked },
}

/** For each state, a way to it, and the states that a node may go to from there. */
const ways: ReadonlyArray<readonly [way: ReadonlyArray<State["_tag"]>, next: ReadonlyArray<State["_tag"]>]> = [
  [["Waiting"], ["Waiting", "Ready", "Following", "Settled"]],
  [["Ready"], ["Running", "Elsewhere"]],
  [["Ready", "Running"], ["Waiting", "Ready", "Elsewhere", "Settled"]],
  [["Ready", "Elsewhere"], ["Waiting", "Ready", "Settled"]],
  [["Ready", "Running", "Elsewhere"], ["Waiting", "Ready", "Settled"]],
  [["Following"], ["Waiting", "Settled"]],
  [["Settled"], ["Waiting"]],
]

describe("the state of a node in a run", () => {
  it.each(ways)("by way of %j goes to %j and to nothing else", (way, next) => {
    for (const to of Object.values(states)) {
      const all = new States(graph, new Set(graph.nodes.keys()))
      for (const step of way) all.transition("op/a", states[step])
      if (next.includes(to._tag)) {
        all.transition("op/a", to)
        assert.deepStrictEqual(all.of("op/a"), to)
      } else {
        const before = all.of("op/a")
        assert.throws(() => all.transition("op/a", to), `op/a cannot go from ${before._tag} to ${to._tag}`)
        assert.deepStrictEqual(all.of("op/a"), before)
      }
    }
  })

  it("has what is ready in the order that is given, and in that of the graph otherwise", () => {
    const readyIn = (order?: ReadonlyArray<string>) => {
      const all = new States(graph, new Set(graph.nodes.keys()), order)
      for (const name of ["op/a", "op/b"]) {
        all.transition(name, { _tag: "Ready", action: { ...action, key: digestOf(name) } })
      }
      return [...all.ready]
    }
    assert.deepStrictEqual(readyIn(["op/b", "op/c", "op/a"]), ["op/b", "op/a"])
    assert.deepStrictEqual(readyIn(), ["op/a", "op/b"])
  })

  it("decides what is ready, what is in work, and what has ended", () => {
    const all = new States(graph, new Set(graph.nodes.keys()))
    assert.deepStrictEqual(all.of("op/c"), { _tag: "Waiting", on: 2 })
    all.transition("op/a", { _tag: "Ready", action })
    all.transition("op/b", { _tag: "Following", key })
    assert.deepStrictEqual([...all.ready], ["op/a"])
    assert.deepStrictEqual(all.inWork.get(key), ["op/a", "op/b"])
    all.transition("op/a", { _tag: "Running", action })
    assert.deepStrictEqual([...all.ready], [])
    assert.isTrue(all.inWork.has(key))
    assert.strictEqual(all.running, 1)
    all.transition("op/a", { _tag: "Elsewhere", action })
    assert.strictEqual(all.running, 0)
    assert.deepStrictEqual([...all.elsewhere], ["op/a"])
    assert.deepStrictEqual(all.inWork.get(key), ["op/a", "op/b"])
    all.transition("op/a", { _tag: "Ready", action })
    assert.deepStrictEqual([...all.elsewhere], [])
    assert.deepStrictEqual(all.inWork.get(key), ["op/a", "op/b"])
    all.transition("op/a", { _tag: "Running", action })
    all.transition("op/a", { _tag: "Settled", outcome: failed })
    assert.isFalse(all.inWork.has(key))
    assert.isTrue(all.failed)
    assert.deepStrictEqual([...all.outcomes.keys()], ["op/a"])
    // Taken back, it may yet succeed: nothing is kept from starting by what failed before.
    all.transition("op/a", { _tag: "Waiting", on: 0 })
    assert.isFalse(all.failed)
  })
})
