import { assert, describe, it } from "@effect/vitest"
import type { Resources } from "../../../pipeline/graph/stage.ts"
import { makeLanes, type Place } from "../../../pipeline/run/lanes.ts"
import { makePool } from "../../../pipeline/run/pool.ts"
import { workIn } from "../../engine/sweep/graph.ts"

const limits = { jobs: 2, cpu: 2, memory: 4096, gpu: 0 }
const wanted: Resources = { cpu: 1, memory: 512, gpu: 0 }

const nodeOf = (name: string) => {
  const node = workIn("/").graph.nodes.get(name)
  if (node === undefined) throw new Error(`no ${name}`)
  return node
}
const short = nodeOf("add/one")

/** As many places as there are for a node. */
const placesFor = (take: () => Place | undefined): ReadonlyArray<Place> => {
  const places: Array<Place> = []
  for (let place = take(); place !== undefined; place = take()) places.push(place)
  return places
}

describe("lanes", () => {
  it("are as many as the pool grants, for a stage that is known to be short; each has the same number behind", () => {
    const lanes = makeLanes(makePool(limits))
    assert.lengthOf(placesFor(() => lanes.place(short, wanted, "behind others")).map(({ give }) => give()), 2)
    for (let times = 0; times < 3; times++) lanes.took(short, 0)
    const places = placesFor(() => lanes.place(short, wanted, "behind others"))
    const sizes = [...Map.groupBy(places, ({ lane }) => lane).values()].map(({ length }) => length)
    assert.deepStrictEqual(sizes, [128, 128])
    assert.lengthOf(places.filter(({ waits }) => !waits), 2)
    // What is granted is given back with the last place, however often each is given back.
    for (const { give } of places.slice(1)) give()
    for (const { give } of places.slice(1)) give()
    assert.lengthOf(placesFor(() => lanes.place(short, wanted, "alone")), 1)
    for (const { give } of places) give()
    assert.lengthOf(placesFor(() => lanes.place(short, wanted, "alone")), 1)
  })

  it("take no more once they are full, until half of what they have is done", () => {
    const lanes = makeLanes(makePool({ ...limits, jobs: 1 }))
    lanes.took(short, 0)
    const places = placesFor(() => lanes.place(short, wanted, "behind others"))
    assert.lengthOf(places, 128)
    for (const { give } of places.slice(65)) give()
    assert.isUndefined(lanes.place(short, wanted, "behind others"))
    places[64]?.give()
    assert.lengthOf(placesFor(() => lanes.place(short, wanted, "behind others")), 64)
  })

  it("have nobody behind who wants something else, runs in a process, has a limit of time, or took long", () => {
    const lanes = makeLanes(makePool(limits))
    lanes.took(short, 1)
    lanes.took(nodeOf("train/long"), 1)
    placesFor(() => lanes.place(short, wanted, "first"))
    assert.isDefined(lanes.place(short, wanted, "behind others"))
    assert.isUndefined(lanes.place(short, { ...wanted, memory: 600 }, "behind others"))
    assert.isUndefined(lanes.place(short, { ...wanted, timeout: 60 }, "behind others"))
    assert.isUndefined(lanes.place(nodeOf("train/long"), wanted, "behind others"))
    for (let times = 0; times < 20; times++) lanes.took(short, 500)
    assert.isUndefined(lanes.place(short, wanted, "behind others"))
  })
})
