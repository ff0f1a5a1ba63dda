import { assert, describe, it } from "@effect/vitest"
import { Exit } from "effect"
import { calls } from "../../../pipeline/store/calls.ts"
import { eventsOf, inPlace } from "./support.ts"

describe("a run that is interrupted between the record of a node and the word of it", () => {
  it("counts the node: the store has it", () =>
    inPlace(async ({ run }) => {
      const controller = new AbortController()
      const link = (from: string, to: string) => {
        calls.link(from, to)
        if (to.includes("/actions/")) controller.abort()
      }
      const ran = await run({ calls: { ...calls, link }, signal: controller.signal })
      assert.isTrue(Exit.isFailure(ran.exit))
      assert.deepStrictEqual(ran.executed, ["read"])
      assert.deepStrictEqual(eventsOf(ran, "read/first"), ["NodeStarted", "NodeSucceeded"])
      const last = ran.events.at(-1)
      assert.deepInclude(last, { _tag: "RunFinished", outcome: "interrupted", executed: 1 })
      assert.notInclude((await run()).executed, "read")
    }))
})
