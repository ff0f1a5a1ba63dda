import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runGraph } from "../../../pipeline/run/scheduler.ts"
import { acceptable } from "../../../pipeline/status/accept.ts"
import { acceptedIn, snapshotOf, withStatus } from "../../../pipeline/status/snapshot.ts"
import type { Overrides } from "../../../pipeline/status/status.ts"
import type { Event } from "../../../pipeline/store/events.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { graphOf, options, randomOf, randomSpecs, Row, servicesOf, type Spec } from "./random.ts"

const none: Overrides = { forced: new Set(), frozen: new Set() }

/** What each node of a random graph makes. */
const valuesOf = (specs: ReadonlyArray<Spec>): Array<number | undefined> => {
  const values: Array<number | undefined> = []
  for (const { n, from } of specs) values.push(from.reduce((sum, source) => sum + (values[source] ?? 0), n) % 2)
  return values
}

/** Plans and runs a graph, and holds what happened against the plan. */
const runAndCheck = async (folder: string, specs: ReadonlyArray<Spec>, overrides: Overrides) => {
  const graph = graphOf(specs)
  const events: Array<Event> = []
  const program = Effect.gen(function*() {
    const planned = yield* snapshotOf(graph, overrides)
    yield* runGraph(graph, planned, options)
    return planned
  })
  const happened = (event: Event) => void events.push(event)
  const planned = await Effect.runPromise(program.pipe(Effect.provide(servicesOf(folder, graph, undefined, happened))))
  const executed = new Set(events.flatMap((event) => event._tag === "NodeSucceeded" ? [event.node] : []))
  const frozen = events.flatMap((event) => event._tag === "NodeCached" && event.frozen === true ? [event.node] : [])
  const open = new Set(withStatus(planned, "WillRun", "MayRun").map(({ node }) => node.name))
  const certain = withStatus(planned, "WillRun").filter(({ status }) => status.action !== undefined)
  for (const { node } of certain) assert.isTrue(executed.has(node.name), `${node.name} was to run`)
  for (const node of overrides.forced) assert.isTrue(executed.has(node), `${node} was forced`)
  for (const node of executed) assert.isTrue(open.has(node), `${node} was to stay`)
  for (const node of overrides.frozen) assert.isFalse(executed.has(node), `${node} was frozen`)
  const staying = withStatus(planned, "Fresh").filter(({ status }) => status.frozen === true)
  assert.deepStrictEqual(frozen.toSorted(), staying.map(({ node }) => node.name).toSorted())
  // These stages make the same each time.
  assert.isTrue(events.every((event) => event._tag !== "NodeSucceeded" || event.again !== "other"))
  return { executed, frozen }
}

/** Accepts whatever is not up to date, and gives the nodes. */
const acceptAll = (folder: string, specs: ReadonlyArray<Spec>) => {
  const graph = graphOf(specs)
  const program = Effect.gen(function*() {
    const store = yield* Store
    const names = new Set(graph.nodes.keys())
    const { found } = yield* acceptable(graph, names, names)
    for (const { node, key, preImage, as } of found) {
      const words = {
        profile: "random",
        reason: "no difference",
        differences: [],
        when: "",
        commit: null,
        dirty: false,
      }
      yield* store.files.accepted.publish(key, { node, key, preImage, as, ...words })
    }
    const snapshot = yield* snapshotOf(graph)
    assert.lengthOf(withStatus(snapshot, "Fresh"), graph.nodes.size)
    assert.isAtLeast(acceptedIn(snapshot).length, new Set(found.map(({ node }) => node)).size)
    return found.map(({ node }) => node)
  })
  return Effect.runPromise(program.pipe(Effect.provide(servicesOf(folder, graph))))
}

/** Takes back what was accepted, runs, and reads what every node then has. */
const settledValues = async (folder: string, specs: ReadonlyArray<Spec>) => {
  const graph = graphOf(specs)
  const program = Effect.gen(function*() {
    const store = yield* Store
    for (const key of yield* store.files.accepted.names) yield* store.files.accepted.drop(key)
    yield* runGraph(graph, yield* snapshotOf(graph), options)
    const { nodes } = yield* snapshotOf(graph)
    const values = new Map<string, number>()
    for (const [name, { record }] of nodes) {
      const digest = record?.outputs["rows"]?.digest ?? assert.fail(`${name} has nothing`)
      const [row] = (yield* store.readRows(Row, digest)) as ReadonlyArray<typeof Row.Type>
      values.set(name, row?.n ?? -1)
    }
    return specs.map(({ stage }, index) => values.get(`${stage === 0 ? "few" : "fewer"}/${index}`))
  })
  return Effect.runPromise(program.pipe(Effect.provide(servicesOf(folder, graph))))
}

describe("nodes that are forced, frozen and accepted, in random graphs", () => {
  it("run and stay as they are told, and leave nothing that a later run takes for up to date", async () => {
    const counts = { forced: 0, frozen: 0, accepted: 0 }
    for (let seed = 1; seed <= 10; seed++) {
      const folder = mkdtempSync(join(tmpdir(), "redag-overrides-"))
      try {
        const random = randomOf(seed)
        const specs = randomSpecs(random, 12)
        const names = [...graphOf(specs).nodes.keys()]
        await runAndCheck(folder, specs, none)
        for (let step = 0; step < 5; step++) {
          for (let edits = 0; edits <= random(2); edits++) {
            const at = random(specs.length)
            const spec = specs[at] ?? assert.fail("no such node")
            specs[at] = { ...spec, n: random(6) }
          }
          if (random(4) === 0) {
            counts.accepted += (await acceptAll(folder, specs)).length
            assert.deepStrictEqual([...(await runAndCheck(folder, specs, none)).executed], [])
            continue
          }
          const forced = new Set(names.filter(() => random(6) === 0))
          const frozen = new Set(names.filter((name) => !forced.has(name) && random(3) === 0))
          const ended = await runAndCheck(folder, specs, { forced, frozen })
          counts.forced += forced.size
          counts.frozen += ended.frozen.length
        }
        assert.deepStrictEqual(await settledValues(folder, specs), valuesOf(specs))
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
    for (const count of Object.values(counts)) assert.isAbove(count, 5)
  })
})
