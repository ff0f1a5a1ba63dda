import { assert, describe, it } from "@effect/vitest"
import { cpSync, renameSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"

const everything = ["add 1", "add 10", "add 100", "clip 50", "clip 50", "clip 50", "read", "total"]

describe("dag run", () => {
  const project = sharedProject()

  it("runs nothing the second time, and gives the same results", async () => {
    const first = await project.dag("run")
    assert.strictEqual(first.code, 0, first.stderr)
    assert.deepStrictEqual(project.executions(), everything)
    assert.match(first.stdout, /8 nodes executed, 0 up to date/u)
    // 1+2+3 and 3 times 1; and 3 times 10; and three numbers cut down to 50.
    assert.include(first.stdout, "Totals: [{\"total\":195,\"tables\":3}]")
    const objects = project.files("artifacts/objects")
    const second = await project.dag("run")
    assert.strictEqual(second.code, 0)
    assert.deepStrictEqual(project.executions(), [])
    assert.match(second.stdout, /0 nodes executed, 8 up to date/u)
    assert.include(second.stdout, "Totals: [{\"total\":195,\"tables\":3}]")
    assert.deepStrictEqual(project.files("artifacts/objects"), objects)
  })

  it("plans, tells and runs what a changed param asks for, and nothing whose inputs have the same bytes", async () => {
    await project.dag("run")
    project.executions()
    // Past the limit of 50 already: the clipped numbers are the same bytes, so the total is not made again.
    project.edit("params.yaml", "by: 100", "by: 200")
    const plan = await project.dag("plan")
    assert.match(plan.stdout, /run {6}add\/step2(?: {2}about .*)?\n\s+param by changed \(params\.yaml:7\): 100 -> 200/u)
    assert.match(plan.stdout, /may run {2}clip\/step2 {2}after add\/step2/u)
    assert.match(plan.stdout, /8 nodes: 1 will run, 2 may run, 5 up to date/u)
    const why = await project.dag("why", "total")
    assert.match(why.stdout, /because of 1 node[^]*add\/step2[^]*params\.yaml:7/u)
    const run = await project.dag("run")
    assert.match(run.stdout, /2 nodes executed, 6 up to date/u)
    assert.deepStrictEqual(project.executions(), ["add 200", "clip 50"])
    // A change that does come through, by the line that it is on.
    project.edit("params.yaml", "  - by: 1\n", "\n  - by: 2\n")
    assert.include((await project.dag("plan")).stdout, "param by changed (params.yaml:5): 1 -> 2")
    await project.dag("run")
    assert.deepStrictEqual(project.executions(), ["add 2", "clip 50", "total"])
    assert.include((await project.dag("results", "--json")).stdout, "\"total\": 198")
  })

  it("goes back to an earlier state without running anything, and shows that state", async () => {
    await project.dag("run")
    project.edit("params.yaml", "by: 10\n", "by: 20\n")
    await project.dag("run")
    assert.include((await project.dag("results", "--json")).stdout, "\"total\": 225")
    project.executions()
    project.edit("params.yaml", "by: 20\n", "by: 10\n")
    // Nothing ran since, but what is shown is what the project now says.
    assert.include((await project.dag("results")).stdout, "\"total\":195")
    assert.include((await project.dag("show", "add/step1", "--json")).stdout, "\"value\": 11")
    assert.include((await project.dag("lineage", "add/step1")).stdout, "by = 10")
    assert.match((await project.dag("run")).stdout, /0 nodes executed/u)
    assert.deepStrictEqual(project.executions(), [])
  })

  it("names an input file that changed, and what is missing of files that are gone", async () => {
    await project.dag("run")
    project.executions()
    project.write("numbers.txt", "1\n2\n4\n")
    const plan = await project.dag("plan", "--json")
    const states = JSON.parse(plan.stdout) as ReadonlyArray<{ node: string; reasons?: ReadonlyArray<object> }>
    const read = states.find(({ node }) => node === "read/numbers")
    assert.deepInclude(read?.reasons?.[0], { _tag: "FileChanged", role: "text", name: "numbers.txt" })
    assert.include((await project.dag("plan")).stdout, "file numbers.txt changed: sha256")
    const missing = await project.dag("run", "--profile", "missing")
    assert.strictEqual(missing.code, 6)
    assert.match(missing.stdout, /the numbers\n[^]*office of numbers[^]*CC0[^]*missing +absent\.txt/u)
    assert.match(missing.stderr, /^error: 1 file set of this profile is missing\n {2}help: /u)
    assert.deepStrictEqual(project.executions(), [])
    const kept = await project.dag("run", "--profile", "missing", "--keep-going")
    assert.strictEqual(kept.code, 6)
    assert.deepStrictEqual(project.executions(), ["add 1", "read"])
    assert.match(kept.stdout, /2 nodes executed, 0 up to date, 1 with missing files, 1 blocked/u)
  })

  it("keeps what it has when a node gets another name", async () => {
    await project.dag("run")
    project.executions()
    project.edit("dag.config.ts", "name: `step${index}`, params, inputs", "name: `plus${params.by}`, params, inputs")
    assert.include((await project.dag("ls")).stdout, "add/plus10")
    assert.match((await project.dag("run")).stdout, /0 nodes executed, 8 up to date/u)
    assert.deepStrictEqual(project.executions(), [])
  })

  it("runs what is selected, with all that it depends on", async () => {
    await project.dag("run", "clip/step1")
    assert.deepStrictEqual(project.executions(), ["add 10", "clip 50", "read"])
    await project.dag("run", "add/*", "clip/step1")
    assert.deepStrictEqual(project.executions(), ["add 1", "add 100"])
    // What another selection made keeps its place in what the project knows.
    assert.strictEqual((await project.dag("show", "clip/step1")).code, 0)
  })

  it("does equal work under two names once, also one at a time", async () => {
    for (const jobs of ["1", "4"]) {
      project.reset()
      const run = await project.dag("run", "--profile", "twins", "--jobs", jobs)
      assert.strictEqual(run.code, 0, run.stderr)
      assert.deepStrictEqual(project.executions(), ["heavy twin", "read", "total"])
      assert.match(run.stdout, /3 nodes executed, 1 up to date/u)
    }
  })
})

describe("a project folder", () => {
  const project = sharedProject()

  it("stays up to date when it moves, and a copy of it is a project of its own", async () => {
    await project.dag("run")
    project.executions()
    const [before, moved] = [project.root, project.beside("moved")]
    renameSync(before, moved)
    project.root = moved
    assert.match((await project.dag("run")).stdout, /0 nodes executed, 8 up to date/u)
    // The copy brings along a build of the folder that it was copied from, which is still there.
    const copy = project.beside("copy")
    cpSync(moved, copy, { recursive: true })
    project.root = copy
    project.edit("params.yaml", "by: 10\n", "by: 30\n")
    const run = await project.dag("run")
    assert.match(run.stdout, /3 nodes executed, 5 up to date/u)
    assert.deepStrictEqual(project.executions(), ["add 30", "clip 50", "total"])
    project.root = moved
    assert.include((await project.dag("results", "--json")).stdout, "\"total\": 195")
    project.root = before
  })
})
