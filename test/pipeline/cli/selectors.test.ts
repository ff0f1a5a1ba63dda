import { assert, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"

describe("selectors of commands", () => {
  const project = sharedProject()

  const names = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
    const { code, stdout, stderr } = await project.dag("ls", "--json", ...words)
    assert.strictEqual(code, 0, stderr)
    return (JSON.parse(stdout) as ReadonlyArray<{ readonly node: string }>).map(({ node }) => node)
  }

  it("say that every node is excluded", async () => {
    const { stderr } = await project.dag("plan", "--exclude", "*")
    assert.include(stderr, "note: every node of profile \"main\" is excluded\n")
  })

  it("exclude nodes from a run, and what cannot do without them unless that is up to date", async () => {
    const run = await project.dag("run", "--exclude", "add/step1")
    assert.strictEqual(run.code, 0, run.stderr)
    assert.deepStrictEqual(project.executions(), ["add 1", "add 100", "clip 50", "clip 50", "read"])
    assert.include(run.stdout, "3 not needed")
    assert.deepStrictEqual(await names("state:fresh"), [
      "read/numbers",
      "add/step0",
      "clip/step0",
      "add/step2",
      "clip/step2",
    ])
    assert.deepStrictEqual(await names("state:stale"), ["add/step1", "clip/step1", "total/all"])
    assert.deepStrictEqual(await names("state:stale,+clip"), ["add/step1", "clip/step1"])
    // The rest needs it now, and all is there afterwards.
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 10", "clip 50", "total"])
    // What is excluded and up to date is used.
    const forced = await project.dag("run", "--force", "add+", "--exclude", "add")
    assert.strictEqual(forced.code, 0, forced.stderr)
    assert.deepStrictEqual(project.executions(), ["clip 50", "clip 50", "clip 50", "total"])
  })

  it("execute with --force what an operator adds", async () => {
    await project.dag("run")
    project.executions()
    const forced = await project.dag("run", "--force", "+clip/step0,add")
    assert.strictEqual(forced.code, 0, forced.stderr)
    assert.deepStrictEqual(project.executions(), ["add 1"])
    assert.strictEqual((await project.dag("run", "--force", "1+clip/step1+")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 10", "clip 50", "total"])
    assert.strictEqual((await project.dag("run", "--force", "stage=add,by=100")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 100"])
  })

  it("run what failed once more, and do nothing where nothing did", async () => {
    const first = await project.dag("run", "state:failed")
    assert.strictEqual(first.code, 0, first.stderr)
    assert.include(first.stderr, "no node of profile \"main\" is state:failed now")
    assert.deepStrictEqual(project.executions(), [])
    const words = ["--profile", "heavy"]
    const failed = await project.behaving({ b: "stage" }, ["run", "--keep-going", ...words])
    assert.strictEqual(failed.code, 1)
    assert.deepStrictEqual(await names("state:failed", ...words), ["heavy/b"])
    project.executions()
    const again = await project.dag("run", "state:failed", ...words)
    assert.strictEqual(again.code, 0, again.stderr)
    assert.deepStrictEqual(project.executions(), ["heavy b"])
    assert.deepStrictEqual(await names("state:failed", ...words), [])
  })

  it("count and plan what they select", async () => {
    await project.dag("run", "add/step0")
    const status = await project.dag("status", "add")
    assert.include(status.stdout, "3 nodes: 2 will run, 1 up to date")
    const plan = await project.dag("plan", "clip", "--exclude", "add/step1", "--json")
    const states = JSON.parse(plan.stdout) as ReadonlyArray<{ readonly node: string; readonly state: string }>
    assert.deepStrictEqual(
      states.filter(({ state }) => state === "unneeded").map(({ node }) => node),
      ["add/step1", "clip/step1"],
    )
    const pinned = await project.dag("pin", "first", "add", "--exclude", "add/step1 add/step2")
    assert.strictEqual(pinned.code, 0, pinned.stderr)
    assert.include(pinned.stdout, "Pinned 2 nodes as first")
  })

  it("that select nothing propose others, and say where they cannot be read", async () => {
    for (
      const [selector, message, help] of [
        ["ad/step0", "selects no node of profile \"main\"", "did you mean \"add/step0\"?"],
        ["add/step", "selects no node", "did you mean \"add/step*\""],
        ["step1", "selects no node", "did you mean \"*/step1\"?"],
        ["stage=ad", "no node of profile \"main\" has stage=ad", "did you mean \"stage=add\"?"],
        ["bye=1", "have no \"bye\"", "did you mean \"by=1\"?"],
        ["add,clip", "no node of profile \"main\" is all of these", "put a space there"],
        ["add,,clip", "a comma has nothing beside it (at character 5)", "on both sides"],
        ["state:stal", "there is no state \"stal\" (at character 7)", "did you mean \"state:stale\"?"],
        ["state:modified", "there is no state \"modified\"", "did you mean \"state:stale\"?"],
        ["heavy", "selects no node of profile", "add --profile heavy, which has it"],
        ["stage:add", "selects no node", "did you mean \"stage=add\"?"],
        ["@+add", "exclude each other (at character 1)", "@add"],
      ] as const
    ) {
      const { code, stderr } = await project.dag("ls", selector)
      assert.strictEqual(code, 1, selector)
      assert.include(stderr.replaceAll(/\s+/gu, " "), message)
      assert.include(stderr.replaceAll(/\s+/gu, " "), help)
    }
    const run = await project.dag("run", "--exclude", "ad/step0")
    assert.strictEqual(run.code, 1)
    assert.include(run.stderr, "did you mean \"add/step0\"?")
    assert.deepStrictEqual(project.executions(), [])
  })
})
