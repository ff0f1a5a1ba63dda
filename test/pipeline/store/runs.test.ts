import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { makeChain } from "../../../pipeline/store/chain.ts"
import type { Event } from "../../../pipeline/store/events.ts"
import { eventLine, makeRunLog, newRunId } from "../../../pipeline/store/run-log.ts"
import { runOf } from "../../../pipeline/store/runs.ts"
import { inFolder, onStore } from "./support.ts"

const logOf = (name: string, ...events: ReadonlyArray<Event>): Buffer => {
  const { link } = makeChain(name)
  return Buffer.from(events.map((event) => link(eventLine(event, new Date(0)))).join(""))
}

const succeeded = (node: string, made: string): Event => ({
  _tag: "NodeSucceeded",
  node,
  key: digestOf(node),
  milliseconds: 1,
  rows: {},
  digests: { values: digestOf(made) },
  counts: {},
  shared: false,
})
const cached = (node: string): Event => ({ _tag: "NodeCached", node, key: digestOf(node) })

describe("the log of a run", () => {
  it("has a name that sorts by the run's start, also within a second", () => {
    const starts = Array.from({ length: 400 }, (_, index) => new Date(Date.UTC(2026, 0, 1) + index * 7))
    const names = starts.map(newRunId)
    assert.deepStrictEqual(names.toSorted(), names)
  })

  it("counts each node once, as it ended last: what was found damaged is made again", () => {
    const log = logOf(
      "run",
      { _tag: "RunStarted", run: "run", profile: "p", nodes: 4, selectors: [] },
      cached("a"),
      succeeded("b", "first"),
      { _tag: "NodeBlocked", node: "c", by: "b" },
      cached("d"),
      { _tag: "ObjectDamaged", node: "c", object: digestOf("first"), makers: ["a", "b"] },
      succeeded("a", "again"),
      succeeded("b", "second"),
      succeeded("c", "third"),
      { _tag: "NodeFailed", node: "d", key: null, failure: { error: "StageError", message: "broke", help: "fix it" } },
    )
    const found = runOf("run", log)
    assert.deepInclude(found, { executed: 3, cached: 0, damaged: [] })
    assert.deepStrictEqual([...found?.unmade ?? []], [["d", "failed"]])
    assert.sameMembers([...found?.keys.keys() ?? []], ["a", "b", "c"])
  })

  it("that was removed while its run went on is not begun in the middle", () =>
    inFolder(async (folder) => {
      const path = join(folder, "runs/r.ndjson")
      await onStore(
        folder,
        Effect.gen(function*() {
          const log = yield* makeRunLog("r")
          yield* log({ _tag: "NodeBlocked", node: "z", by: "y" })
          assert.isTrue(existsSync(path))
          rmSync(path)
          yield* log({ _tag: "NodeBlocked", node: "x", by: "y" })
        }),
      )
      assert.isFalse(existsSync(path))
    }))
})
