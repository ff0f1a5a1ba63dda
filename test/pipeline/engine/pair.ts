import { assert } from "vitest"
import type { Digest } from "../../../pipeline/base/digest.ts"
import { boundsOf, type Compared, compareExecutions, compareNodes, comparePlan, settling } from "./compare.ts"
import { nameOf } from "./engine.ts"
import type { Harness, Observed, RunOf } from "./harness.ts"
import { ModelStore, type NodeSpec, objectOf, type Outcome, type Overrides, type World } from "./model.ts"
import { type Damage, damages, type Edit, type Run, type Step } from "./script.ts"

/** What was done in a sequence. */
export interface Counts {
  runs: number
  nodes: number
  executions: number
  interrupted: number
  /** Runs at the same time as others. */
  together: number
  /** Runs that looked at no more than what had changed. */
  parts: number
  edits: number
}

/** The engine and the model side by side, each with a store of its own. */
export class Pair {
  readonly counts: Counts = { runs: 0, nodes: 0, executions: 0, interrupted: 0, together: 0, parts: 0, edits: 0 }
  readonly #harness: Harness
  readonly #model = new ModelStore()
  /** The keys of the engine by those of the model, and the digests of its objects. */
  readonly #keys = new Map<string, Digest>()
  readonly #objects = new Map<string, Digest>()
  #world: World
  #last: Outcome | undefined

  constructor(harness: Harness, nodes: ReadonlyArray<NodeSpec>) {
    this.#harness = harness
    this.#world = { nodes, versions: [0, 0, 0], files: [0, 0], broken: new Set() }
  }

  /** Applies the edits, runs both, and compares what they did. */
  async step({ edits, runs, forced, frozen }: Step): Promise<void> {
    for (const edit of edits) await this.#apply(edit)
    const overrides = this.#overridesOf(forced, frozen)
    const [first, ...others] = runs
    const observed = await this.#harness.run([
      this.#runOf(first, overrides),
      ...others.map((each) => this.#runOf(each, overrides)),
    ])
    const compared = observed.map((each): Compared => {
      const isWhole = each.summary?.notStarted === 0
      const absent = isWhole ? new Set<number>() : notReached(each)
      return { observed: each, outcome: this.#model.expect(each.world, overrides, absent), isWhole }
    })
    this.#count(edits, observed)
    this.#world = { ...this.#world, broken: new Set() }
    this.#last = compared[0]?.outcome

    const foundDamaged = new Set(compared.flatMap(({ outcome }) => [...outcome.foundDamaged]))
    for (const each of compared) {
      this.#learn(each)
      compareNodes(each)
      comparePlan(each, compared.length === 1 ? undefined : foundDamaged)
    }
    const executed = observed.flatMap((each) => each.executed)
    compareExecutions(boundsOf(compared), executed)
    for (const each of compared) await this.#takeOver(each, executed)
    this.#noteHeads(compared)
    for (const each of compared) await this.#readBack(each)
    await this.#compareObjects()
    const heads = await this.#harness.heads()
    for (const [index, key] of this.#model.heads) {
      const spec = this.#world.nodes[index]
      assert.strictEqual(
        heads.get(spec === undefined ? "" : nameOf(spec, index)),
        this.#keys.get(key),
        `head of ${index}`,
      )
    }
    assert.strictEqual(await this.#harness.conflicts(), 0, "equal work made other bytes")
  }

  #runOf({ jobs, keepGoing, after, param }: Run, overrides: Overrides): RunOf {
    const { nodes } = this.#world
    const world = param === null
      ? this.#world
      : { ...this.#world, nodes: withAt(nodes, param.which, (node) => ({ ...node, add: param.value })) }
    const stop = after === null ? {} : { stopAfter: 1 + Math.floor(after * nodes.length) }
    return { world, jobs, keepGoing, overrides, isPart: this.#model.hidden.size === 0, ...stop }
  }

  /** Only what has a head that is there can stay as it is, and nothing that may turn out to be damaged. */
  #overridesOf(forced: ReadonlyArray<number>, frozen: ReadonlyArray<number>): Overrides {
    const indexOf = (which: number) => which % this.#world.nodes.length
    // A twin of what is forced may come before it or after it; which one matters only where a key stands for theirs.
    const { nodes } = this.#world
    const isTwin = (index: number) => nodes.some((other, at) => at !== index && isSameWork(other, nodes[index]))
    const all = new Set(forced.map(indexOf).filter((index) => this.#model.accepted.size === 0 || !isTwin(index)))
    const hasHead = (index: number) => {
      const head = this.#model.heads.get(index)
      return head !== undefined && this.#model.found(head) !== undefined && this.#model.hidden.size === 0
    }
    return { forced: all, frozen: new Set(frozen.map(indexOf).filter((index) => !all.has(index) && hasHead(index))) }
  }

  #count(edits: ReadonlyArray<Edit>, observed: ReadonlyArray<Observed>): void {
    this.counts.edits += edits.length
    this.counts.parts = this.#harness.parts
    if (observed.length > 1) this.counts.together += observed.length
    for (const { world, summary, executed } of observed) {
      this.counts.runs++
      this.counts.nodes += world.nodes.length
      this.counts.executions += executed.length
      if (summary === undefined) this.counts.interrupted++
    }
  }

  /** Notes what the engine calls the keys of the model. */
  #learn({ outcome: { nodes }, observed: { world, keys } }: Compared): void {
    for (const [index, spec] of world.nodes.entries()) {
      const [expected, key] = [nodes[index], keys.get(nameOf(spec, index))]
      if (key === undefined || expected === undefined || !("key" in expected)) continue
      const before = this.#keys.get(expected.key)
      assert.isTrue(before === undefined || before === key, `two keys of the same work: ${expected.key}`)
      this.#keys.set(expected.key, key)
    }
  }

  /** What is recorded was executed, and what was told to be finished is recorded. */
  async #takeOver({ outcome, observed: { events, world } }: Compared, executed: ReadonlyArray<string>): Promise<void> {
    const told = finishedIn(events)
    for (const [index, expected] of outcome.nodes.entries()) {
      const [spec, key] = [world.nodes[index], "key" in expected ? this.#keys.get(expected.key) : undefined]
      if (expected._tag !== "Made" || spec === undefined || key === undefined) continue
      const record = await this.#harness.record(key)
      if (record === undefined) {
        assert.isFalse(told.has(nameOf(spec, index)), `${nameOf(spec, index)} was told to be finished and is lost`)
        assert.isFalse(this.#model.records.has(expected.key), `the record of ${expected.key} is lost`)
      } else if (!this.#model.records.has(expected.key)) {
        assert.include(executed, expected.key, "recorded though it was not executed")
        this.#model.records.set(expected.key, expected.value)
        this.#model.damaged.delete(expected.key)
      }
    }
  }

  /** Notes the heads that a run leaves. Those of which runs at once disagree are those of either. */
  #noteHeads(compared: ReadonlyArray<Compared>): void {
    for (const { outcome, observed: { world, events, summary } } of compared) {
      const told = finishedIn(events)
      // Whether an interrupted run noted what it told last depends on the moment.
      const last = summary === undefined ? events.findLast((event) => "node" in event) : undefined
      for (const [index, expected] of outcome.nodes.entries()) {
        const spec = world.nodes[index]
        if (expected._tag !== "Made" || spec === undefined || !told.has(nameOf(spec, index))) continue
        const isUnsure = last !== undefined && "node" in last && last.node === nameOf(spec, index)
        const isOpposed = compared.some((other) => {
          const theirs = other.outcome.nodes[index]
          return theirs?._tag === "Made" && theirs.key !== expected.key
        })
        if (this.#model.heads.get(index) === expected.key && !isOpposed) continue
        if (isUnsure || isOpposed) this.#model.heads.delete(index)
        else this.#model.heads.set(index, expected.key)
      }
    }
  }

  /** Reads what every node has: it is what the model says, or is what the model says to be lost. */
  async #readBack({ outcome: { nodes }, observed: { world }, isWhole }: Compared): Promise<void> {
    const read = new Set<string>()
    for (const [index, expected] of nodes.entries()) {
      const spec = world.nodes[index]
      if (expected._tag !== "Made" || spec === undefined || !this.#model.records.has(expected.key)) continue
      const [name, object, key] = [nameOf(spec, index), objectOf(expected.value), this.#keys.get(expected.key)]
      const digest = key === undefined ? undefined : (await this.#harness.record(key))?.outputs["values"]?.digest
      if (digest === undefined) {
        // An interrupted run says the keys of some nodes only.
        assert.isFalse(isWhole, `${name} has no record`)
        continue
      }
      this.#objects.set(object, digest)
      if (read.has(object)) continue
      read.add(object)
      const value = await this.#harness.value(digest)
      if (value !== undefined) assert.deepStrictEqual(value, expected.value, name)
      else if (isWhole) assert.isTrue(this.#model.hidden.has(object), `${name} cannot be read`)
    }
  }

  /** Every object is whole but those of which the model says that they are not. All are known to be so from now on. */
  async #compareObjects(): Promise<void> {
    const { lost, hidden } = this.#model
    for (const [object, digest] of this.#objects) {
      if (this.#harness.isWhole(digest)) {
        lost.delete(object)
        hidden.delete(object)
      } else {
        assert.isTrue(lost.has(object) || hidden.has(object), `object ${object} is lost`)
        await this.#harness.value(digest)
        hidden.delete(object)
        lost.add(object)
      }
    }
  }

  async #apply(edit: Edit): Promise<void> {
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
        if (this.#model.lost.size + this.#model.hidden.size === 0) {
          this.#world = { ...this.#world, broken: new Set([edit.which % 3]) }
        }
        break
      case "FlipInput": {
        const [source] = nodes[edit.which % nodes.length]?.from ?? []
        if (source === undefined) break
        await this.#damage("FlipObject", source)
        const change = (node: NodeSpec) => ({ ...node, add: (node.add + 1) % 3 })
        this.#world = { ...this.#world, nodes: withAt(nodes, edit.which, change) }
        break
      }
      case "Accept":
        await this.#accept(edit.which)
        break
      case "DeleteHeads":
        this.#harness.deleteHeads()
        this.#model.heads.clear()
        break
      case "FlipHeads":
        this.#harness.flipHeads()
        this.#model.heads.clear()
        break
      case "Nothing":
        break
      default:
        await this.#damage(edit._tag, edit.which)
    }
  }

  /** Accepts what a node last made for what it now is: the first after the pick of which that can be done. */
  async #accept(pick: number): Promise<void> {
    const { nodes } = this.#world
    // Once another key stands for a node, what is executed in place of what is damaged may be other work.
    if (this.#model.hidden.size > 0) return
    const { nodes: expected, fresh } = this.#model.expect(this.#world, { forced: new Set(), frozen: new Set() })
    const index = nodes.map((_, offset) => (pick + offset) % nodes.length).find((each) => {
      const [node, head] = [expected[each], this.#model.heads.get(each)]
      return node !== undefined && "key" in node && !fresh.has(each) && head !== undefined && head !== node.key
        && nodes[each]?.from.every((source) => fresh.has(source)) === true
        && nodes[each].any.every((source) => fresh.has(source))
        && !this.#model.records.has(node.key) && !this.#model.damaged.has(node.key)
        && this.#model.found(head) !== undefined
    })
    if (index === undefined) return
    const [node, head] = [expected[index], this.#model.heads.get(index)]
    if (node === undefined || !("key" in node) || head === undefined) return
    this.#keys.set(node.key, await this.#harness.accept(this.#world, index))
    this.#model.accepted.set(node.key, head)
  }

  /** Damages the record of a node, or what it made. */
  async #damage(how: Damage, pick: number): Promise<void> {
    const expected = this.#last?.nodes[pick % this.#world.nodes.length]
    if (expected?._tag !== "Made" || !this.#model.records.has(expected.key)) return
    const [object, key] = [objectOf(expected.value), this.#keys.get(expected.key)]
    const digest = this.#objects.get(object)
    if (key === undefined || digest === undefined) return
    // What stands for another key, and is made again in the middle of a run, counts for whoever comes later.
    const stands = [...this.#model.accepted.values()].map((other) => this.#model.records.get(other))
    if (stands.some((value) => value !== undefined && objectOf(value) === object)) return
    const { of, apply } = damages[how]
    if (of === "record") {
      apply(this.#harness, key)
      this.#model.records.delete(expected.key)
      if (how !== "DeleteRecord") this.#model.damaged.add(expected.key)
    } else if (!this.#model.lost.has(object) && !this.#model.hidden.has(object)) {
      if (of === "hidden object" && this.#model.accepted.size > 0) return
      await apply(this.#harness, digest)
      this.#model[of === "object" ? "lost" : "hidden"].add(object)
      this.#world = { ...this.#world, broken: new Set() }
    }
  }
}

const isSameWork = (one: NodeSpec, other: NodeSpec | undefined): boolean =>
  one.stage === other?.stage && one.add === other.add && one.tag === other.tag && one.file === other.file

/** Nodes that a run did not come to: it neither started them nor said how they ended. */
const notReached = ({ world, events }: Observed): ReadonlySet<number> => {
  const reached = new Set(
    events.flatMap((event) =>
      "node" in event && (event._tag === "NodeStarted" || settling.has(event._tag)) ? [event.node] : []
    ),
  )
  return new Set(world.nodes.flatMap((spec, index) => (reached.has(nameOf(spec, index)) ? [] : [index])))
}

/** Nodes of which a run said that they are up to date. */
const finishedIn = (events: Observed["events"]): ReadonlySet<string> =>
  new Set(
    events.flatMap((event) => (event._tag === "NodeSucceeded" || event._tag === "NodeCached" ? [event.node] : [])),
  )

const withAt = <A>(items: ReadonlyArray<A>, pick: number, change: (item: A) => A): ReadonlyArray<A> =>
  items.map((item, index) => (index === pick % items.length ? change(item) : item))
