import { assert } from "vitest"
import { nameOf } from "./engine.ts"
import type { Observed } from "./harness.ts"
import type { Outcome } from "./model.ts"

/** Work was executed as often as the model says; of an interrupted run, at most so often. */
export const compareExecutions = (
  { executions }: Outcome,
  executed: ReadonlyArray<string>,
  how: "all" | "some",
): void => {
  const counts = new Map<string, number>()
  for (const work of executed) counts.set(work, (counts.get(work) ?? 0) + 1)
  for (const [work, { least, most }] of executions) {
    const count = counts.get(work) ?? 0
    const enough = how === "some" ? 0 : least
    assert.isTrue(enough <= count && count <= most, `${work} ran ${count} times, not ${enough} to ${most}`)
    counts.delete(work)
  }
  assert.deepStrictEqual([...counts.keys()], [], "ran though nothing asked for it")
}

/** Every node ended as the model says. */
export const compareNodes = (outcome: Outcome, { world, events }: Observed): void => {
  for (const [index, spec] of world.nodes.entries()) {
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

/** A run did what the plan that was made just before says of each node. */
export const comparePlan = (_: Outcome, { planned, events }: Observed): void => {
  const nodesOf = new Map<string, Set<string>>()
  for (const event of events) {
    if ("node" in event) nodesOf.set(event._tag, (nodesOf.get(event._tag) ?? new Set()).add(event.node))
  }
  for (const [name, { status }] of planned.nodes) {
    const of = (tag: string) => nodesOf.get(tag)?.has(name) === true
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
