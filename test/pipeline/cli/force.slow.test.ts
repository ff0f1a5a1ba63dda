import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { slowly } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"

describe("dag run --force", () => {
  const project = sharedProject()

  const records = () => project.files("artifacts/actions").map((file) => readFileSync(file, "utf8"))

  it("executes the named nodes alone though they are up to date, and says that they made the same", async () => {
    await project.dag("run")
    project.executions()
    const before = records()
    const forced = await project.dag("run", "--force", "add/step1")
    assert.strictEqual(forced.code, 0, forced.stderr)
    assert.deepStrictEqual(project.executions(), ["add 10"])
    assert.match(forced.stdout, /^done {5}add\/step1 {2}.*, made the same again$/mu)
    assert.deepStrictEqual(records(), before)
    // Which are wanted and not forced, run only where they must.
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    const both = await project.dag("run", "--force", "clip/step1")
    assert.strictEqual(both.code, 0, both.stderr)
    assert.deepStrictEqual(project.executions(), ["add 11", "clip 50"])
  })

  it("keeps both where a node makes other bytes, says so with exit code 3, and goes on with the first", async () => {
    project.edit(
      "stages/add/stage.ts",
      "plus(value, params.by)",
      "plus(value, params.by) + Number(process.env[\"RIG_DRIFT\"] ?? 0)",
    )
    await project.dag("run")
    project.executions()
    const before = records()
    assert.notInclude((await project.dag("status")).stdout, "conflict")
    for (const time of ["first", "second"]) {
      const forced = await project.start(["run", "--force", "add/step0"], { RIG_DRIFT: "1" }).ended
      assert.strictEqual(forced.code, 3, time)
      assert.match(forced.stdout, /^conflict add\/step0 {2}.* made other bytes than before; the first ones count$/mu)
      assert.deepStrictEqual(project.executions(), ["add 1"])
      assert.deepStrictEqual(records(), before)
      const status = await project.dag("status")
      assert.match(
        status.stdout,
        /^conflict add\/step0 {2}executed another time it made other bytes of numbers \(key [0-9a-f]{10}, .* UTC on .*\) than those that count$/mu,
      )
      assert.lengthOf(project.files("artifacts/conflicts"), 1)
    }
    const { conflicts } = JSON.parse((await project.dag("status", "--json")).stdout) as {
      readonly conflicts: ReadonlyArray<
        { readonly node: string; readonly outputs: ReadonlyArray<{ readonly name: string }> }
      >
    }
    assert.deepStrictEqual(conflicts.map(({ node, outputs }) => [node, outputs.map(({ name }) => name)]), [[
      "add/step0",
      ["numbers"],
    ]])
    assert.include((await project.dag("status")).stdout, "0 will run, 8 up to date")
    // The first bytes again are no conflict.
    const same = await project.dag("run", "--force", "add/step0")
    assert.deepStrictEqual([same.code, /made the same again/u.test(same.stdout)], [0, true])
  })

  it("with --replace lets other bytes count from now on, and keeps the first ones as the conflict", async () => {
    project.edit(
      "stages/add/stage.ts",
      "plus(value, params.by)",
      "plus(value, params.by) + Number(process.env[\"RIG_DRIFT\"] ?? 0)",
    )
    await project.dag("run")
    project.executions()
    const shown = async (node: string): Promise<unknown> =>
      JSON.parse((await project.dag("show", node, "--json")).stdout)
    const first = await shown("add/step1")
    const total = await shown("total")
    const replace = (drift: string) =>
      project.start(["run", "--force", "--replace", "add/step1"], { RIG_DRIFT: drift }).ended
    const replaced = await replace("1")
    assert.strictEqual(replaced.code, 0, replaced.stderr)
    assert.match(replaced.stdout, /^conflict add\/step1 {2}.* made other bytes than before; these count from now on$/mu)
    assert.notDeepEqual(await shown("add/step1"), first)
    // What takes it as input runs with the other bytes.
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 10", "clip 50", "total"])
    assert.notDeepEqual(await shown("total"), total)
    const status = (await project.dag("status")).stdout
    assert.lengthOf(status.match(/^conflict add\/step1 /gmu) ?? [], 1)
    assert.match(status, /^ +To have the bytes of another execution count: dag run NODE --force --replace$/mu)
    assert.lengthOf(project.files("artifacts/conflicts"), 1)
    assert.strictEqual((await project.dag("verify")).code, 0)
    // And back: then all is as it was.
    assert.strictEqual((await replace("0")).code, 0)
    assert.deepStrictEqual([await shown("add/step1"), project.executions()], [first, ["add 10"]])
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual([await shown("total"), project.executions()], [total, []])
    // The help says how a run ends.
    const help = (await project.dag("run", "--help")).stdout
    assert.match(help.replaceAll(/\s+/gu, " "), /3: a node of --force made other bytes than the store has/u)
    assert.match((await project.dag("run", "--replace")).stderr, /^error: --replace: needs --force\n {2}help: .*\n$/u)
  })

  it("wants to be told what: a run of everything again is asked for by name", async () => {
    const none = await project.dag("run", "--force", "--yes")
    assert.strictEqual(none.code, 2)
    assert.match(none.stderr, /^error: --force: needs the nodes to execute again\n {2}help: .*\n$/u)
    assert.deepStrictEqual(project.executions(), [])
    assert.strictEqual((await project.dag("run", "*", "--force")).code, 0)
    assert.lengthOf(project.executions(), 8)
  })

  slowly("takes the place of what was accepted", async () => {
    await project.dag("run")
    project.edit("stages/count.ts", "`${what}\\n`", "what + \"\\n\"")
    await project.dag("accept", "read", "add/step0", "--reason", "written otherwise")
    project.executions()
    assert.strictEqual((await project.dag("run", "--force", "add/step0")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 1"])
    const { accepted } = JSON.parse((await project.dag("status", "--json")).stdout) as { readonly accepted: number }
    assert.strictEqual(accepted, 1)
    assert.lengthOf(project.files("artifacts/accepted"), 1)
  })
})

describe("dag run --freeze", () => {
  const project = sharedProject()

  it("leaves nodes as they last were, records nothing for them, and runs the rest from their bytes", async () => {
    await project.dag("run")
    project.executions()
    const before = project.files("artifacts/actions").length
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    project.edit("params.yaml", "by: 1\n", "by: 2\n")
    const frozen = await project.dag("run", "--freeze", "add/step1")
    assert.strictEqual(frozen.code, 0, frozen.stderr)
    assert.deepStrictEqual(project.executions(), ["add 2", "clip 50", "total"])
    assert.match(frozen.stderr, /^note: this node stays as it last was, whatever changed: add\/step1$/mu)
    assert.match(frozen.stdout, /^frozen {3}add\/step1 {2}stays as it last was$/mu)
    assert.lengthOf(project.files("artifacts/actions"), before + 3)
    const log = project.files("artifacts/runs").map((file) => readFileSync(file, "utf8")).at(-1) ?? ""
    assert.match(log, /"_tag":"NodeCached","node":"add\/step1",.*"frozen":true/u)
    // Read with the numbers of before: 2 + 1 to 2 + 3, then 10 + 1 to 10 + 3.
    const shown = await project.dag("show", "total", "--json")
    assert.deepStrictEqual(JSON.parse(shown.stdout), [{ total: 198, tables: 3 }])
    // The next run knows of no freezing.
    assert.match(
      (await project.dag("plan")).stdout,
      /^run {6}add\/step1(?: {2}about .*)?\n[^]*1 will run, 2 may run, 5 up to date$/mu,
    )
    await project.dag("run")
    assert.deepStrictEqual(project.executions(), ["add 11", "clip 50", "total"])
  })

  slowly("says what it cannot leave as it was, and what is told two things at once", async () => {
    const none = await project.dag("run", "--freeze", "add/step1")
    assert.strictEqual(none.code, 1)
    assert.match(none.stderr, /^error: add\/step1: cannot stay as it last was: it has not run\n {2}help: .*\n$/u)
    const both = await project.dag("run", "add", "--force", "--freeze", "add/step1")
    assert.match(both.stderr, /^error: add\/step1: is to be executed by --force and to stay as it is by --freeze\n/u)
    assert.match((await project.dag("run", "--freeze", "nobody")).stderr, /^error: nobody: selects no node/u)
    assert.deepStrictEqual(project.executions(), [])
  })
})
