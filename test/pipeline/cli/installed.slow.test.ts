import { assert, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"

describe("a package that is installed during a run", () => {
  const project = sharedProject()
  const install = (version: string, value: number) => {
    project.write(
      "node_modules/tiny/package.json",
      JSON.stringify({ name: "tiny", version, type: "module", main: "index.js" }),
    )
    project.write("node_modules/tiny/index.js", `export const zero = ${value}\n`)
  }

  it("is in nothing that is recorded with the version before it", async () => {
    install("1.0.0", 0)
    project.edit("stages/heavy/stage.ts", "import { one,", "import { zero } from \"tiny\"\nimport { one,")
    project.edit("stages/heavy/stage.ts", "value + label.length", "value + label.length + zero")
    const run = project.start(["run", "--profile", "heavy"], { RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) })
    // It has loaded what was there; "b" may have, and "c", which comes after them, has not.
    await project.process("heavy", "a")
    install("1.0.1", 100)
    project.open()
    const { code, stdout, stderr } = await run.ended
    assert.strictEqual(code, 1, stdout + stderr)
    assert.match(stdout + stderr, /failed +heavy\/[bc]\n *a package or a source that it loads changed while dag ran/u)

    project.executions()
    const again = await project.dag("run", "--profile", "heavy")
    assert.strictEqual(again.code, 0, again.stderr)
    assert.includeMembers([...project.executions()].map((line) => line.slice(0, 7)), ["heavy a", "heavy b", "heavy c"])
    // Each of the three numbers goes through heavy three times, which adds the 100 of the new version each time.
    assert.include((await project.dag("show", "total/all", "--profile", "heavy", "--json")).stdout, "\"total\": 921")
  })
})
