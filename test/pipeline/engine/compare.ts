import { assert } from "vitest"
import { nameOf } from "./engine.ts"
import type { Observed } from "./harness.ts"
import { type Bounds, objectOf, type Outcome } from "./model.ts"

/** A run, and what the model says of it. */
export interface Compared {
  readonly outcome: Outcome
  readonly observed: Observed
  /** Whether it went to its end: it was not interrupted, and no failure kept it from looking at nodes. */
  readonly isWhole: boolean
}

/** How often keys may have been executed in runs at the same time, all together. */
export const boundsOf = (runs: ReadonlyArray<Compared>): ReadonlyMap<string, Bounds> => {
  const bounds = new Map<string, Bounds>()
  for (const { outcome, isWhole } of runs) {
    const failing = new Set(outcome.nodes.flatMap((node) => (node._tag === "Failed" ? [node.key] : [])))
    for (const [key, { least, most }] of outcome.executions) {
      const before = bounds.get(key) ?? { least: 0, most: 0 }
      const atLeast = isWhole ? least : 0
      bounds.set(
        key,
        // What fails in one run is tried by the others; what one makes the others take.
        failing.has(key)
          ? { least: before.least + atLeast, most: before.most + most }
          : { least: Math.max(before.least, atLeast), most: Math.max(before.most, most) },
      )
    }
  }
  // What a run was at when it was interrupted, another one executes again.
  const cut = runs.filter(({ observed }) => observed.summary === undefined).length
  return new Map(
    [...bounds].map(([key, { least, most }]) => [key, { least, most: runs.length > 1 ? most + cut : most }]),
  )
}

/** Work was executed as often as the model says. */
export const compareExecutions = (bounds: ReadonlyMap<string, Bounds>, executed: ReadonlyArray<string>): void => {
  const counts = new Map<string, number>()
  for (const work of executed) counts.set(work, (counts.get(work) ?? 0) + 1)
  for (const [work, { least, most }] of bounds) {
    const count = counts.get(work) ?? 0
    assert.isTrue(least <= count && count <= most, `${work} ran ${count} times, not ${least} to ${most}`)
    counts.delete(work)
  }
  assert.deepStrictEqual([...counts.keys()], [], "ran though nothing asked for it")
}

/** The events by which nodes end. */
export const settling: ReadonlySet<string> = new Set([
  "NodeCached",
  "NodeSucceeded",
  "NodeFailed",
  "NodeMissing",
  "NodeBlocked",
])

/** Every node that ended did so as the model says; in a whole run all ended. */
export const compareNodes = ({ outcome, observed: { world, events, summary }, isWhole }: Compared): void => {
  const ends = new Map<string, Array<string>>()
  for (const event of events) {
    if ("node" in event && settling.has(event._tag)) {
      ends.set(event.node, [...ends.get(event.node) ?? [], event._tag])
    }
  }
  for (const [index, spec] of world.nodes.entries()) {
    const name = nameOf(spec, index)
    const expected = outcome.nodes[index]
    const tags = ends.get(name) ?? []
    if (summary !== undefined && expected?._tag === "NotStarted") {
      // A failure elsewhere does not keep from its end what does without.
      const isMade = (source: number) => outcome.nodes[source]?._tag === "Made"
      const canRun = spec.any.some(isMade) && spec.from.every(isMade)
      assert.isFalse(canRun, `${name} has all that it needs and was not run`)
    }
    if (tags.length === 0 && !isWhole) continue
    // What it made is damaged, as a later node finds: it is executed again, and so settles again.
    const isAgain = expected?._tag === "Made" && outcome.remade.has(expected.key)
    if (!isAgain) assert.strictEqual(tags.length, 1, `${name} settled as ${tags.join(" and ")}`)
    switch (expected?._tag) {
      case "Made":
        for (const tag of tags) assert.include(["NodeCached", "NodeSucceeded"], tag, name)
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

/**
 * The plan says what the model says, and a whole run did what the plan that was made just before says of each node.
 * `foundDamaged` are the objects that runs at the same time find to be damaged; undefined for one alone.
 */
export const comparePlan = (
  { outcome, observed, isWhole }: Compared,
  foundDamaged: ReadonlySet<string> | undefined,
): void => {
  const isAlone = foundDamaged === undefined
  const { world, planned, events } = observed
  const nodesOf = new Map<string, Set<string>>()
  for (const event of events) {
    if ("node" in event) nodesOf.set(event._tag, (nodesOf.get(event._tag) ?? new Set()).add(event.node))
  }
  const unsure = new Set<number>()
  for (const [index, spec] of world.nodes.entries()) {
    const name = nameOf(spec, index)
    const status = planned.nodes.get(name)?.status
    const expected = outcome.nodes[index]
    const key = expected !== undefined && "key" in expected ? expected.key : ""
    const of = (tag: string) => nodesOf.get(tag)?.has(name) === true
    // Of runs at once, one may make its plan when another has made something, or has found something damaged, on which
    // all that comes after it waits.
    const value = outcome.fresh.get(index)
    const isDamaged = value !== undefined && foundDamaged?.has(objectOf(value)) === true
    if (isDamaged || [...spec.from, ...spec.any].some((source) => unsure.has(source))) unsure.add(index)
    if (isAlone || (value !== undefined && !unsure.has(index))) {
      assert.strictEqual(status?._tag === "Fresh", outcome.fresh.has(index), `${name} was planned as ${status?._tag}`)
    }
    switch (status?._tag) {
      case "Fresh":
        if (!outcome.remade.has(key)) assert.isFalse(of("NodeStarted"), `${name} was planned as up to date and ran`)
        if (isWhole) assert.isTrue(of("NodeCached"), `${name} was planned as up to date`)
        break
      case "WillRun":
        assert.isAtLeast(status.reasons.length, 1, `${name} will run for no reason`)
        if (status.action !== undefined && isWhole) {
          const isTaken = of("NodeCached") && (!isAlone || outcome.incomplete.has(key))
          assert.isTrue(
            of("NodeSucceeded") || of("NodeFailed") || isTaken,
            `${name} was planned to run and did not`,
          )
        }
        break
      case "MayRun":
        assert.isAtLeast(status.after.length, 1, `${name} may run after nothing`)
        break
      case "Missing":
        if (isWhole) assert.isTrue(of("NodeMissing"), name)
        break
      case "Blocked":
        if (isWhole) assert.isTrue(of("NodeBlocked"), name)
        break
      case undefined:
        assert.fail(`${name} is not in the plan`)
    }
  }
}
