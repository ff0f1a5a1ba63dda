import { assert, describe, it } from "@effect/vitest"
import { slowly } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"

interface Planned {
  readonly node: string
  readonly state: string
  readonly key: string | null
  readonly after?: ReadonlyArray<string>
  readonly by?: ReadonlyArray<string>
  readonly reasons?: ReadonlyArray<object>
  readonly sources: object
  readonly files: object
  readonly outputs: Readonly<Record<string, { readonly digest: string }>>
}

describe("what a run would do", () => {
  const project = sharedProject()

  const planned = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<Planned>> => {
    const { stdout, stderr, code } = await project.dag("plan", ...words, "--json")
    assert.strictEqual(code, 0, stderr)
    return JSON.parse(stdout) as ReadonlyArray<Planned>
  }
  const states = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await planned()).map(({ node, state }) => [node, state]))
  const one = async (name: string): Promise<Planned | undefined> => (await planned()).find(({ node }) => node === name)

  it("is all where nothing ran", async () => {
    const plan = await planned()
    assert.deepStrictEqual(new Set(plan.map(({ state }) => state)), new Set(["will-run"]))
    const total = plan.find(({ node }) => node === "total/all")
    assert.deepInclude(total, {
      key: null,
      after: ["clip/step0", "clip/step1", "clip/step2"],
      reasons: [{ _tag: "NeverRun" }],
      outputs: {},
    })
    assert.match(
      (await project.dag("plan")).stdout,
      /\nrun {6}total\/all {2}after clip[^]*\n8 nodes: 8 will run, 0 up to/u,
    )
  })

  it("takes a time that dag plan and dag status say, once a first node of each stage has run", async () => {
    for (const words of [["plan"], ["status"], ["plan", "--jobs", "1", "--memory", "1G"]]) {
      assert.match(
        (await project.dag(...words)).stdout,
        /^time: unknown until a first read, add, clip, total have run here$/mu,
        words.join(" "),
      )
    }
    await project.dag("run")
    assert.notInclude((await project.dag("status")).stdout, "time:")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    for (const command of ["plan", "status"]) {
      assert.match((await project.dag(command)).stdout, /^time: (?:about )?[\d.]+ m?s/mu, command)
    }
    const { time, unmeasured } = JSON.parse((await project.dag("status", "--json")).stdout) as {
      readonly time: { readonly least: number; readonly most: number }
      readonly unmeasured: ReadonlyArray<string>
    }
    assert.isAtLeast(time.most, time.least)
    assert.deepStrictEqual(unmeasured, [])
    assert.strictEqual((await project.dag("status", "--gpus", "1000")).code, 2)
  })

  it("says what nodes ask for that there is not", async () => {
    const { stdout } = await project.dag("plan", "read/numbers", "--memory", "1M")
    assert.match(
      stdout,
      /^note: read\/numbers asks for up to [\d.]+ .B of memory, and the run has 1\.0 MB: it runs alone with that/mu,
    )
    assert.notInclude((await project.dag("plan", "read/numbers")).stdout, "note:")
  })

  it("names what a node takes from where, for machines", async () => {
    await project.dag("run")
    const plan = await planned()
    const sourcesOf = (name: string) => plan.find(({ node }) => node === name)?.sources
    assert.deepStrictEqual(sourcesOf("read/numbers"), {})
    assert.deepStrictEqual(sourcesOf("add/step1"), { numbers: [{ node: "read/numbers", output: "numbers" }] })
    assert.deepStrictEqual(plan.find(({ node }) => node === "read/numbers")?.files, {
      text: { base: project.root, names: ["numbers.txt"] },
    })
    for (const command of [["ls"], ["why", "add/step1"]]) {
      const told = JSON.parse((await project.dag(...command, "--json")).stdout) as Planned | ReadonlyArray<Planned>
      const node = "node" in told ? told : told.find(({ node }) => node === "add/step1")
      assert.deepStrictEqual(node?.sources, sourcesOf("add/step1"))
    }
  })

  it("is certain of a node that changed itself, and open of those after it", async () => {
    await project.dag("run")
    project.edit("params.yaml", "by: 100\n", "by: 200\n")
    project.edit("dag.config.ts", "params: { to: 50 }", "params: { to: index === 0 ? 40 : 50 }")
    assert.deepStrictEqual(await states(), {
      "read/numbers": "fresh",
      "add/step0": "fresh",
      "clip/step0": "will-run",
      "add/step1": "fresh",
      "clip/step1": "fresh",
      "add/step2": "will-run",
      "clip/step2": "may-run",
      "total/all": "may-run",
    })
    assert.deepInclude(await one("total/all"), { after: ["clip/step0", "clip/step2"], reasons: [] })
    const counts = "8 nodes: 2 will run, 2 may run, 4 up to date"
    assert.include((await project.dag("plan")).stdout, counts)
    assert.include((await project.dag("status")).stdout, `Profile main, ${counts}\n`)
    assert.match((await project.dag("status")).stdout, /\nclip( +\d+)+\n/u)
    const run = await project.dag("run")
    assert.match(
      run.stdout,
      /^Profile main, 8 nodes: 2 will run, 2 may run, 4 up to date\n[^]*\n {2}clip +1 +1 +(?:about )?[\d.]+ s/u,
    )
    // All numbers are beyond 50 with 100 and with 200 added, so the total stays as it is.
    assert.match(run.stdout, /3 nodes executed, 5 up to date/u)
  })

  slowly("is certain of a node that changed itself behind one that runs, with its own reason", async () => {
    await project.dag("run")
    project.edit("params.yaml", "by: 100\n", "by: 200\n")
    project.edit("dag.config.ts", "params: { to: 50 }", "params: { to: 60 }")
    const { stdout } = await project.dag("plan", "clip/step2")
    // On a machine with much else to do, what takes a moment takes a second, and its time stands there too.
    assert.match(stdout, /run {6}clip\/step2 {2}after add\/step2(?:, about .*)?\n {11}param to changed: 50 -> 60\n/u)
    assert.match(stdout, /\n3 nodes: 2 will run, 1 up to date\n$/u)
    const why = await project.dag("why", "total")
    assert.match(
      why.stdout,
      /^may run {2}total\/all {2}after clip\/step0, clip\/step1, clip\/step2\nbecause of 4 nodes/u,
    )
  })

  slowly("is open where the store has what a node was before its last change", async () => {
    await project.dag("run")
    project.edit("dag.config.ts", "params: { to: 50 }", "params: { to: 60 }")
    await project.dag("run")
    project.edit("dag.config.ts", "params: { to: 60 }", "params: { to: 50 }")
    project.edit("stages/add/plus.ts", "one + other", "other + one")
    project.executions()
    const clip = await one("clip/step0")
    assert.strictEqual(clip?.state, "may-run")
    assert.deepStrictEqual(clip?.reasons, [{ _tag: "ParamChanged", path: "to", before: 60, after: 50 }])
    await project.dag("run")
    // The sums have the same bytes as before.
    assert.deepStrictEqual(project.executions(), ["add 1", "add 10", "add 100"])
  })

  slowly("knows the time of a node from another of its stage that is not asked for", async () => {
    await project.dag("run", "add/step0")
    const plan = JSON.parse((await project.dag("plan", "add/step1", "--json")).stdout) as ReadonlyArray<
      { readonly node: string; readonly expected?: { readonly from: string; readonly of: number } }
    >
    const { from, of } = plan.find(({ node }) => node === "add/step1")?.expected ?? {}
    assert.deepStrictEqual([from, of], ["mean", 1])
  })

  slowly("names every node that another is blocked by", async () => {
    await project.dag("run")
    project.edit("dag.config.ts", "const read = numbers(dag)", "const read = numbers(dag, \"absent.txt\")")
    const blocked = await one("total/all")
    assert.deepInclude(blocked, { state: "blocked", key: null, by: ["clip/step0", "clip/step1", "clip/step2"] })
    // What it last made is still there.
    assert.isString(blocked?.outputs["totals"]?.digest)
    const { stdout } = await project.dag("plan")
    assert.match(stdout, /\nmissing {2}read\/absent\n|^missing {2}read\/absent\n/u)
    assert.match(stdout, /\n8 nodes: 0 will run, 0 up to date, 1 with missing files, 7 blocked\n$/u)
  })
})
