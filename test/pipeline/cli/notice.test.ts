import { assert, beforeEach, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"
import { noTerminal, onTerminal } from "../../rig/terminal.ts"
import { Watch } from "../../rig/watch.ts"

describe("what an experiment has to say of a machine before nodes run on it", () => {
  const project = sharedProject()
  beforeEach(() => declare())

  /** Concerns the nodes that add; asks unless the machine is `able`. */
  const declare = (able = false): void => {
    const facts = { device: able ? "gpu" : "cpu" }
    const asks = { question: "Do it by hand?", message: "this machine cannot add", help: "use another, or --yes" }
    const notice = { lines: ["adding: by hand", "not by machine: no power"], facts, ...(able ? {} : { asks }) }
    project.reset()
    project.edit("dag.config.ts", "import { Schema }", "import { Effect, Schema }")
    project.edit(
      "dag.config.ts",
      "  results,",
      `  checks: { power: { run: async () => ({ status: "absent", detail: "no power" }) } },
  notices: [{
    concerns: (params) => "by" in params,
    checks: ["power"],
    of: ({ nodes, findings }) => Effect.succeed(findings.get("power")?.detail === "no power" && nodes.length > 0
      ? ${JSON.stringify(notice)}
      : { lines: ["wrong"], facts: {} }),
  }],
  results,`,
    )
  }
  const words = "adding: by hand\n  not by machine: no power\n"

  it("is an error with help where nobody can answer, and nothing runs without a yes", async () => {
    for (const json of [[], ["--json"]]) {
      const { code, stdout, stderr } = await project.dag("run", ...json)
      assert.strictEqual(code, 1)
      if (json.length === 0) assert.include(stderr, "error: this machine cannot add\n  help: use another, or --yes")
      else assert.include(JSON.stringify(JSON.parse(stdout)), "this machine cannot add")
      assert.deepStrictEqual(project.executions(), [])
    }
    const watch = await project.dag("watch")
    assert.strictEqual(watch.code, 1)
    assert.include(watch.stdout, words)
    assert.include(watch.stderr, "error: this machine cannot add")
    assert.deepStrictEqual(project.executions(), [])

    const run = await project.dag("run", "--yes", "--json")
    assert.strictEqual(run.code, 0, run.stderr)
    assert.deepStrictEqual(JSON.parse(run.stdout.split("\n")[0] ?? ""), { notice: { device: "cpu" } })
    assert.lengthOf(project.executions(), 8)
    // Nothing that it concerns would run.
    const again = await project.dag("run")
    assert.deepStrictEqual([again.code, again.stdout.includes("adding")], [0, false])
  })

  it("does not hold up nodes that it does not concern, nor a machine that is able", async () => {
    const other = await project.dag("run", "read")
    assert.deepStrictEqual([other.code, other.stdout.includes("adding")], [0, false])
    declare(true)
    const run = await project.dag("run")
    assert.strictEqual(run.code, 0, run.stderr)
    assert.include(run.stdout, words)
  })

  it("is in plan and in --dry-run, for machines at the nodes that it concerns", async () => {
    for (const command of [["plan"], ["run", "--dry-run"]]) {
      const text = await project.dag(...command)
      assert.strictEqual(text.code, 0)
      assert.include(text.stdout, words)
      const rows = JSON.parse((await project.dag(...command, "--json")).stdout) as ReadonlyArray<
        { readonly node: string; readonly notice?: object }
      >
      assert.deepStrictEqual(
        rows.flatMap(({ node, notice }) => notice === undefined ? [] : [[node, notice]]),
        ["add/step0", "add/step1", "add/step2"].map((node) => [node, { device: "cpu" }]),
      )
    }
    assert.deepStrictEqual(project.executions(), [])
  })

  it("holds up what an edit during a watch wants, where a yes is not for that, until the edit is undone", async () => {
    project.edit("dag.config.ts", "checks: [\"power\"],", "checks: [\"power\"], asksAgain: true,")
    const before = await project.dag("run", "--yes")
    assert.strictEqual(before.code, 0, before.stderr)
    project.executions()

    // Nothing is to run at first, so that nobody is asked.
    const watch = new Watch(project, [])
    const first = await watch.settled()
    project.edit("params.yaml", "by: 10\n", "by: 12\n")
    const held = await watch.until("it says why", ({ _tag }) => _tag === "WatchProblem", first)
    assert.include(JSON.stringify(watch.lines[held - 1]), "this machine cannot add; nothing of this edit runs")
    // Nor does an edit of code, for which the watch starts another engine.
    project.edit("stages/add/stage.ts", "Adds a number", "Adds one number")
    const again = await watch.until("it says so again", ({ _tag }) => _tag === "WatchProblem", held)
    assert.deepStrictEqual(project.executions(), [])
    project.edit("params.yaml", "by: 12\n", "by: 10\n")
    await watch.settled(again)
    assert.deepStrictEqual(project.executions(), [])
    await watch.end()

    const agreed = new Watch(project, ["--yes"])
    const begun = await agreed.settled()
    project.edit("params.yaml", "by: 10\n", "by: 12\n")
    await agreed.worked(begun)
    assert.include(project.executions(), "add 12")
    await agreed.end()
  })

  it.skipIf(noTerminal !== "")(`asks on a terminal, where the Return key alone is no yes${noTerminal}`, async () => {
    const answered = (typed: string) => onTerminal(project, "run", {}, { question: "[y/N]", typed })
    const no = await answered("\r")
    assert.match(no.stdout, /Do it by hand\? \[y\/N\][^]*Nothing was done\./u)
    assert.deepStrictEqual([no.code, project.executions()], [0, []])
    const yes = await answered("y\r")
    assert.notInclude(yes.stdout, "Go on?")
    assert.strictEqual(yes.code, 0)
    assert.lengthOf(project.executions(), 8)
  })
})
