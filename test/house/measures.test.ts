import { expect, it } from "vitest"
import { circlesOf, measure } from "./measures.ts"
import { readTree } from "./tree.ts"

const tree = readTree()

it.each([
  { area: "pipeline", rooms: 12, arrows: 45 },
  { area: "stages", rooms: 16, arrows: 13 },
  { area: "models", rooms: 13, arrows: 37 },
])("keeps $area within $rooms rooms and $arrows arrows between them, without a circle of files", (limits) => {
  const { rooms, arrows, circles } = measure(tree, limits.area)
  expect(rooms.length, rooms.join(", ")).toBeLessThanOrEqual(limits.rooms)
  expect(arrows.length, arrows.join("; ")).toBeLessThanOrEqual(limits.arrows)
  expect(circles).toEqual([])
})

it("keeps schemas and experiment without a circle of files", () => {
  expect(["schemas", "experiment"].flatMap((area) => measure(tree, area).circles)).toEqual([])
})

it("keeps every file within 400 lines", () => {
  const long = [...tree].filter(([file, text]) => !file.startsWith("test/") && text.split("\n").length - 1 > 400)
  expect(long.map(([file]) => file)).toEqual([])
})

it("finds circles, and only these", () => {
  const graph = new Map([
    ["a", ["b", "d"]],
    ["b", ["c"]],
    ["c", ["a"]],
    ["d", ["e"]],
    ["e", []],
    ["f", ["g", "d"]],
    ["g", ["f"]],
  ])
  expect(circlesOf(graph)).toEqual([["a", "b", "c"], ["f", "g"]])
})
