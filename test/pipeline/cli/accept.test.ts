import { assert, describe, it } from "@effect/vitest"
import { readFileSync, rmSync } from "node:fs"
import { slowly } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"

describe("dag accept", () => {
  const project = sharedProject()

  /** An edit that every stage's program holds and that changes nothing. */
  const editAll = () => project.edit("stages/count.ts", "`${what}\\n`", "what + \"\\n\"")
  const accept = (...words: ReadonlyArray<string>) => project.dag("accept", ...words, "--reason", "written otherwise")
  const planned = async () => (await project.dag("plan")).stdout.trimEnd().split("\n").at(-1)

  it("lets a whole chain stay as it was whose code changed in one file, and says so everywhere", async () => {
    await project.dag("run")
    project.executions()
    const before = await project.dag("results")
    editAll()
    assert.strictEqual(await planned(), "8 nodes: 8 will run, 0 up to date")
    const accepted = await accept("*")
    assert.strictEqual(accepted.code, 0, accepted.stderr)
    assert.match(accepted.stdout, /^accepted read\/numbers\n +code stages\/count\.ts: count changed\n/u)
    assert.include(accepted.stdout, "8 nodes stay as they last were")
    assert.strictEqual(await planned(), "8 nodes: 0 will run, 8 up to date")
    const ran = await project.dag("run")
    assert.deepStrictEqual([ran.code, project.executions()], [0, []])
    const foot =
      "8 nodes have accepted changes (read/numbers, add/step0, clip/step0, add/step1 and 4 more): dag accept --list\n"
    assert.include(ran.stdout, foot)
    assert.strictEqual((await project.dag("results")).stdout, `${before.stdout}\n${foot}`)
    assert.include((await project.dag("status")).stdout, foot)
    const lineage = await project.dag("lineage", "add/step1")
    assert.match(
      lineage.stdout,
      /^add\/step1 {2}key [0-9a-f]{10}\n {2}accepted "written otherwise" \(\d{4}-\d\d-\d\d\): stands for action [0-9a-f]{10}, from which it differs by\n {4}code stages\/count\.ts: count changed\n {2}made /mu,
    )
    assert.include((await project.dag("why", "clip/step0")).stdout, "accepted \"written otherwise\"")
    const listed = await project.dag("accept", "--list")
    assert.lengthOf(listed.stdout.match(/ counts .* written otherwise$/gmu) ?? [], 8)
    // The declaration itself keeps what it says.
    const [file = ""] = project.files("artifacts/accepted")
    assert.include(readFileSync(file, "utf8"), "\"reason\": \"written otherwise\"")
  })

  it("is gone at the next change, and where the old code comes back", async () => {
    await project.dag("run")
    editAll()
    await accept("*")
    project.executions()
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    assert.strictEqual(await planned(), "8 nodes: 1 will run, 2 may run, 5 up to date")
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 11", "clip 50", "total"])
    const status = JSON.parse((await project.dag("status", "--json")).stdout) as { readonly accepted: number }
    assert.strictEqual(status.accepted, 5)
    project.edit("stages/count.ts", "what + \"\\n\"", "`${what}\\n`")
    const back = JSON.parse((await project.dag("status", "--json")).stdout) as {
      readonly accepted: number
      readonly upToDate: number
    }
    assert.deepStrictEqual([back.accepted, back.upToDate], [0, 5])
  })

  slowly("counts again where the next change is undone, as it said, until it is taken back", async () => {
    await project.dag("run")
    editAll()
    const said = await accept("*")
    assert.include(said.stdout, "Another change counts; where it is undone, what was accepted counts again.")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await project.dag("run")
    project.executions()
    project.edit("params.yaml", "by: 11\n", "by: 10\n")
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), [])
    assert.lengthOf((await project.dag("accept", "--list")).stdout.match(/ counts .*$/gmu) ?? [], 8)
    await project.dag("accept", "--remove", "add/step1")
    await project.dag("run")
    assert.deepStrictEqual(project.executions(), ["add 10"])
  })

  it("is taken back with --remove: the nodes run", async () => {
    await project.dag("run")
    editAll()
    await accept("read", "add")
    project.executions()
    const removed = await project.dag("accept", "--remove", "add/step2")
    assert.strictEqual(removed.stdout, "Taken back: add/step2. A run executes it.\n")
    assert.strictEqual((await project.dag("run", "add")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 100"])
    const again = await project.dag("accept", "--remove", "add/step2")
    assert.strictEqual(again.code, 1)
    assert.match(again.stderr, /^error: nothing is accepted for these nodes\n {2}help: .*\n$/u)
  })

  slowly("is taken back too where what changed since left it behind, or its node is gone", async () => {
    await project.dag("run")
    editAll()
    await accept("read", "add")
    const list = async () => (await project.dag("accept", "--list")).stdout
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    assert.match(await list(), /^add\/step1 +changed since /mu)
    const removed = await project.dag("accept", "--remove", "add/step1")
    assert.strictEqual(removed.stdout, "Taken back: add/step1. It counted for nothing any more.\n")
    assert.notInclude(await list(), "add/step1")
    // Of a node that is gone, and of one that it counts for: that one runs.
    project.edit("params.yaml", "  - by: 100\n", "")
    const several = await project.dag("accept", "--remove", "add")
    assert.strictEqual(several.stdout, "Taken back: add/step0, add/step2. A run executes add/step0.\n")
    const last = await project.dag("accept", "--remove", "*")
    assert.strictEqual(last.stdout, "Taken back: read/numbers. A run executes it.\n")
    assert.strictEqual(await list(), "Nothing was accepted.\n")
  })

  it("refuses nodes that have nothing to stand for them, and then accepts none", async () => {
    const refused = async (words: ReadonlyArray<string>, why: string) => {
      const ended = await accept(...words)
      assert.strictEqual(ended.code, 1, ended.stdout)
      assert.include(ended.stderr, why)
      assert.match(ended.stderr, /^error: .*\n {2}help: .*\n$/u)
      assert.deepStrictEqual(project.files("artifacts/accepted"), [])
    }
    await refused(["read"], "read/numbers: cannot be accepted: it has not run")
    await project.dag("run")
    editAll()
    await refused(["add", "clip"], "add/step0: cannot be accepted: it depends on read/numbers, which is not up to date")
    const [outputs] = JSON.parse((await project.dag("ls", "read", "--json")).stdout) as ReadonlyArray<
      { readonly outputs: { readonly numbers: { readonly digest: string } } }
    >
    const digest = outputs?.outputs.numbers.digest ?? ""
    rmSync(project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2)))
    await refused(["read"], "read/numbers: cannot be accepted: what it last made is gone or damaged")
    project.edit("schemas/totals.ts", "tables: Schema.Int }", "tables: Schema.Int, more: Schema.Int }")
    project.edit("stages/count.ts", "what + \"\\n\"", "`${what}\\n`")
    await refused(["nothing"], "nothing: selects no node")
    assert.include((await project.dag("accept", "read")).stderr, "--reason: is not given")
    assert.include((await project.dag("accept", "--reason", "x")).stderr, "no node is named")
  })

  it("leaves out, with a note, what a selector selects beside that has never run", async () => {
    await project.dag("run", "read", "add/step0", "add/step1")
    editAll()
    const several = await accept("*")
    assert.strictEqual(several.code, 0, several.stderr)
    assert.include(several.stdout, "3 nodes stay as they last were")
    assert.match(several.stderr, /^note: 5 nodes are left out \(.* and 1 more\), each since it has not run\n$/u)
    const named = await accept("read", "add/step2")
    assert.deepStrictEqual([named.code, named.stdout], [1, ""])
    assert.include(named.stderr, "add/step2: cannot be accepted: it has not run")
    const none = await accept("clip")
    assert.strictEqual(none.code, 1)
    assert.include(none.stderr, "clip/step0: cannot be accepted: it has not run")
  })

  slowly("refuses a node whose columns changed", async () => {
    await project.dag("run")
    project.edit("schemas/totals.ts", "tables: Schema.Int }", "tables: Schema.Int, more: Schema.Int }")
    project.edit("stages/total/stage.ts", "tables: inputs.numbers.length }", "tables: inputs.numbers.length, more: 1 }")
    assert.include(
      (await accept("total")).stderr,
      "total/all: cannot be accepted: it makes other columns than it last did",
    )
  })
})
