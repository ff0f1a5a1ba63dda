import { assert, describe, it } from "@effect/vitest"
import { readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { sharedProject } from "../../rig/project.ts"

describe("a file of the store that says why nothing has to run, and that is damaged", () => {
  const project = sharedProject()

  /** Changes one letter of the one file in a folder of the store; its name in the store. */
  const damage = (folder: string): string => {
    const [file = ""] = project.files(`artifacts/${folder}`)
    const text = readFileSync(file, "utf8")
    writeFileSync(file, text.replace(/"key": "(.)/u, (_, digit) => `"key": "${digit === "0" ? "1" : "0"}`))
    return `${folder}/${basename(file)}`
  }

  /** Looks and runs; each says what is damaged before anything is executed. */
  const assertNoted = async (profile: string, file: string) => {
    for (const command of ["status", "plan", "run"]) {
      assert.deepStrictEqual(project.executions(), [], command)
      const { code, stderr } = await project.dag(command, "--profile", profile)
      assert.strictEqual(code, 0, command)
      assert.match(stderr, new RegExp(`^note: ${file} is damaged[^\\n]*dag repair\\n$`, "u"), command)
    }
  }

  it("is named by status, plan and run where it declares what was accepted, and is listed", async () => {
    await project.dag("run")
    project.edit("stages/count.ts", "`${what}\\n`", "what + \"\\n\"")
    await project.dag("accept", "read", "--reason", "written otherwise")
    project.executions()
    const file = damage("accepted")
    const { stdout } = await project.dag("accept", "--list")
    assert.match(stdout, /^\(not known\) +damaged +[0-9a-f]{10} +the file is damaged/mu)
    const listed = JSON.parse((await project.dag("accept", "--list", "--json")).stdout) as ReadonlyArray<object>
    assert.lengthOf(listed, 1)
    assert.include(listed[0], { counts: false })
    await assertNoted("main", file)
    assert.include(project.executions(), "read")
    // Repair moves it away, and nobody speaks of it any more.
    assert.strictEqual((await project.dag("repair")).code, 0)
    assert.strictEqual((await project.dag("plan")).stderr, "")
  })

  it("is named by status, plan and run where it lists what was released, and is the reason in the plan", async () => {
    await project.dag("run", "--profile", "trained")
    assert.strictEqual((await project.dag("gc", "--older-than", "0s", "--checkpoints", "none", "--yes")).code, 0)
    assert.match((await project.dag("plan", "--profile", "trained")).stdout, /0 will run, 3 up to date/u)
    project.executions()
    const file = damage("released")
    const { stdout } = await project.dag("plan", "--profile", "trained")
    assert.match(
      stdout,
      /^run +weigh\/trained\n +object [0-9a-f]{10} is gone from the store, and its list of released files is damaged\n/mu,
    )
    await assertNoted("trained", file)
    assert.deepStrictEqual(project.executions(), ["weigh t"])
  })
})
