import { expect, it } from "vitest"
import { AllNames } from "../../../../pipeline/graph/selection/all-names.ts"

it("the names of all nodes are a set like any other", () => {
  const all: ReadonlySet<string> = new AllNames(new Map([["a", 1], ["b", 2]]))
  const [some, more] = [new Set(["b"]), new Set(["a", "b", "c"])]
  expect([all.size, all.has("a"), all.has("c")]).toEqual([2, true, false])
  expect([[...all], [...all.keys()], [...all.values()]]).toEqual([["a", "b"], ["a", "b"], ["a", "b"]])
  expect([...all.entries()]).toEqual([["a", "a"], ["b", "b"]])
  const seen: Array<string> = []
  all.forEach((name) => seen.push(name))
  expect(seen).toEqual(["a", "b"])
  expect([all.union(more), all.intersection(some), all.difference(some), all.symmetricDifference(more)])
    .toEqual([more, some, new Set(["a"]), new Set(["c"])])
  expect([all.isSubsetOf(more), all.isSupersetOf(some), all.isDisjointFrom(new Set(["c"]))]).toEqual([true, true, true])
  // As what other sets are asked about, too.
  expect([some.isSubsetOf(all), some.union(all), more.difference(all)]).toEqual([
    true,
    new Set(["b", "a"]),
    new Set(["c"]),
  ])
})
