import { assert, describe, it } from "@effect/vitest"
import { renameSync } from "node:fs"
import { slowly } from "../../../rig/often.ts"
import { eventually, sharedProject } from "../../../rig/project.ts"
import { Watch } from "../../../rig/watch.ts"

const adds = ["add 1", "add 10", "add 100"]
const clips = ["clip 50", "clip 50", "clip 50"]

describe("a watch and edits", () => {
  const project = sharedProject()

  /** A fresh plan has nothing to run. */
  const assertCurrent = async (...words: ReadonlyArray<string>) => {
    const { stdout, code, stderr } = await project.dag("status", "--json", ...words)
    assert.strictEqual(code, 0, stderr)
    assert.notMatch(stdout, /"(?:WillRun|MayRun|willRun|mayRun)": [1-9]/u)
  }

  it("brings nodes up to date, and after an edit of YAML those that it affects", async () => {
    const watch = new Watch(project, [])
    const first = await watch.worked()
    assert.deepStrictEqual(project.executions(), [...adds, ...clips, "read", "total"])
    // Nothing was edited: there is one plan and one run, and each node starts once.
    assert.deepStrictEqual(
      ["WatchPlanned", "RunStarted", "NodeStarted", "RunFinished"].map((tag) => watch.of(tag).length),
      [1, 1, 8, 1],
    )
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await watch.worked(first)
    assert.deepStrictEqual(project.executions(), ["add 11", "clip 50", "total"])
    assert.deepStrictEqual(watch.of("WatchChanged", first)[0]?.["paths"], ["params.yaml"])
    assert.deepStrictEqual(watch.of("WatchBuilding"), [])
    await assertCurrent()
    assert.strictEqual((await watch.end()).code, 130)
  })

  it("takes an edit of a corpus file, and a selection", async () => {
    const watch = new Watch(project, ["add/step0"])
    const first = await watch.worked()
    assert.deepStrictEqual(project.executions(), ["add 1", "read"])
    project.write("numbers.txt", "5\n6\n")
    await watch.worked(first)
    assert.deepStrictEqual(project.executions(), ["add 1", "read"])
    await watch.end()
  })

  slowly("takes an edit of a file that a plan has just begun to read", async () => {
    project.edit(
      "dag.config.ts",
      "profiles: {",
      `profiles: {
    named: (dag) => {
      const { text } = dag.yaml("params.yaml", Params)
      dag.add(total, { name: "all", params: {}, inputs: { numbers: [numbers(dag, text.greeting + ".txt")] } })
    },`,
    )
    project.write("hello.txt", "1\n")
    project.write("other.txt", "2\n")
    const watch = new Watch(project, ["--profile", "named"])
    const first = await watch.worked()
    project.edit("params.yaml", "hello", "other")
    const planned = await watch.until("it has planned", ({ _tag }) => _tag === "WatchPlanned", first)
    // Perhaps before it is watched.
    project.write("other.txt", "3\n")
    let at = await watch.settled(planned)
    const totalOf = async (): Promise<string> =>
      (await project.dag("show", "total/all", "--profile", "named", "--csv")).stdout.split("\n")[1] ?? ""
    while (!(await totalOf()).startsWith("3")) at = await watch.settled(at)
    await assertCurrent("--profile", "named")
    await watch.end()
  })

  slowly("runs what a file lacked once it appears", async () => {
    const watch = new Watch(project, ["--profile", "missing"])
    const first = await watch.worked()
    assert.deepStrictEqual(watch.of("WatchPlanned")[0]?.["missing"], ["the numbers"])
    assert.deepStrictEqual(project.executions(), ["add 1", "read"])
    project.write("absent.txt", "7\n")
    await watch.worked(first)
    assert.deepStrictEqual(project.executions(), ["add 1", "read"])
    await watch.end()
  })

  it("builds after an edit of a stage and runs what reaches it; a comment runs nothing", async () => {
    const watch = new Watch(project, [])
    const first = await watch.worked()
    project.executions()
    project.edit("stages/add/plus.ts", "one + other", "one + other + 1")
    const second = await watch.worked(first)
    assert.deepStrictEqual(project.executions(), [...adds, ...clips, "total"])
    assert.lengthOf(watch.of("WatchBuilding"), 1)
    project.edit("stages/add/plus.ts", "/** ", "/** Gives ")
    await watch.settled(second)
    assert.deepStrictEqual(project.executions(), [])
    await assertCurrent()
    await watch.end()
  })

  it("says a mistake in the configuration once, with file and line, and goes on once it is repaired", async () => {
    const watch = new Watch(project, [])
    const first = await watch.worked()
    project.executions()
    const config = project.read("dag.config.ts")
    project.write("dag.config.ts", `${config}const = 3\n`)
    const broken = await watch.until("the mistake", ({ _tag }) => _tag === "WatchBroken", first)
    const line = config.split("\n").length
    assert.include(String(watch.lines[broken - 1]?.["text"]), `dag.config.ts:${line}`)
    // Saved again as it is, and data edited meanwhile. All of it is seen at once, so that one run executes what follows.
    watch.process.kill("SIGSTOP")
    project.write("dag.config.ts", `${config}const = 3\n`)
    project.edit("params.yaml", "by: 10\n", "by: 12\n")
    project.write("dag.config.ts", config)
    watch.process.kill("SIGCONT")
    await eventually(
      "the edit to be run",
      () => watch.of("WatchSettled", broken).some(({ executed }) => executed === 3) ? true : undefined,
    )
    assert.isAbove(watch.of("WatchRepaired").length, 0)
    assert.deepStrictEqual(project.executions(), ["add 12", "clip 50", "total"])
    await assertCurrent()
    await watch.end()
  })

  slowly(
    "says that a mistake in the configuration is repaired once it is, not when data is edited meanwhile",
    async () => {
      const watch = new Watch(project, [])
      const first = await watch.settled()
      const config = project.read("dag.config.ts")
      const numbers = project.read("numbers.txt")
      project.write("dag.config.ts", `}{${config}`)
      const broken = await watch.until("the mistake", ({ _tag }) => _tag === "WatchBroken", first)
      project.write("numbers.txt", numbers.replace("3", "4"))
      const edited = await watch.worked(broken)
      assert.deepStrictEqual(watch.of("WatchRepaired", first), [])
      project.write("dag.config.ts", config)
      const repaired = await watch.until("it is repaired", ({ _tag }) => _tag === "WatchRepaired", edited)
      project.write("numbers.txt", numbers)
      await watch.settled(repaired)
      assert.strictEqual(watch.of("WatchRepaired", first).length, 1)
      await watch.end()
    },
  )

  slowly("says a mistake in YAML with file and line, and goes on once it is repaired", async () => {
    const watch = new Watch(project, [])
    const first = await watch.worked()
    project.executions()
    project.edit("params.yaml", "by: 10\n", "by: ten\n")
    const problem = await watch.until("the mistake", ({ _tag }) => _tag === "WatchProblem", first)
    const line = project.read("params.yaml").split("\n").findIndex((text) => text.includes("ten")) + 1
    assert.deepInclude(watch.lines[problem - 1]?.["failure"], { file: "params.yaml", line })
    project.edit("params.yaml", "by: ten\n", "by: 13\n")
    await watch.worked(problem)
    assert.deepStrictEqual(project.executions(), ["add 13", "clip 50", "total"])
    await watch.end()
  })

  slowly(
    "does not name a file that comes and goes within a burst, and says what is wrong where no stage is left",
    async () => {
      const watch = new Watch(project, [])
      const first = await watch.worked()
      project.executions()
      // It sees all of it at once, however busy the machine is.
      watch.process.kill("SIGSTOP")
      for (const by of [14, 15, 16]) {
        project.write("params.yaml.part", project.read("params.yaml").replace(/by: 1\d\n/u, `by: ${by}\n`))
        renameSync(project.path("params.yaml.part"), project.path("params.yaml"))
      }
      watch.process.kill("SIGCONT")
      const second = await watch.worked(first)
      const named = watch.of("WatchChanged", first).flatMap(({ paths }) => paths)
      assert.include(named, "params.yaml")
      assert.notInclude(named, "params.yaml.part")
      renameSync(project.path("stages"), project.path("away"))
      const broken = await watch.until("it cannot be built", ({ _tag }) => _tag === "WatchBroken", second)
      assert.match(String(watch.lines[broken - 1]?.["text"]), /error: stages: .*\n {2}help: restore the folder/u)
      renameSync(project.path("away"), project.path("stages"))
      await watch.until("it is repaired", ({ _tag }) => _tag === "WatchRepaired", broken)
      await watch.end()
    },
  )

  it("ends where there is nothing to watch, and says why", async () => {
    const { code, stderr } = await project.dag("watch", "--json", "nobody")
    assert.strictEqual(code, 1)
    assert.match(stderr, /error: .*nobody/u)
    assert.deepStrictEqual(project.files("artifacts/tmp"), [])
  })
})
