import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Digest } from "../../../pipeline/base/digest.ts"
import { Harness, nameOf, type Observed } from "./harness.ts"
import { ModelStore, type NodeSpec, objectOf, type Outcome, type World } from "./model.ts"

/** A change of the world or of the store between two runs. Numbers pick a node, a stage or a file, modulo how many. */
type Edit =
  | { readonly _tag: "Param" | "Version" | "File"; readonly which: number; readonly value: number }
  | { readonly _tag: "LoseFile" | "Break"; readonly which: number }
  | { readonly _tag: "DeleteObject" | "TruncateObject" | "DeleteRecord" | "CorruptRecord"; readonly which: number }
  | { readonly _tag: "DeleteHeads" | "Nothing" }

const graphs: fc.Arbitrary<ReadonlyArray<NodeSpec>> = fc.array(
  fc.record({
    stage: fc.nat(2),
    add: fc.nat(2),
    tag: fc.nat(1),
    picks: fc.uniqueArray(fc.nat(20), { maxLength: 3 }),
    file: fc.option(fc.nat(1), { freq: 2 }),
  }),
  { minLength: 1, maxLength: 8 },
).map((drafts) =>
  drafts.map(({ picks, ...draft }, index) => ({
    ...draft,
    from: index === 0 ? [] : [...new Set(picks.map((pick) => pick % index))],
  }))
)

const which = fc.nat(50)
const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ _tag: fc.constantFrom("Param", "Version", "File"), which, value: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constantFrom("LoseFile", "Break"), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      _tag: fc.constantFrom("DeleteObject", "TruncateObject", "DeleteRecord", "CorruptRecord"),
      which,
    }),
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constantFrom("DeleteHeads", "Nothing") }) },
)

/** The engine and the model side by side, each with a store of its own. */
class Pair {
  readonly #harness: Harness
  readonly #model = new ModelStore()
  #world: World
  #last: { readonly outcome: Outcome; readonly keys: ReadonlyMap<string, Digest> } | undefined

  constructor(harness: Harness, nodes: ReadonlyArray<NodeSpec>) {
    this.#harness = harness
    this.#world = { nodes, versions: [0, 0, 0], files: [0, 0], broken: new Set() }
  }

  apply(edit: Edit): void {
    const { nodes, versions, files } = this.#world
    switch (edit._tag) {
      case "Param":
        this.#world = { ...this.#world, nodes: withAt(nodes, edit.which, (node) => ({ ...node, add: edit.value })) }
        break
      case "Version":
        this.#world = { ...this.#world, versions: withAt(versions, edit.which, () => edit.value) }
        break
      case "File":
        this.#world = { ...this.#world, files: withAt(files, edit.which, () => edit.value) }
        break
      case "LoseFile":
        this.#world = { ...this.#world, files: withAt(files, edit.which, () => null) }
        break
      case "Break":
        // While an object is lost, whether a broken stage is asked for it again depends on who is first.
        if (this.#model.lostObjects.size === 0) this.#world = { ...this.#world, broken: new Set([edit.which % 3]) }
        break
      case "DeleteHeads":
        this.#harness.deleteHeads()
        break
      case "Nothing":
        break
      default:
        this.#damage(edit._tag, edit.which)
    }
  }

  #damage(how: "DeleteObject" | "TruncateObject" | "DeleteRecord" | "CorruptRecord", pick: number): void {
    const index = pick % this.#world.nodes.length
    const spec = this.#world.nodes[index]
    const expected = this.#last?.outcome.nodes[index]
    const key = spec === undefined ? undefined : this.#last?.keys.get(nameOf(spec, index))
    const digest = key === undefined ? undefined : this.#harness.record(key)?.outputs["values"]?.digest
    if (expected?._tag !== "Made" || key === undefined || digest === undefined) return
    if (how === "DeleteRecord" || how === "CorruptRecord") {
      if (how === "DeleteRecord") this.#harness.deleteRecord(key)
      else this.#harness.corruptRecord(key)
      this.#model.records.delete(expected.key)
    } else if (!this.#model.lostObjects.has(objectOf(expected.value))) {
      if (how === "DeleteObject") this.#harness.deleteObject(digest)
      else this.#harness.truncateObject(digest)
      this.#model.lostObjects.add(objectOf(expected.value))
      this.#world = { ...this.#world, broken: new Set() }
    }
  }

  async runAndCompare(jobs: number): Promise<void> {
    const world = this.#world
    const lostBefore = new Set(this.#model.lostObjects)
    const outcome = this.#model.run(world)
    const observed = await this.#harness.run(world, jobs)
    this.#last = { outcome, keys: keysOf(observed) }
    this.#world = { ...world, broken: new Set() }
    compareExecutions(outcome, observed)
    compareNodes(world, outcome, observed)
    comparePlan(observed)
    // Every object that was lost and is needed was made again by somebody.
    for (const node of outcome.nodes) {
      if (node._tag === "Made" && lostBefore.has(objectOf(node.value))) assert.isAtLeast(observed.executed.length, 1)
    }
  }
}

const withAt = <A>(items: ReadonlyArray<A>, pick: number, change: (item: A) => A): ReadonlyArray<A> =>
  items.map((item, index) => (index === pick % items.length ? change(item) : item))

const keysOf = ({ events }: Observed): ReadonlyMap<string, Digest> =>
  new Map(
    events.flatMap((event) =>
      event._tag === "NodeCached" || event._tag === "NodeSucceeded" ? [[event.node, event.key] as const] : []
    ),
  )

const compareExecutions = ({ executions }: Outcome, { executed }: Observed): void => {
  const counts = new Map<string, number>()
  for (const work of executed) counts.set(work, (counts.get(work) ?? 0) + 1)
  for (const [work, { least, most }] of executions) {
    const count = counts.get(work) ?? 0
    assert.isTrue(least <= count && count <= most, `${work} ran ${count} times, not ${least} to ${most}`)
    counts.delete(work)
  }
  assert.deepStrictEqual([...counts.keys()], [], "ran though nothing asked for it")
}

const compareNodes = ({ nodes }: World, outcome: Outcome, { events, values }: Observed): void => {
  for (const [index, spec] of nodes.entries()) {
    const name = nameOf(spec, index)
    const expected = outcome.nodes[index]
    const tags = events.flatMap((event) =>
      "node" in event && event.node === name && event._tag !== "NodeStarted" && event._tag !== "NodeProgressed"
        ? [event._tag]
        : []
    )
    assert.strictEqual(tags.length, 1, `${name} settled as ${tags.join(" and ")}`)
    switch (expected?._tag) {
      case "Made":
        assert.include(["NodeCached", "NodeSucceeded"], tags[0])
        assert.deepStrictEqual(values.get(name), expected.value, name)
        break
      case "Failed":
        assert.strictEqual(tags[0], "NodeFailed", name)
        break
      case "Missing":
        assert.strictEqual(tags[0], "NodeMissing", name)
        break
      default:
        assert.strictEqual(tags[0], "NodeBlocked", name)
    }
  }
}

/** A run does what the plan made just before says of each node. */
const comparePlan = ({ planned, events }: Observed): void => {
  for (const [name, { status }] of planned.nodes) {
    const of = (tag: string) => events.some((event) => event._tag === tag && "node" in event && event.node === name)
    switch (status._tag) {
      case "Fresh":
        assert.isFalse(of("NodeStarted"), `${name} was planned as up to date and ran`)
        assert.isTrue(of("NodeCached"), `${name} was planned as up to date`)
        break
      case "WillRun":
        assert.isAtLeast(status.reasons.length, 1, `${name} will run for no reason`)
        if (status.action !== undefined) {
          assert.isTrue(of("NodeSucceeded") || of("NodeFailed"), `${name} was planned to run and did not`)
        }
        break
      case "MayRun":
        assert.isAtLeast(status.after.length, 1, `${name} may run after nothing`)
        break
      case "Missing":
        assert.isTrue(of("NodeMissing"), name)
        break
      case "Blocked":
        assert.isTrue(of("NodeBlocked"), name)
    }
  }
}

const compare = async (
  nodes: ReadonlyArray<NodeSpec>,
  script: ReadonlyArray<ReadonlyArray<Edit>>,
  jobs: number,
): Promise<void> => {
  const harness = new Harness()
  try {
    const pair = new Pair(harness, nodes)
    await pair.runAndCompare(jobs)
    for (const step of script) {
      for (const edit of step) pair.apply(edit)
      await pair.runAndCompare(jobs)
    }
  } finally {
    harness.remove()
  }
}

describe("engine against a pure model", () => {
  it("does what the model does, on random graphs and sequences of edits", async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs,
        fc.array(fc.array(edits, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        compare,
      ),
      { numRuns: 150 },
    )
  })

  it("runs equal work under several names once, whether one or many actions run at a time", async () => {
    const twin = { stage: 0, add: 1, tag: 0, from: [], file: null }
    for (const jobs of [1, 2, 8]) {
      const harness = new Harness()
      try {
        const world = { nodes: [twin, twin, twin], versions: [0, 0, 0], files: [], broken: new Set<number>() }
        const { executed, summary } = await harness.run(world, jobs)
        assert.lengthOf(executed, 1)
        assert.deepInclude(summary, { executed: 1, cached: 2, failed: 0 })
      } finally {
        harness.remove()
      }
    }
  })
})
