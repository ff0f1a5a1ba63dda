import { assert, describe, it } from "@effect/vitest"
import { type Digest, digestOf } from "../../../pipeline/base/digest.ts"
import { reachedFrom } from "../../../pipeline/store/gc/reachable.ts"
import type { Holding } from "../../../pipeline/store/holding.ts"

/** An action of a node, which took and made tables of these texts. */
const action = (key: string, node: string, took: ReadonlyArray<string>, made: ReadonlyArray<string>): Holding => ({
  key: digestOf(key),
  node,
  stage: node.split("/")[0] ?? "",
  code: digestOf("code"),
  inputs: took.map(digestOf),
  readsFiles: false,
  outputs: made.map((text) => ({ digest: digestOf(text), size: 1 })),
  blobs: [],
  log: null,
  milliseconds: 1,
})

const reached = (
  actions: Readonly<Record<string, Holding>>,
  roots: ReadonlyArray<string>,
  wires: Readonly<Record<string, ReadonlyArray<string>>>,
): Array<string> => {
  const holdings = new Map<Digest, Holding>(Object.values(actions).map((holding) => [holding.key, holding]))
  const sources = new Map(Object.entries(wires).map(([node, names]) => [node, new Set(names)]))
  const keys = reachedFrom(holdings, new Set(roots.map(digestOf)), sources)
  return Object.keys(actions).filter((name) => keys.has(digestOf(name)))
}

const actionsOf = (
  all: Readonly<Record<string, readonly [node: string, took: ReadonlyArray<string>, made: ReadonlyArray<string>]>>,
): Readonly<Record<string, Holding>> =>
  Object.fromEntries(Object.entries(all).map(([key, [node, took, made]]) => [key, action(key, node, took, made)]))

describe("what an action that stays was made from", () => {
  const actions = actionsOf({
    read: ["read/a", [], ["rows", "no warnings"]],
    "read before": ["read/a", [], ["older rows", "no warnings"]],
    score: ["score/a", ["rows", "no warnings"], ["scores"]],
    asked: ["predictions/asked", ["rows"], ["other rows", "no warnings"]],
    "score asked": ["score/asked", ["other rows", "no warnings"], ["other scores"]],
    "table asked": ["aggregate/asked", ["other scores"], ["table", "no warnings"]],
  })

  it("does not reach other nodes that made an empty table too", () => {
    const wires = { "score/a": ["read/a"] }
    assert.sameMembers(reached(actions, ["read", "score"], wires), ["read", "read before", "score"])
  })

  it("reaches what made an input before its node ran again, and with it what that was made from", () => {
    const wires = { "score/a": ["read/a"], "read/a": [] }
    const again = actionsOf({
      root: ["root/a", [], ["root"]],
      "read first": ["read/a", ["root"], ["rows"]],
      read: ["read/a", [], ["rows"]],
      score: ["score/a", ["rows"], ["scores"]],
    })
    assert.sameMembers(reached(again, ["read", "score"], wires), ["root", "read first", "read", "score"])
  })

  it("reaches all that made an input of what no node has now, unless one of them stays anyway", () => {
    const wires = {}
    assert.sameMembers(
      reached(actions, ["score asked"], wires),
      Object.keys(actions).filter((name) => name !== "score"),
    )
    assert.sameMembers(reached(actions, ["score asked", "read"], wires), ["read", "asked", "score asked"])
  })
})
