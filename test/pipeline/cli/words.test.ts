import { assert, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"

describe("what a command says that cannot go on", () => {
  const project = sharedProject()

  it("names a command that can be copied, whether nodes were named or not", async () => {
    for (const [words, help] of [[[], "run"], [["add", "read"], "run add read"]] as const) {
      const { code, stderr } = await project.dag("pin", "kept", ...words)
      assert.strictEqual(code, 1)
      assert.match(stderr, new RegExp(`\n {2}help: run first: dag ${help} --profile main\n$`, "u"))
    }
  })

  it("speaks of one node and of several", async () => {
    await project.dag("run")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    const one = await project.dag("show", "clip/step1")
    assert.include(one.stderr, "it depends on add/step1, which is not")
    project.edit("params.yaml", "by: 100\n", "by: 101\n")
    const several = await project.dag("show", "total/all")
    assert.include(several.stderr, "it depends on clip/step1, clip/step2, which are not")
    const refused = await project.dag("accept", "total/all", "--reason", "x")
    assert.include(refused.stderr, "it depends on clip/step1, clip/step2, which are not up to date")
  })
})
